/** The page that tells a client which of its input was refused. */
import { acceptWeight } from "../../http/fields/accept.ts";
import { isJson, parseContentType } from "../../http/fields/content_type.ts";
import { xhtmlEscape } from "../../text/escape/xhtml.ts";
import type { ErrorPage } from "./error_page.ts";
import { reasonPhrase } from "../http_error.ts";
import type { HTTPServerRequest } from "../request/http_server_request.ts";
import { describeIssue } from "../input_issue.ts";
import { ValidationError } from "../validation.ts";

/** Issues on one page: who sends more has to mend these first. */
const MAX_ISSUES = 100;

/**
 * Adds the issues of a {@linkcode ValidationError} to the error page: in JSON, as `{ status, reason,
 * issues: [{ message, path }] }`, for a client that prefers it to HTML, or that sent JSON and has no
 * preference; else as a list. The page of any other error stays as it is.
 *
 * @param page The error page.
 * @param error What led to it.
 * @param request What is answered.
 */
export function withIssues(page: ErrorPage, error: unknown, request: HTTPServerRequest): ErrorPage {
  if (!(error instanceof ValidationError)) return page;
  const issues = error.issues.slice(0, MAX_ISSUES);
  if (prefersJson(request)) {
    const { status, reason = reasonPhrase(status) } = error;
    return {
      contentType: "application/json; charset=UTF-8",
      body: JSON.stringify({ status, reason, issues }),
    };
  }
  const list = issues.map((issue) => `<li>${xhtmlEscape(describeIssue(issue))}</li>`).join("");
  return { ...page, body: page.body.replace(/(?=<\/body>)/, () => `<ul>${list}</ul>`) };
}

function prefersJson(request: HTTPServerRequest): boolean {
  const accept = request.header("accept");
  const json = acceptWeight(accept, "application/json");
  const html = acceptWeight(accept, "text/html");
  if (json !== html) return json > html;
  const type = request.header("content-type");
  return json > 0 && type !== null && isJson(parseContentType(type).type);
}
