import { ParseError, type ParseErrorOptions } from "./parse_error.ts";

/** The text of a template and its name: what an error needs to show its place. */
export class SourceText {
  /** The name of the template. */
  readonly name: string;
  /** The whole text. */
  readonly text: string;
  #lines: readonly string[] | undefined;

  /**
   * @param name The name of the template.
   * @param text The whole text.
   */
  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  /** One line of the text, counted from 1. */
  line(number: number): string {
    this.#lines ??= this.text.split("\n");
    return this.#lines[number - 1] ?? "";
  }

  /** The error for a mistake on a line of this text. */
  error(reason: string, line: number, options: ParseErrorOptions = {}): ParseError {
    return new ParseError(reason, {
      filename: this.name,
      line,
      sourceLine: this.line(line),
      ...options,
    });
  }
}

/** Counts the line breaks of `text` from `start` up to `end`. */
export function countNewlines(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) {
    if (text.charCodeAt(at) === 0x0a) count++;
  }
  return count;
}
