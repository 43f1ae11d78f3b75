/** The page that answers an error unless an application has its own. */

/** A body and its type. */
export interface ErrorPage {
  readonly contentType: string;
  readonly body: string;
}

/**
 * The default error page: the status and its reason; the stack of `error` as plain text if it is
 * given, which only the setting `serveTraceback` does.
 */
export function errorPage(
  status: number,
  options: { reason: string; error?: unknown },
): ErrorPage {
  const { reason, error } = options;
  if (error !== undefined) {
    return { contentType: "text/plain; charset=UTF-8", body: traceback(error) };
  }
  const title = `${status}: ${escapeText(reason)}`;
  return {
    contentType: "text/html; charset=UTF-8",
    body: `<html><title>${title}</title><body>${title}</body></html>`,
  };
}

function traceback(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? String(error);
  return error.cause === undefined ? stack : `${stack}\nCaused by: ${traceback(error.cause)}`;
}

/** A reason may hold what a client sent. */
function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
