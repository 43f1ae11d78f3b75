/** Changes of a text. */
import type { Span } from "./module_outline.ts";

/** What stands in the place of a stretch of a text. */
export interface TextEdit extends Span {
  /** A text, or pieces: texts, and stretches that stay, with the edits within them. */
  readonly text: string | readonly (string | Span)[];
}

/** The text with all of them; one within another comes into effect where the other lets stay what it is in. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  const sorted = edits.toSorted((a, b) => a.start - b.start || b.end - a.end);
  return rendered(text, { start: 0, end: text.length }, sorted);
}

/** @param edits Those of which some may be within the stretch, the outer ones first. */
function rendered(text: string, { start, end }: Span, edits: readonly TextEdit[]): string {
  const pieces: string[] = [];
  let at = start;
  edits.forEach((edit, index) => {
    if (edit.start < at || edit.end > end) return;
    pieces.push(text.slice(at, edit.start));
    at = edit.end;
    if (typeof edit.text === "string") return void pieces.push(edit.text);
    const inner = edits.slice(index + 1).filter((each) => each.start < edit.end);
    pieces.push(
      ...edit.text.map((piece) => typeof piece === "string" ? piece : rendered(text, piece, inner)),
    );
  });
  return pieces.join("") + text.slice(at, end);
}
