import { type Closer, codeEnd } from "./code_end.ts";
import { countNewlines, type SourceText } from "./source_text.ts";

/** Text between directives. */
export interface TextToken {
  readonly kind: "text";
  readonly text: string;
  readonly line: number;
}

/** `{{ code }}`. */
export interface ExpressionToken {
  readonly kind: "expression";
  readonly code: string;
  readonly line: number;
}

/** `{% operator suffix %}`. */
export interface TagToken {
  readonly kind: "tag";
  readonly operator: string;
  /** What follows the operator, as written. */
  readonly suffix: string;
  readonly line: number;
  /** The line on which the suffix begins. */
  readonly suffixLine: number;
}

/** One piece of a template. */
export type Token = TextToken | ExpressionToken | TagToken;

/** The operators whose suffix holds JavaScript, in which a delimiter may be quoted. */
const CODE_OPERATORS = /\s*(?:apply|elif|else|except|catch|for|if|module|raw|set|while)\b/y;

/** Splits a template into text and directives, counting lines. */
export class Lexer {
  readonly #source: string;
  readonly #file: SourceText;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  #countedTo = 0;
  /** Falls to `false` when quotes do not match: looking for them again would cost quadratic time. */
  #readQuotes = true;

  /** @param file The template to read. */
  constructor(file: SourceText) {
    this.#source = file.text;
    this.#file = file;
  }

  /**
   * Reads all of the template.
   *
   * @throws {ParseError} When a directive is not closed or is empty.
   */
  tokens(): Token[] {
    while (this.#at < this.#source.length) this.#next();
    return this.#tokens;
  }

  #next(): void {
    const start = this.#directiveStart();
    this.#text(start);
    if (start === this.#source.length) return;
    const opener = this.#source.slice(start, start + 2);
    if (this.#source[start + 2] === "!") {
      this.#tokens.push({ kind: "text", text: opener, line: this.#line });
      this.#at = start + 3;
    } else if (opener === "{#") this.#comment();
    else if (opener === "{{") this.#expression();
    else this.#tag();
  }

  /** Of several braces in a row the innermost two count, for the sake of languages full of them. */
  #directiveStart(): number {
    const opener = /\{(?:\{(?!\{)|[%#])/g;
    opener.lastIndex = this.#at;
    return opener.exec(this.#source)?.index ?? this.#source.length;
  }

  #text(end: number): void {
    const text = this.#source.slice(this.#at, end);
    if (text !== "") this.#tokens.push({ kind: "text", text, line: this.#lineAt(this.#at) });
    this.#at = end;
    this.#lineAt(end);
  }

  #comment(): void {
    const end = this.#source.indexOf("#}", this.#at + 2);
    if (end === -1) {
      throw this.#file.error("Missing end comment #}", this.#line, {
        hint: "Write #} where the comment ends, or {#! for braces that shall show",
      });
    }
    this.#at = end + 2;
  }

  #expression(): void {
    const line = this.#line;
    const code = this.#content("}}", "Missing end expression }}", true);
    if (code.trim() === "") {
      throw this.#file.error("Empty expression", line, {
        hint: "Write {{ expression }}, or {{! for braces that shall show",
      });
    }
    this.#tokens.push({ kind: "expression", code, line });
  }

  #tag(): void {
    const line = this.#line;
    CODE_OPERATORS.lastIndex = this.#at + 2;
    const holdsCode = CODE_OPERATORS.test(this.#source);
    const content = this.#content("%}", "Missing end block %}", holdsCode);
    if (content.trim() === "") {
      throw this.#file.error("Empty block tag ({% %})", line, {
        hint: "Write a tag, or {%! for braces that shall show",
      });
    }
    const start = content.length - content.trimStart().length;
    const operator = /^(?:\w+|\S+)/.exec(content.slice(start))?.[0] ?? "";
    const suffixLine = line + countNewlines(content, 0, start + operator.length);
    const suffix = content.slice(start + operator.length);
    this.#tokens.push({ kind: "tag", operator, suffix, line, suffixLine });
  }

  #content(closer: Closer, missing: string, holdsCode: boolean): string {
    const start = this.#at + 2;
    let end = this.#source.indexOf(closer, start);
    if (end === -1) {
      throw this.#file.error(missing, this.#line, {
        hint: `Write ${closer} where the code ends, or ${closer === "}}" ? "{{!" : "{%!"} for ` +
          "braces that shall show",
      });
    }
    // Only what is quoted can hide the delimiter, so most tags need no second look.
    if (holdsCode && this.#readQuotes && /["'`{/]/.test(this.#source.slice(start, end))) {
      const quoted = codeEnd(this.#source, start, closer);
      this.#readQuotes = quoted !== -1;
      if (quoted !== -1) end = quoted;
    }
    this.#at = end + 2;
    return this.#source.slice(start, end);
  }

  #lineAt(position: number): number {
    this.#line += countNewlines(this.#source, this.#countedTo, position);
    this.#countedTo = position;
    return this.#line;
  }
}
