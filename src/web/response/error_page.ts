/** The page that answers an error unless an application has its own. */
import { acceptWeight } from "../../http/fields/accept.ts";
import { isJson, mediaTypeOf } from "../../http/fields/content_type.ts";
import { stackOf } from "../../platform/node_builtins.ts";
import { escapedText } from "../../text/escape/escaped_text.ts";
import type { HTTPServerRequest } from "../request/http_server_request.ts";
import { describeIssue, ValidationError } from "../validation.ts";

/** A body and its type. */
export interface ErrorPage {
  readonly contentType: string;
  readonly body: string;
}

/**
 * The default error page: the status and its reason. With the `nonce` of a content security policy, the
 * page has its style in spite of it.
 */
export function errorPage(
  status: number,
  { reason, nonce = "" }: { readonly reason: string; readonly nonce?: string },
): ErrorPage {
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
body{background:light-dark(#eef2f7,#0d131c);color:light-dark(#16202e,#e6ecf4);display:grid;
font:1rem/1.25 system-ui,sans-serif;margin:0;min-height:100dvh;place-items:center}
main{background:light-dark(#fff,#151d29);border:1px solid light-dark(#dbe2ec,#2a3646);
border-radius:1.25rem;margin:1rem;overflow-wrap:anywhere;padding:min(2rem,8vw)}
h1{font-size:min(1.5rem,8vw);font-weight:600;margin:0}
`;

/**
 * The page with the stack of an error, as plain text: what the setting `serveTraceback` shows.
 *
 * The error and what caused it are there once each: nothing keeps an error from being its own cause.
 */
export function tracebackPage(error: unknown): ErrorPage {
  const errors = new Set<unknown>();
  for (let next = error; next !== undefined && !errors.has(next); next = causeOf(next)) {
    errors.add(next);
  }
  const body = [...errors].map(stackOf).join("\nCaused by: ");
  return { contentType: "text/plain; charset=UTF-8", body };
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

/** A reason may hold what a client sent. */
function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Issues on one page: who sends more has to mend these first. */
const MAX_ISSUES = 100;

/**
 * The error page as the client wants it: in JSON, as `{ status, reason }` and, of a
 * {@linkcode ValidationError}, `issues: [{ message, path }]`, for a client that prefers it to HTML, or
 * that sent JSON and has no preference; else as it is, with the issues in a list.
 *
 * @param page The error page.
 * @param status The status of the response.
 * @param options `reason` is that of the page; `error` is what led to it, `request` what is answered.
 */
export function asWanted(
  page: ErrorPage,
  status: number,
  { reason, error, request }: {
    readonly reason: string;
    readonly error: unknown;
    readonly request: HTTPServerRequest;
  },
): ErrorPage {
  // The stack of `serveTraceback` is plain text, and wanted as such.
  if (page.contentType.startsWith("text/html") && prefersJson(request)) {
    const body = JSON.stringify({ status, reason, issues: issuesOf(error) });
    return { contentType: "application/json; charset=UTF-8", body };
  }
  return withIssueList(page, error);
}

/** What JSON says of a {@linkcode ValidationError}; `undefined` for any other error. */
export function issuesOf(error: unknown): ValidationError["issues"] | undefined {
  return error instanceof ValidationError ? error.issues.slice(0, MAX_ISSUES) : undefined;
}

/** Adds what a {@linkcode ValidationError} says to a page in HTML. Any other page stays as it is. */
export function withIssueList(page: ErrorPage, error: unknown): ErrorPage {
  const issues = issuesOf(error);
  if (issues === undefined) return page;
  const list = issues.map((issue) => `<li>${escapedText(describeIssue(issue))}</li>`).join("");
  return { ...page, body: page.body.replace(/(?=<\/body>)/, () => `<ul>${list}</ul>`) };
}

/** Whether a client prefers JSON to HTML, or has no preference and sent JSON. */
export function prefersJson(request: HTTPServerRequest): boolean {
  const accept = request.header("accept");
  const json = acceptWeight(accept, "application/json");
  const html = acceptWeight(accept, "text/html");
  if (json !== html) return json > html;
  const type = request.header("content-type");
  return json > 0 && type !== null && isJson(mediaTypeOf(type));
}
