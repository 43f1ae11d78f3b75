/** Which of its plural forms a language takes for a number. */
export type PluralIndex = (count: number) => number;

/** The rule of English, and of gettext where a catalogue has none. */
export const GERMANIC: PluralIndex = (count) => count === 1 ? 0 : 1;

/** Longer rules than the longest known one, of Arabic, are no rules. */
const MAX_LENGTH = 1000;

/**
 * Reads the `Plural-Forms` header of a gettext catalogue: an expression of C about `n`. It is
 * interpreted, never evaluated as code.
 *
 * @param header Such as `nplurals=2; plural=(n != 1);`.
 * @throws {SyntaxError} When it is no such expression.
 */
export function parsePluralForms(header: string): PluralIndex {
  const [, forms, rule] = /nplurals\s*=\s*(\d+)\s*;\s*plural\s*=\s*([^;]+)/.exec(header) ?? [];
  if (rule === undefined || header.length > MAX_LENGTH) {
    throw new SyntaxError(`Cannot read the plural forms "${header.slice(0, 80)}"`);
  }
  const evaluate = new RuleParser(rule).parse();
  const last = Math.max(Number(forms) - 1, 0);
  return (count) => Math.min(Math.max(Math.trunc(evaluate(Math.abs(count))), 0), last);
}

/** A number-valued expression about `n`; truth is 1. */
type Rule = (n: number) => number;

/** The binary operators of C, by how tightly they bind, loosest first. */
const OPERATORS: readonly Readonly<Record<string, (a: number, b: number) => number>>[] = [
  { "||": (a, b) => Number(a !== 0 || b !== 0) },
  { "&&": (a, b) => Number(a !== 0 && b !== 0) },
  { "==": (a, b) => Number(a === b), "!=": (a, b) => Number(a !== b) },
  {
    "<=": (a, b) => Number(a <= b),
    ">=": (a, b) => Number(a >= b),
    "<": (a, b) => Number(a < b),
    ">": (a, b) => Number(a > b),
  },
  { "+": (a, b) => a + b, "-": (a, b) => a - b },
  {
    "*": (a, b) => a * b,
    "/": (a, b) => b === 0 ? 0 : Math.trunc(a / b),
    "%": (a, b) => b === 0 ? 0 : a % b,
  },
];

class RuleParser {
  readonly #rule: string;
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(rule: string) {
    this.#rule = rule;
    this.#tokens = rule.match(/\d+|n|[|&=!<>]=|\|\||&&|\S/g) ?? [];
  }

  parse(): Rule {
    const rule = this.#condition();
    if (this.#next < this.#tokens.length) throw this.#error();
    return rule;
  }

  #condition(): Rule {
    const test = this.#binary(0);
    if (!this.#take("?")) return test;
    const yes = this.#condition();
    if (!this.#take(":")) throw this.#error();
    const no = this.#condition();
    return (n) => test(n) !== 0 ? yes(n) : no(n);
  }

  #binary(level: number): Rule {
    const operators = OPERATORS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const token = this.#tokens[this.#next] ?? "";
      const operate = Object.hasOwn(operators, token) ? operators[token] : undefined;
      if (operate === undefined) return left;
      this.#next++;
      const [first, second] = [left, this.#binary(level + 1)];
      left = (n) => operate(first(n), second(n));
    }
  }

  #unary(): Rule {
    if (this.#take("!")) {
      const operand = this.#unary();
      return (n) => Number(operand(n) === 0);
    }
    if (this.#take("(")) {
      const inner = this.#condition();
      if (!this.#take(")")) throw this.#error();
      return inner;
    }
    return this.#value();
  }

  #value(): Rule {
    const token = this.#tokens[this.#next++] ?? "";
    if (token === "n") return (n) => n;
    if (!/^\d+$/.test(token)) throw this.#error();
    const value = Number(token);
    return () => value;
  }

  #take(token: string): boolean {
    const found = this.#tokens[this.#next] === token;
    if (found) this.#next++;
    return found;
  }

  #error(): SyntaxError {
    return new SyntaxError(`Cannot read the plural rule "${this.#rule.slice(0, 80)}"`);
  }
}
