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
  const isFast = parsed === null ? isPlain(body.source) : !isAmbiguous(parsed.program);
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

/** Whether the text of an expression shows that it has one repetition at most. */
function isPlain(source: string): boolean {
  const quantifiers = source.replace(/\\[^]/g, "x").match(/\)?(?:[*+]|\{\d+,\})/g) ?? [];
  return quantifiers.length < 2 && !quantifiers.some((text) => text.startsWith(")"));
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

  constructor(program: Program, names: readonly (string | undefined)[]) {
    this.#program = program;
    this.#names = names;
  }

  exec(text: string): Captures | null {
    const width = this.#program.length + 1;
    const tried = new Uint8Array(width * (text.length + 1));
    const ways: Way[] = [];
    for (
      let way: Way | undefined = { i: 0, at: 0, marks: [] };
      way !== undefined;
      way = ways.pop()
    ) {
      let { i, at, marks } = way;
      for (let index; tried[index = at * width + i] === 0;) {
        tried[index] = 1;
        const step = this.#program[i];
        if (step === undefined) {
          if (at === text.length) return this.#captures(text, marks);
          break;
        }
        if (step.set !== undefined) {
          if (!step.set.hasAt(text, at)) break;
          at++;
        } else if (step.untried !== undefined && tried[index + step.untried] === 1) break;
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

function marked({ mark, forgotten }: Step, marks: Marks, at: number): Marks {
  if (mark === undefined && forgotten === undefined) return marks;
  const copy = [...marks];
  if (mark !== undefined) copy[mark] = at;
  forgotten?.forEach((mark) => copy[mark] = undefined);
  return copy;
}

// ---- whether the runtime matches an expression in linear time

/**
 * Whether an expression that is anchored at both ends takes the runtime, which tries one way after
 * another, more than linear time in the worst case: where repetitions can share what they take between
 * them in many ways.
 */
function isAmbiguous(program: Program): boolean {
  const loops = loopsIn(program);
  return loops.includes(undefined) || program.some((step, at) => {
    const { to: [on = 1, out], assertion } = step;
    if (assertion !== undefined) return loopsIn(assertion).length > 1 || isAmbiguous(assertion);
    // One loop has one way to take a text.
    if (on < 0) return loops.length > 1 && leadsBothWays(program, at + on);
    // A bounded repetition has the steps of its turns several times.
    return out !== undefined && program.indexOf(step) < at && leadsBothWays(program, at);
  });
}

/** The repetitions without an upper bound: what a turn takes, if that is one character. */
function loopsIn(program: Program): (CharacterSet | undefined)[] {
  return program.flatMap(({ to: [on = 1], assertion = [] }, at) => {
    if (on < 0) return [on === -2 ? program[at - 1]?.set : undefined];
    return loopsIn(assertion);
  });
}

/** Whether there is a character that could be taken on either way. */
function leadsBothWays(program: Program, at: number): boolean {
  const [one = [], other = []] = program[at]?.to.map((to) => tablesFrom(program, at + to)) ?? [];
  return one.some((table) =>
    other.some((another) => table.some((has, code) => has && another[code]))
  );
}

/** The characters that a way may begin with. A look-around may look at many each time: any is one too much. */
function tablesFrom(program: Program, from: number): (readonly boolean[])[] {
  return [...reachable(program, from)].flatMap((at) => {
    const { set, assertion = [] } = program[at] ?? {};
    if (set !== undefined) return [set.table];
    return loopsIn(assertion).length > 0 ? [Array<boolean>(129).fill(true)] : [];
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
}

/** Steps of a program that runs: what an expression with large bounds comes to. */
const MOST_STEPS = 1_000;

const ASCII: readonly string[] = /* @__PURE__ */ Array.from(
  { length: 128 },
  (_, code) => String.fromCharCode(code),
);
/** Some characters that are not ASCII. */
const OTHERS = ["\u00a0", "\u00e9", "\u017f", "\u4e00"];
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

  /** Whether it has the character at a place of a text. */
  hasAt(text: string, at: number): boolean {
    const code = text.charCodeAt(at);
    return code < 128 ? this.table[code] === true : this.#test.test(text.charAt(at));
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

/** The beginning of a group, an assertion, a back reference, or what takes a character. */
const ATOM =
  /(\((?:\?(?:<(?![=!])([^>]+)>|(:)|(<?[=!])))?)|([$^]|\\b)|(\\[1-9k])|\[(?:\\[^]|[^\]\\])*\]|\\(?:u\{[\da-f]+\}|p\{[^}]*\}|u[\da-f]{4}|x[\da-f]{2}|c[a-z]|[^])|[^|)]/iy;
const QUANTIFIER = /(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/y;

class Parser {
  readonly #source: string;
  readonly #flags: string;
  readonly #names: (string | undefined)[] = [];
  #runnable = true;
  #at = 0;

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#flags = flags;
  }

  parse(): ParsedRegExp {
    const program = this.#choice();
    if (this.#at < this.#source.length) throw new NotUnderstood();
    const runnable = this.#runnable && program.length <= MOST_STEPS;
    return { program, names: this.#names, runnable };
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
    for (let atom; (atom = this.#take(ATOM)) !== null;) {
      const part = this.#atom(atom);
      const quantifier = this.#take(QUANTIFIER);
      parts.push(quantifier === null ? part : this.#repeat(part, quantifier));
    }
    return parts.flat();
  }

  #atom([source, group, name, plain, look, assertion, back]: RegExpExecArray): Program {
    // What a back reference takes depends on what was taken.
    if (back !== undefined) throw new NotUnderstood();
    if (assertion !== undefined) return this.#assertion([]);
    if (group === undefined) {
      return [{ to: [1], set: new CharacterSet(source, this.#flags) }];
    }
    const captures = plain === undefined && look === undefined;
    const mark = captures ? 2 * this.#names.push(name) : 0;
    const body = this.#choice();
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
    const rest = this.#times(Number(most || (least ?? 1)) - min, [checked]);
    const size = checked.length + 1;
    return [
      ...required,
      ...rest.flatMap((turn, i) => [fork(1, size * (rest.length - i)), ...turn]),
    ];
  }

  /** Of too many, two tell how long they take. */
  #times<T>(count: number, steps: readonly T[]): T[] {
    const most = count > MOST_STEPS ? 2 : count;
    this.#runnable &&= most === count;
    return Array<readonly T[]>(most).fill(steps).flat() as T[];
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
