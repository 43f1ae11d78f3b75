/** The syntax tree of a regular expression, as far as it tells how long matching takes. */

/** A part of a regular expression. */
export type RegExpNode =
  | { readonly kind: "character"; readonly set: CharacterSet }
  | { readonly kind: "sequence"; readonly parts: readonly RegExpNode[] }
  | { readonly kind: "choice"; readonly options: readonly RegExpNode[] }
  | { readonly kind: "capture"; readonly index: number; readonly body: RegExpNode }
  | Repeat
  /** What takes no character: `\b`, `^`, a look-around with its body. */
  | { readonly kind: "assertion"; readonly body: RegExpNode | null };

/** A quantifier and what it stands behind. */
export interface Repeat {
  readonly kind: "repeat";
  readonly body: RegExpNode;
  readonly min: number;
  readonly max: number;
  readonly greedy: boolean;
}

/** See {@linkcode parseRegExp}. */
export interface RegExpSyntax {
  readonly root: RegExpNode;
  /** The names of the captures in order; `undefined` for one without. */
  readonly names: readonly (string | undefined)[];
}

/** Which characters one place of an expression takes. */
export class CharacterSet {
  /** Whether it has each of the 128 of ASCII, and in the end whether it may have any other. */
  readonly table: Uint8Array = new Uint8Array(129);
  readonly #test: RegExp;

  /** @param source A class, an escape, a dot or one character. */
  constructor(source: string, flags: string) {
    this.#test = new RegExp(`^(?:${source})$`, flags);
    for (let code = 0; code < 128; code++) this.table[code] = Number(this.#has(code));
    this.table[128] = Number(["\u00e9", "\u017f", "\u4e00"].some((text) => this.#test.test(text)));
  }

  /** Whether a character is in the set. */
  hasAt(text: string, at: number): boolean {
    const code = text.charCodeAt(at);
    return code < 128 ? this.table[code] === 1 : this.#has(code);
  }

  #has(code: number): boolean {
    return this.#test.test(String.fromCharCode(code));
  }
}

/**
 * Reads a regular expression.
 *
 * @returns `null` if it refers back to a group, or has the flag `v`: such an expression is not
 *   understood.
 */
export function parseRegExp({ source, flags }: RegExp): RegExpSyntax | null {
  if (flags.includes("v")) return null;
  try {
    return new Parser(source, flags.replace(/[gyd]/g, "")).parse();
  } catch (error) {
    if (error instanceof NotUnderstood) return null;
    throw error;
  }
}

/** Made where it is thrown: an error of a module's top level costs a start 8 ms, see `tests/bench`. */
class NotUnderstood extends Error {}

const QUANTIFIER = /(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})/y;
const GROUP = /\((?:\?(?:<(?![=!])([^>]+)>|(:)|(<?[=!])))?/y;
const CLASS = /\[(?:\\[^]|[^\]\\])*\]/y;
const ESCAPE = /\\(?:u\{[\da-f]+\}|p\{[^}]*\}|u[\da-f]{4}|x[\da-f]{2}|c[a-z]|[^])/iy;

class Parser {
  readonly #source: string;
  readonly #flags: string;
  readonly #names: (string | undefined)[] = [];
  #at = 0;

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#flags = flags;
  }

  parse(): RegExpSyntax {
    const root = this.#choice();
    if (this.#at < this.#source.length) throw new NotUnderstood();
    return { root, names: this.#names };
  }

  #choice(): RegExpNode {
    const options = [this.#sequence()];
    while (this.#source[this.#at] === "|") {
      this.#at++;
      options.push(this.#sequence());
    }
    const [only] = options;
    return options.length === 1 && only ? only : { kind: "choice", options };
  }

  #sequence(): RegExpNode {
    const parts: RegExpNode[] = [];
    while (this.#at < this.#source.length && !/[|)]/.test(this.#source.charAt(this.#at))) {
      parts.push(this.#quantified(this.#atom()));
    }
    return { kind: "sequence", parts };
  }

  #atom(): RegExpNode {
    const character = this.#source.charAt(this.#at);
    if (character === "(") return this.#group();
    if (character === "[") return this.#character(CLASS);
    if (character === "\\") return this.#escape();
    this.#at++;
    if (character === "^" || character === "$") return { kind: "assertion", body: null };
    return { kind: "character", set: new CharacterSet(literal(character), this.#flags) };
  }

  #group(): RegExpNode {
    const [, name, plain, look] = this.#take(GROUP);
    const captures = plain === undefined && look === undefined;
    const index = captures ? this.#names.push(name) : 0;
    const body = this.#choice();
    if (this.#source[this.#at++] !== ")") throw new NotUnderstood();
    if (look !== undefined) return { kind: "assertion", body };
    return captures ? { kind: "capture", index, body } : body;
  }

  #escape(): RegExpNode {
    const next = this.#source.charAt(this.#at + 1);
    // Back references: what they take depends on what was taken.
    if (/[1-9k]/.test(next)) throw new NotUnderstood();
    if (/[bB]/.test(next)) {
      this.#at += 2;
      return { kind: "assertion", body: null };
    }
    return this.#character(ESCAPE);
  }

  #character(token: RegExp): RegExpNode {
    const [source] = this.#take(token);
    return { kind: "character", set: new CharacterSet(source, this.#flags) };
  }

  #quantified(body: RegExpNode): RegExpNode {
    QUANTIFIER.lastIndex = this.#at;
    const found = QUANTIFIER.exec(this.#source);
    if (found === null) return body;
    this.#at += found[0].length;
    const greedy = this.#source[this.#at] !== "?";
    if (!greedy) this.#at++;
    return { kind: "repeat", body, ...bounds(found), greedy };
  }

  #take(token: RegExp): RegExpExecArray {
    token.lastIndex = this.#at;
    const found = token.exec(this.#source);
    if (found === null) throw new NotUnderstood();
    this.#at += found[0].length;
    return found;
  }
}

function literal(character: string): string {
  return character === "." ? "." : RegExp.escape(character);
}

function bounds([text, least, comma, most]: RegExpExecArray): { min: number; max: number } {
  if (text === "?") return { min: 0, max: 1 };
  if (text === "*") return { min: 0, max: Infinity };
  if (text === "+") return { min: 1, max: Infinity };
  const min = Number(least);
  return { min, max: comma === undefined ? min : most ? Number(most) : Infinity };
}
