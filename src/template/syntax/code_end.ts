/** What ends the code of a tag. */
export type Closer = "}}" | "%}";

/**
 * Finds the delimiter that ends the JavaScript of a tag, skipping delimiters inside strings,
 * template literals, comments, regular expressions and braces.
 *
 * Looks at every character at most once and keeps no more state than the open braces.
 *
 * @param text The template.
 * @param from Where the code begins.
 * @param closer `"}}"` or `"%}"`.
 * @returns The position of the delimiter, or -1 when the code leaves something open.
 */
export function codeEnd(text: string, from: number, closer: Closer): number {
  return new CodeScanner(text, from, closer).end();
}

/** The words after which an operand is expected. */
const OPERATOR_WORDS = new Set(
  "await case delete do else in instanceof new of return throw typeof void yield".split(" "),
);

const WORD = /[\p{L}\p{N}_$]+/uy;

class CodeScanner {
  readonly #text: string;
  readonly #closer: Closer;
  /** The open braces: of code, or of a `${` in a template literal. */
  readonly #open: ("{" | "${")[] = [];
  #at: number;
  /** Whether a slash would begin a regular expression here, rather than divide. */
  #operand = true;

  constructor(text: string, from: number, closer: Closer) {
    this.#text = text;
    this.#at = from;
    this.#closer = closer;
  }

  end(): number {
    while (this.#at !== -1 && this.#at < this.#text.length) {
      if (this.#closes()) return this.#at;
      this.#step();
    }
    return -1;
  }

  /** `%}` is never JavaScript; `}}` may close two braces. */
  #closes(): boolean {
    const outside = this.#closer === "%}" || this.#open.length === 0;
    return outside && this.#text.startsWith(this.#closer, this.#at);
  }

  #step(): void {
    const char = this.#text.charAt(this.#at);
    if (/\s/.test(char)) this.#at++;
    else if (char === '"' || char === "'") this.#operandEndsAt(this.#literalEnd(char));
    else if (char === "`") this.#templateText();
    else if (char === "/") this.#slash();
    else if (!this.#word()) this.#punctuator(char);
  }

  #operandEndsAt(end: number): void {
    this.#at = end;
    this.#operand = false;
  }

  #word(): boolean {
    WORD.lastIndex = this.#at;
    const word = WORD.exec(this.#text)?.[0];
    if (word === undefined) return false;
    const property = this.#text[this.#at - 1] === ".";
    this.#at += word.length;
    this.#operand = !property && OPERATOR_WORDS.has(word);
    return true;
  }

  #punctuator(char: string): void {
    if (char === "{") this.#open.push("{");
    if (char === "}" && this.#open.pop() === "${") return this.#templateText();
    const twice = (char === "+" || char === "-") && this.#text[this.#at + 1] === char;
    this.#at += twice ? 2 : 1;
    this.#operand = !twice && !/[)\]}]/.test(char);
  }

  #slash(): void {
    if (this.#text.startsWith("//", this.#at)) this.#at = this.#lineCommentEnd();
    else if (this.#text.startsWith("/*", this.#at)) this.#at = this.#blockCommentEnd();
    else if (this.#operand) this.#operandEndsAt(this.#literalEnd("/"));
    else this.#punctuator("/");
  }

  /** A tag on one line ends a comment in it, too. */
  #lineCommentEnd(): number {
    const newline = this.#text.indexOf("\n", this.#at);
    const end = newline === -1 ? this.#text.length : newline;
    const closer = this.#text.slice(this.#at, end).indexOf(this.#closer);
    return closer === -1 ? end : this.#at + closer;
  }

  #blockCommentEnd(): number {
    const end = this.#text.indexOf("*/", this.#at + 2);
    return end === -1 ? -1 : end + 2;
  }

  /** Skips a string or a regular expression, neither of which spans lines. */
  #literalEnd(quote: string): number {
    let inClass = false;
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const char = this.#text[at];
      if (char === quote && !inClass) return at + 1;
      if (char === "\\") at++;
      else if (char === "\n") return -1;
      else if (quote === "/" && char === "[") inClass = true;
      else if (char === "]") inClass = false;
    }
    return -1;
  }

  /** Skips the text of a template literal from its `` ` `` or `}` to its end or to the next `${`. */
  #templateText(): void {
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const char = this.#text[at];
      if (char === "`") return this.#operandEndsAt(at + 1);
      if (char === "\\") at++;
      else if (char === "$" && this.#text[at + 1] === "{") {
        this.#open.push("${");
        this.#at = at + 2;
        this.#operand = true;
        return;
      }
    }
    this.#at = -1;
  }
}
