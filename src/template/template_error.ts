import { excerpt, hideFields } from "./syntax/parse_error.ts";

/**
 * A line of a template: its name, the line from 1, the line's text, and how it was reached.
 *
 * @category Templates and pages
 */
export type TemplatePlace = readonly [
  filename: string,
  line: number,
  sourceLine: string,
  via: string,
];

/**
 * What helps to mend a {@linkcode TemplateError}.
 *
 * @category Templates and pages
 */
export interface TemplateErrorOptions extends ErrorOptions {
  /** What to write instead. */
  readonly hint?: string;
}

/**
 * An error in an expression of a template while a page is rendered.
 *
 * The message starts with `reason at file:line`; the source line and a hint follow on lines of
 * their own. The cause is the error that the expression threw, if it threw one.
 *
 * @example
 * ```ts
 * import { Template, TemplateError } from "@gustnado/gustnado";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const page = new Template("<p>\n{{ user.name }}", { name: "page.html" });
 * const error = assertThrows(() => page.generate({ user: null }), TemplateError);
 * assertEquals([error.filename, error.line], ["page.html", 2]);
 * assertEquals(error.cause instanceof TypeError, true);
 * ```
 *
 * @category Templates and pages
 */
export class TemplateError extends Error {
  /** The name of the class. */
  override readonly name = "TemplateError";
  /** What went wrong, without the place. */
  readonly reason: string;
  /** The name of the template that holds the expression. */
  readonly filename: string;
  /** The line, counted from 1. */
  readonly line: number;
  /** The text of that line. */
  readonly sourceLine: string;
  /** What to write instead, or `""`. */
  readonly hint: string;

  /**
   * Describes one failure.
   *
   * @param reason What went wrong.
   * @param place Where.
   * @param options The hint and the cause.
   */
  constructor(reason: string, place: TemplatePlace, options: TemplateErrorOptions = {}) {
    const [filename, line, sourceLine] = place;
    const hint = options.hint ?? "";
    super(
      `${reason} at ${placeText(place)}\n    ${excerpt(sourceLine)}` +
        (hint === "" ? "" : `\n    Hint: ${hint}`),
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.reason = reason;
    this.filename = filename;
    this.line = line;
    this.sourceLine = sourceLine;
    this.hint = hint;
    hideFields(this);
  }
}

/** A place as errors show it: `page.html:3 (via base.html:1)`. */
export function placeText([filename, line, , via]: TemplatePlace): string {
  return `${filename}:${line}${via === "" ? "" : ` (via ${via})`}`;
}
