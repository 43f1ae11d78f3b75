/** Regular expressions that no text can make slow. */

/** What an expression took out of a text: the whole, then its groups. */
export type Captures = readonly (string | undefined)[] & {
  readonly groups?: Readonly<Record<string, string | undefined>> | undefined;
};

/** What matches whole texts. */
export interface WholeMatcher {
  /** The captures; `null` if the text does not match as a whole. */
  exec(text: string): Captures | null;
}

/**
 * Makes a matcher of an expression that is anchored at both ends, whose time grows with the text and
 * not with its square or worse. The runtime does the work where it is fast in every case.
 *
 * @param body The expression, without `^` and `$`.
 * @returns `null` if the runtime could take longer and the expression cannot be matched otherwise.
 */
export function linearMatcher(body: RegExp): WholeMatcher | null {
  const parsed = parseRegExp(body);
  // What is not understood has to be simple enough for its text to show it.
  const isFast = parsed === null ? isPlain(body.source) : !isAmbiguous(parsed);
  if (isFast) return anchored(body);
  return parsed?.runnable ? new LinearRegExp(parsed.program, parsed.names) : null;
}

/** Why an expression is refused, and what can be done. */
export const TOO_SLOW: string =
  "a long path could keep it busy for minutes, since its repetitions " +
  "can share a path between them in many ways; take a part as a whole, by (.*), and check it in " +
  "the handler";

/** The expression, anchored at both ends, and without state between two uses of it. */
export function anchored({ source, flags }: RegExp): RegExp {
  return new RegExp(`^(?:${source})$`, flags.replace(/[gy]/g, ""));
}

/**
 * Whether the text of an expression shows that it has one repetition at most. What refers back to a
 * group with one could compare all that it took, at every place.
 */
function isPlain(source: string): boolean {
  const bare = source.replace(/\\[1-9k]/g, "=").replace(/\\[^]|\[(?:\\[^]|[^\]\\])*\]/g, "x");
  const [before = "", ...others] = bare.replaceAll("(?", "(").split(/[*+?]\??|\{\d+,?\d*\}\??/);
  if (others.length === 0) return true;
  const isInGroup = before.split("(").length > before.split(")").length;
  return others.length === 1 && !before.endsWith(")") && !(isInGroup && bare.includes("="));
}

/** The places of a program's marks. */
type Marks = readonly (number | undefined)[];

/** Where to go on: at a step, a place, and with what was marked before. */
interface Way {
  readonly i: number;
  readonly at: number;
  readonly marks: Marks;
}

/** Tries one way after another, and no step twice at one place, where nothing else would come of it. */
class LinearRegExp implements WholeMatcher {
  readonly #program: Program;
  readonly #names: readonly (string | undefined)[];
  /** The number of each step that has to be tried no more than once; `-1` of others. */
  readonly #numbers: readonly number[];

  constructor(program: Program, names: readonly (string | undefined)[]) {
    this.#program = program;
    this.#names = names;
    this.#numbers = numbersOf(program);
  }

  exec(text: string): Captures | null {
    const tried = new Tried(this.#numbers, text.length);
    const ways: Way[] = [];
    for (
      let way: Way | undefined = { i: 0, at: 0, marks: [] };
      way !== undefined;
      way = ways.pop()
    ) {
      let { i, at, marks } = way;
      while (tried.isNew(i, at)) {
        const step = this.#program[i];
        if (step === undefined) {
          if (at === text.length) return this.#captures(text, marks);
          break;
        }
        if (step.set !== undefined) {
          const taken = step.set.takes(text, at);
          if (taken === 0) break;
          at += taken;
        } else if (step.untried !== undefined && tried.has(i + step.untried, at)) break;
        else marks = marked(step, marks, at);
        const [first = 0, second] = step.to;
        if (second !== undefined) ways.push({ i: i + second, at, marks });
        i += first;
      }
    }
    return null;
  }

  #captures(text: string, marks: Marks): Captures {
    const captures = this.#names.map((_, i) => {
      const [start, end] = marks.slice(2 * i + 2);
      return end === undefined ? undefined : text.slice(start, end);
    });
    return Object.assign([text, ...captures], { groups: this.#groups(captures) });
  }

  #groups(captures: Captures): Captures["groups"] {
    let groups: Record<string, string | undefined> | undefined;
    this.#names.forEach((name, i) => {
      if (name === undefined) return;
      groups ??= Object.create(null) as Record<string, string | undefined>;
      groups[name] ??= captures[i];
    });
    return groups;
  }
}

/** Numbers the steps that more than one other leads to, and those that `untried` asks for. */
function numbersOf(program: Program): number[] {
  const ways = Array<number>(program.length + 1).fill(0);
  program.forEach(({ to, untried }, at) => {
    for (const offset of to) ways[at + offset]! += 1;
    if (untried !== undefined) ways[at + untried] = 2;
  });
  let count = 0;
  return ways.map((each) => each > 1 ? count++ : -1);
}

/** The steps that were tried at each place: a bit for each of those that have a number. */
class Tried {
  readonly #numbers: readonly number[];
  readonly #width: number;
  readonly #bits: Uint8Array;

  constructor(numbers: readonly number[], length: number) {
    this.#numbers = numbers;
    this.#width = Math.max(...numbers) + 1;
    this.#bits = new Uint8Array(Math.ceil(this.#width * (length + 1) / 8));
  }

  /** Whether a step can bring anything new at a place, which it then no longer can. */
  isNew(step: number, at: number): boolean {
    const number = this.#numbers[step] ?? -1;
    if (number < 0) return true;
    const bit = at * this.#width + number;
    const bits = this.#bits[bit >> 3] ?? 0;
    this.#bits[bit >> 3] = bits | 1 << (bit & 7);
    return (bits >> (bit & 7) & 1) === 0;
  }

  has(step: number, at: number): boolean {
    const bit = at * this.#width + (this.#numbers[step] ?? 0);
    return ((this.#bits[bit >> 3] ?? 0) >> (bit & 7) & 1) === 1;
  }
}

function marked({ mark, forgotten }: Step, marks: Marks, at: number): Marks {
  if (mark === undefined && forgotten === undefined) return marks;
  const copy = [...marks];
  if (mark !== undefined) copy[mark] = at;
  forgotten?.forEach((mark) => copy[mark] = undefined);
  return copy;
}

// ---- whether the runtime matches an expression in linear time

/** How many ways the runtime may try where a text can be of any length, or else for how many steps. */
const MOST_WAYS = 1_000;
const MOST_STEPS_OF_WAYS = 10_000_000;

/**
 * Whether an expression that is anchored at both ends takes the runtime, which tries one way after
 * another, more than linear time in the worst case, or linear time many times over: where repetitions
 * can share what they take between them in many ways.
 */
function isAmbiguous({ program, hasAll }: ParsedRegExp): boolean {
  const loops = loopsIn(program);
  const most = loops.length > 0 ? MOST_WAYS : MOST_STEPS_OF_WAYS / program.length;
  return loops.includes(undefined) || waysIn(program, loops.length) > (hasAll ? most : 1);
}

/** The repetitions without an upper bound: what a turn takes, if that is one character. */
function loopsIn(program: Program): (CharacterSet | undefined)[] {
  return program.flatMap(({ to: [on = 1], assertion = [] }, at) => {
    if (on < 0) return [on === -2 ? program[at - 1]?.set : undefined];
    return loopsIn(assertion);
  });
}

/** For each character, and what is beyond the text, how many ways there are if that comes next. */
type Ways = readonly number[];

const NO_WAY: Ways = /* @__PURE__ */ Array<number>(130).fill(0);
const ANY_WAY: Ways = /* @__PURE__ */ Array<number>(130).fill(1);
const AT_END: Ways = /* @__PURE__ */ [...NO_WAY.slice(1), 1];

/** How many ways there are through a program; `Infinity` if there are more for a longer text. */
function waysIn(program: Program, loops: number, end: Ways = AT_END): number {
  const ways: Ways[] = [];
  ways[program.length] = end;
  for (let at = program.length - 1; at >= 0; at--) {
    ways[at] = waysFrom(program, at, { ways, loops });
  }
  return Math.max(...ways[0] ?? []);
}

function waysFrom(
  program: Program,
  at: number,
  { ways, loops }: { readonly ways: readonly Ways[]; readonly loops: number },
): Ways {
  const { to, set, assertion } = program[at] ?? { to: [] };
  const [one = NO_WAY, other = NO_WAY] = to.map((offset) => ways[at + offset]);
  // A way back to where a loop begins, which is not known yet, is told of there.
  if (set !== undefined) {
    const most = Math.max(1, ...one);
    return NO_WAY.map((_, code) => set.table[code] ? most : 0);
  }
  if (assertion !== undefined) {
    const inside = loopsIn(assertion).length;
    if (inside > 1) return ANY_WAY.map(() => Infinity);
    // It is tried anew at every place, where each of its ways may be as long as they are many.
    const most = waysIn(assertion, inside, ANY_WAY) ** 2;
    // A look-around may look at many characters each time: any is one too much.
    return one.map((count) => count * most + inside);
  }
  if (to.length < 2) return one;
  // One loop has one way to take a text, where several share it.
  const isLoop = loops > 1 && program[at + 2]?.to[0] === -2;
  return one.map((count, code) => {
    const more = other[code] ?? 0;
    return isLoop && count > 0 && more > 0 ? Infinity : count + more;
  });
}

// ---- expressions as programs: steps that take a text apart

/** One step of a program. */
interface Step {
  /** Where it goes on, counted from itself. The first that leads to the end is the one. */
  readonly to: readonly number[];
  /** The character that it takes. */
  readonly set?: CharacterSet;
  /** The mark that it sets to its place: a group has one where it begins, and one where it ends. */
  readonly mark?: number;
  /** The marks that it takes away: a new turn of a repetition forgets what its groups took before. */
  readonly forgotten?: readonly number[];
  /** The step that has to be new at its place: a turn that took nothing does not count. */
  readonly untried?: number;
  /** What is in a look-around, and nothing of `\b`: what takes no character, and cannot be run. */
  readonly assertion?: Program;
}

/** Steps; the end is behind the last. */
type Program = readonly Step[];

/** See {@linkcode parseRegExp}. */
interface ParsedRegExp {
  readonly program: Program;
  /** The names of the groups in order; `undefined` for one without. */
  readonly names: readonly (string | undefined)[];
  /** Whether the program takes the same as the expression. It tells in any case how long that takes. */
  readonly runnable: boolean;
  /** Whether it has all turns of its repetitions, and not two in place of too many. */
  readonly hasAll: boolean;
}

/** Steps of a program that runs: what an expression with large bounds comes to. */
const MOST_STEPS = 1_000;
/** Steps of one repetition that are looked at one by one. */
const MOST_STEPS_OF_TURNS = 5_000;

const ASCII: readonly string[] = /* @__PURE__ */ Array.from(
  { length: 128 },
  (_, code) => String.fromCharCode(code),
);
/** Some characters that are not ASCII. */
const OTHERS = ["\u00a0", "\u00e9", "\u017f", "\u212a", "\u4e00"];
/** What may name one. */
const NAMES_OTHER = /[^\0-\x7f]|\\(?:[pu]|x[89a-f])/i;

/** Which characters one place of an expression takes. */
class CharacterSet {
  /** Whether it has each of the 128 of ASCII, and in the end whether it may have any other. */
  readonly table: readonly boolean[];
  readonly #test: RegExp;

  /** @param source A class, an escape, a dot or one character. */
  constructor(source: string, flags: string) {
    const test = this.#test = new RegExp(`^(?:${source})$`, flags);
    const table = this.table = ASCII.map((character) => test.test(character));
    table.push(NAMES_OTHER.test(source) || OTHERS.some((text) => test.test(text)));
  }

  /** How much it takes at a place of a text: the length of the character there, or nothing. */
  takes(text: string, at: number): number {
    const code = text.charCodeAt(at);
    if (code < 128) return Number(this.table[code]);
    if (at >= text.length) return 0;
    const character = this.#test.unicode
      ? String.fromCodePoint(text.codePointAt(at) ?? code)
      : text.charAt(at);
    return this.#test.test(character) ? character.length : 0;
  }
}

/**
 * Reads a regular expression.
 *
 * @returns `null` if it refers back to a group, or has the flag `v`: such an expression is not
 *   understood.
 */
function parseRegExp({ source, flags }: RegExp): ParsedRegExp | null {
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

/**
 * What is not understood: back references, flags within, what stands for one character beyond 16 bits, and
 * what is read in another way than it looks without the flag `u`.
 */
const ODD =
  /\\(?:[1-9k]|0\d|c(?![A-Za-z])|u[dD][89a-fA-F])|\(\?(?!<?[=!]|:|<[^>\\]+>)|[\ud800-\udfff]/y;
const ODD_WITHOUT_UNICODE = /\\[pPu]\{/y;
/** The beginning of a group, an assertion, or what takes a character. */
const ATOM =
  /(\((?:\?(?:<(?![=!])([^>]+)>|(:)|(<?[=!])))?)|([$^]|\\[bB])|\[(?:\\[^]|[^\]\\])*\]|\\(?:u\{[\da-fA-F]+\}|[pP]\{[^}]*\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[A-Za-z]|[^])|[^|)]/y;
const QUANTIFIER = /(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/y;

class Parser {
  readonly #source: string;
  readonly #flags: string;
  readonly #names: (string | undefined)[] = [];
  #runnable = true;
  #hasAll = true;
  #isBackward = false;
  #at = 0;

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#flags = flags;
  }

  parse(): ParsedRegExp {
    const program = this.#choice();
    if (this.#at < this.#source.length) throw new NotUnderstood();
    const runnable = this.#runnable && this.#hasAll && program.length <= MOST_STEPS;
    return { program, names: this.#names, runnable, hasAll: this.#hasAll };
  }

  #choice(): Program {
    const option = this.#sequence();
    if (this.#source[this.#at] !== "|") return option;
    this.#at++;
    const rest = this.#choice();
    return [{ to: [1, option.length + 2] }, ...option, { to: [rest.length + 1] }, ...rest];
  }

  #sequence(): Program {
    const parts: Program[] = [];
    for (let atom; (atom = this.#takeAtom()) !== null;) {
      const part = this.#atom(atom);
      const quantifier = this.#take(QUANTIFIER);
      parts.push(quantifier === null ? part : this.#repeat(part, quantifier));
    }
    return (this.#isBackward ? parts.reverse() : parts).flat();
  }

  #atom([source, group, name, plain, look, assertion]: RegExpExecArray): Program {
    if (assertion !== undefined) return this.#assertion([]);
    if (group === undefined) {
      return [{ to: [1], set: new CharacterSet(source, this.#flags) }];
    }
    const captures = plain === undefined && look === undefined;
    const mark = captures ? 2 * this.#names.push(name) : 0;
    const isBackward = this.#isBackward;
    if (look !== undefined) this.#isBackward = look.startsWith("<");
    const body = this.#choice();
    this.#isBackward = isBackward;
    if (this.#source[this.#at++] !== ")") throw new NotUnderstood();
    if (look !== undefined) return this.#assertion(body);
    return captures ? [{ to: [1], mark }, ...body, { to: [1], mark: mark + 1 }] : body;
  }

  #assertion(body: Program): Program {
    this.#runnable = false;
    return [{ to: [1], assertion: body }];
  }

  #repeat(body: Program, [text, least, comma, most]: RegExpExecArray): Program {
    const forgotten = body.flatMap(({ mark }) => mark ?? []);
    const turn = forgotten.length > 0 ? [{ to: [1], forgotten }, ...body] : body;
    const fork = (on: number, out: number) => ({ to: /.\?/.test(text) ? [out, on] : [on, out] });
    const min = Number(least ?? text.startsWith("+"));
    const required = this.#times(min, turn);
    const isEmpty = reachable(body, 0).has(body.length);
    if (least === undefined ? !text.startsWith("?") : comma && !most) {
      // A turn that takes nothing does not count, which could not be told from one on the same way.
      if (isEmpty) this.#runnable = false;
      return [...required, fork(1, turn.length + 2), ...turn, { to: [-turn.length - 1] }];
    }
    const checked = isEmpty ? [...turn, { to: [1], untried: -turn.length - 1 }] : turn;
    const rest = this.#times(Number(most || (least ?? 1)) - min, [checked], checked.length);
    const size = checked.length + 1;
    return [
      ...required,
      ...rest.flatMap((turn, i) => [fork(1, size * (rest.length - i)), ...turn]),
    ];
  }

  /** Of too many, two tell whether there are several ways. */
  #times<T>(count: number, steps: readonly T[], size = steps.length): T[] {
    const most = count * size > MOST_STEPS_OF_TURNS ? Math.min(2, count) : count;
    this.#hasAll &&= most === count;
    return Array<readonly T[]>(most).fill(steps).flat() as T[];
  }

  #takeAtom(): RegExpExecArray | null {
    const isOdd = this.#take(ODD) ??
      (this.#flags.includes("u") ? null : this.#take(ODD_WITHOUT_UNICODE));
    if (isOdd !== null) throw new NotUnderstood();
    return this.#take(ATOM);
  }

  #take(token: RegExp): RegExpExecArray | null {
    token.lastIndex = this.#at;
    const found = token.exec(this.#source);
    this.#at += found?.[0].length ?? 0;
    return found;
  }
}

/** The steps that may follow, from one on, before a character is taken; its length is the end. */
function reachable(program: Program, from: number): Set<number> {
  const found = new Set([from]);
  for (const at of found) {
    const step = program[at];
    if (step?.set === undefined) step?.to.forEach((offset) => found.add(at + offset));
  }
  return found;
}
