/** The page that answers an error unless an application has its own. */

/** A body and its type. */
export interface ErrorPage {
  readonly contentType: string;
  readonly body: string;
}

/**
 * The default error page: the status and its reason; the stack of `error` as plain text if it is
 * given, which only the setting `serveTraceback` does. With the `nonce` of a content security policy,
 * the page has its style in spite of it.
 */
export function errorPage(
  status: number,
  options: { reason: string; error?: unknown; nonce?: string },
): ErrorPage {
  const { reason, error, nonce = "" } = options;
  if (error !== undefined) {
    return { contentType: "text/plain; charset=UTF-8", body: traceback(error) };
  }
  return {
    contentType: "text/html; charset=UTF-8",
    body: page(`${status}: ${escapeText(reason)}`, escapeText(nonce)),
  };
}

/**
 * A page that needs no other file. Where a policy forbids its style, the browser's own colours for
 * light and dark remain.
 */
function page(title: string, nonce: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style${nonce && ` nonce="${nonce}"`}>${STYLE}</style>
</head>
<body><main><h1>${title}</h1></main></body></html>`;
}

const STYLE = `
body { background: light-dark(#eef2f7, #0d131c); color: light-dark(#16202e, #e6ecf4); display: grid;
  font: 1rem/1.25 system-ui, sans-serif; margin: 0; min-height: 100dvh; place-items: center }
main { background: light-dark(#fff, #151d29); border: 1px solid light-dark(#dbe2ec, #2a3646);
  border-radius: 1.25rem; margin: 1rem; overflow-wrap: anywhere; padding: min(2rem, 8vw) }
h1 { font-size: min(1.5rem, 8vw); font-weight: 600; margin: 0 }
`;

/** The error and what caused it, each once: nothing keeps an error from being its own cause. */
function traceback(error: unknown): string {
  const errors = new Set<unknown>();
  for (let next = error; next !== undefined && !errors.has(next); next = causeOf(next)) {
    errors.add(next);
  }
  return [...errors].map(stackOf).join("\nCaused by: ");
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? String(error) : String(error);
}

/** A reason may hold what a client sent. */
function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
