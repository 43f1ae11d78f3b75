/**
 * What happens to white space in the text of a template: `"all"` keeps it; `"single"` makes one
 * space, or one line break, of every run; `"oneline"` makes one space of every run.
 *
 * @category Templates and pages
 */
export type Whitespace = "all" | "single" | "oneline";

/** Tells whether `mode` is one of the three whitespace modes. */
export function isWhitespace(mode: unknown): mode is Whitespace {
  return mode === "all" || mode === "single" || mode === "oneline";
}

/** The mode of a file nobody gave one: `"single"` for names that end in `.html` or `.js`. */
export function defaultWhitespace(name: string): Whitespace {
  return /\.(?:html|js)$/.test(name) ? "single" : "all";
}

/** Text with one of these in it holds white space that shows. */
const PREFORMATTED = /<\/?(?:pre|textarea)[\s>]/i;

/**
 * Applies a whitespace mode to text (`tornado.template.filter_whitespace`).
 *
 * Only HTML's own white space counts, so a no-break space stays.
 *
 * @param mode One of `"all"`, `"single"`, `"oneline"`.
 * @param text The text.
 * @throws {RangeError} For another mode.
 *
 * @example
 * ```ts
 * import { template } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const text = "one   two\n\n  three";
 * assertEquals(template.filterWhitespace("all", text), text);
 * assertEquals(template.filterWhitespace("single", text), "one two\nthree");
 * assertEquals(template.filterWhitespace("oneline", text), "one two three");
 * ```
 *
 * @category Templates and pages
 */
export function filterWhitespace(mode: Whitespace, text: string): string {
  switch (mode) {
    case "all":
      return text;
    case "single":
      return text.replace(/[ \t\n\r\f\v]+/g, squeezeRun);
    case "oneline":
      return text.replace(/[ \t\n\r\f\v]+/g, " ");
    default:
      throw new RangeError(
        `Cannot filter whitespace: "${mode}" is not one of "all", "single", "oneline"`,
      );
  }
}

function squeezeRun(run: string): string {
  return run.includes("\n") ? "\n" : run.replace(/[ \t]+/g, " ");
}

/** Applies a mode to the text between two directives, leaving preformatted text alone. */
export function filterText(mode: Whitespace, text: string): string {
  return PREFORMATTED.test(text) ? text : filterWhitespace(mode, text);
}
