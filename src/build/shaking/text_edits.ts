/** Changes of a text. */
import type { Span } from "./module_outline.ts";

/** What stands in the place of a stretch of a text. */
export interface TextEdit extends Span {
  readonly text: string;
}

/** The text with all of them; one within another is part of it. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (edit.start < at) continue;
    pieces.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  return pieces.join("") + text.slice(at);
}
