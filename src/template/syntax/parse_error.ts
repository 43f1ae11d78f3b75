/**
 * Where a {@linkcode ParseError} is, and what helps to mend it.
 *
 * @category Templates and pages
 */
export interface ParseErrorOptions extends ErrorOptions {
  /** The name of the template. */
  readonly filename?: string;
  /** The line, counted from 1; 0 when it is not known. */
  readonly line?: number;
  /** The text of that line. */
  readonly sourceLine?: string;
  /** What to write instead. */
  readonly hint?: string;
}

/**
 * A template that cannot be compiled (`tornado.template.ParseError`).
 *
 * The message starts with `reason at file:line`; the source line and a hint follow on lines of
 * their own.
 *
 * @example
 * ```ts
 * import { ParseError, Template } from "@gustnado/gustnado";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const error = assertThrows(
 *   () => new Template("<ul>\n{% for name in names %}", { name: "list.html" }),
 *   ParseError,
 * );
 * assertEquals([error.filename, error.line], ["list.html", 2]);
 * ```
 *
 * @category Templates and pages
 */
export class ParseError extends Error {
  /** The name of the class. */
  override readonly name = "ParseError";
  /** What is wrong, without the place. */
  readonly reason: string;
  /** The name of the template, or `undefined`. */
  readonly filename: string | undefined;
  /** The line, counted from 1; 0 when it is not known. */
  readonly line: number;
  /** The text of that line, or `""`. */
  readonly sourceLine: string;
  /** What to write instead, or `""`. */
  readonly hint: string;

  /**
   * Describes one mistake.
   *
   * @param reason What is wrong.
   * @param options Where it is.
   */
  constructor(reason: string, options: ParseErrorOptions = {}) {
    super(describe(reason, options), options.cause === undefined ? {} : { cause: options.cause });
    this.reason = reason;
    this.filename = options.filename;
    this.line = options.line ?? 0;
    this.sourceLine = options.sourceLine ?? "";
    this.hint = options.hint ?? "";
    hideFields(this);
  }
}

/** Keeps the fields of an error from being printed below its message, which has all of them. */
export function hideFields(error: Error): void {
  for (const name of Object.keys(error)) Object.defineProperty(error, name, { enumerable: false });
}

function describe(reason: string, options: ParseErrorOptions): string {
  let text = `${reason} at ${options.filename ?? "an unnamed template"}:${options.line ?? 0}`;
  if (options.sourceLine) text += `\n    ${excerpt(options.sourceLine)}`;
  if (options.hint) text += `\n    Hint: ${options.hint}`;
  return text;
}

/** The start of a source line: enough to recognise it by. */
export function excerpt(sourceLine: string): string {
  const line = sourceLine.trim();
  return line.length > 100 ? `${line.slice(0, 100)}…` : line;
}
