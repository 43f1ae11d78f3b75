/** What is shown in the place of an application that cannot start. */
import { html } from "../text/html_tag.ts";
import { developmentPage } from "../web/development/development_page.ts";
import { excerpt, text } from "../web/development/error_report_page.ts";
import { readExcerpt } from "../web/development/source_excerpt.ts";
import { framesOf, localPath } from "../platform/stack_frame.ts";

const TITLE = "The application does not run";
const HINT = "It starts again, and this page with it, when a file changes.";

/**
 * The page, with the lines around the first place that the text names.
 *
 * @param message What the application has written at its end.
 * @param nonce What a policy asks of styles, or `""`.
 */
export function failurePage(message: string, nonce: string): string {
  const body = html`${text(message, "What it has written")}${sources(message)}`;
  return developmentPage({ title: TITLE, body, note: HINT, nonce });
}

function sources(message: string): unknown {
  const frame = framesOf(message).find(({ of }) => of === "application");
  const path = frame === undefined ? null : localPath(frame.file);
  if (frame === undefined || path === null) return [];
  const source = readExcerpt(path, frame.line);
  return source === null ? [] : excerpt(`${path}:${frame.line}:${frame.column}`, source);
}

/** The same for those who are no browsers. */
export function failureText(message: string): string {
  return `${TITLE}\n${HINT}\n\n${message}\n`;
}
