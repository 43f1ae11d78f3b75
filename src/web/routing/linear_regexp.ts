/** Regular expressions that no text can make slow. */
import { type CharacterSet, parseRegExp, type RegExpNode, type Repeat } from "./regexp_syntax.ts";

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
  const syntax = parseRegExp(body);
  // What is not understood has to be simple enough for its text to show it.
  if (syntax === null) return isPlain(body.source) ? anchored(body) : null;
  if (!isAmbiguous(syntax.root)) return anchored(body);
  const program = new Compiler().compile(syntax.root);
  return program === null ? null : new LinearRegExp(program, syntax.names);
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

function isPlain(source: string): boolean {
  const quantifiers = source.replace(/\\[^]/g, "x").match(/\)?(?:[*+]|\{\d+,\})/g) ?? [];
  return quantifiers.length < 2 && !quantifiers.some((text) => text.startsWith(")"));
}

/** One step. `next` is the step behind it. */
type Step =
  | { readonly op: "take"; readonly set: CharacterSet }
  /** Goes on at `first`, or at `second` if nothing comes of that. */
  | { readonly op: "either"; first: number; second: number }
  | { readonly op: "go"; readonly to: number }
  | { readonly op: "mark"; readonly slot: number }
  /** A new turn of a repetition forgets what its groups took before. */
  | { readonly op: "forget"; readonly slots: readonly number[] }
  | { readonly op: "end" };

/** Steps of a program: what an expression with large bounds comes to. */
const MOST_STEPS = 1_000;

class Compiler {
  readonly #steps: Step[] = [];
  #possible = true;

  /** `null` if there is something in it that a program has no step for. */
  compile(root: RegExpNode): readonly Step[] | null {
    this.#add(root);
    this.#steps.push({ op: "end" });
    return this.#possible ? this.#steps : null;
  }

  #add(node: RegExpNode): void {
    if (this.#steps.length > MOST_STEPS) this.#possible = false;
    if (!this.#possible) return;
    if (node.kind === "character") this.#steps.push({ op: "take", set: node.set });
    else if (node.kind === "sequence") node.parts.forEach((part) => this.#add(part));
    else if (node.kind === "choice") this.#addChoice(node.options);
    else if (node.kind === "repeat") this.#addRepeat(node);
    else if (node.kind === "capture") this.#addCapture(node.index, node.body);
    else this.#possible = false;
  }

  #addCapture(index: number, body: RegExpNode): void {
    this.#steps.push({ op: "mark", slot: 2 * index });
    this.#add(body);
    this.#steps.push({ op: "mark", slot: 2 * index + 1 });
  }

  #addChoice([option, ...rest]: readonly RegExpNode[]): void {
    if (option === undefined) return;
    if (rest.length === 0) return this.#add(option);
    const fork = this.#fork();
    this.#add(option);
    const leave = this.#steps.push({ op: "go", to: 0 }) - 1;
    fork.second = this.#steps.length;
    this.#addChoice(rest);
    this.#steps[leave] = { op: "go", to: this.#steps.length };
  }

  #addRepeat({ body, min, max, greedy }: Repeat): void {
    // A turn that takes nothing is not to count, which nothing here would see.
    if (canBeEmpty(body)) this.#possible = false;
    for (let i = 0; i < Math.min(min, MOST_STEPS); i++) this.#addTurn(body);
    if (max === Infinity) return this.#addLoop(body, greedy);
    const forks: Fork[] = [];
    for (let i = 0; i < Math.min(max - min, MOST_STEPS); i++) {
      forks.push(this.#fork());
      this.#addTurn(body);
    }
    for (const fork of forks) this.#closeFork(fork, greedy);
  }

  #addLoop(body: RegExpNode, greedy: boolean): void {
    const start = this.#steps.length;
    const fork = this.#fork();
    this.#addTurn(body);
    this.#steps.push({ op: "go", to: start });
    this.#closeFork(fork, greedy);
  }

  #addTurn(body: RegExpNode): void {
    const slots = capturesIn(body).flatMap((index) => [2 * index, 2 * index + 1]);
    if (slots.length > 0) this.#steps.push({ op: "forget", slots });
    this.#add(body);
  }

  #fork(): Fork {
    const fork: Fork = { op: "either", first: this.#steps.length + 1, second: 0 };
    this.#steps.push(fork);
    return fork;
  }

  #closeFork(fork: Fork, greedy: boolean): void {
    fork.second = this.#steps.length;
    if (!greedy) [fork.first, fork.second] = [fork.second, fork.first];
  }
}

type Fork = Extract<Step, { op: "either" }>;

function capturesIn(node: RegExpNode): number[] {
  if (node.kind === "sequence") return node.parts.flatMap(capturesIn);
  if (node.kind === "choice") return node.options.flatMap(capturesIn);
  if (node.kind === "repeat") return capturesIn(node.body);
  return node.kind === "capture" ? [node.index, ...capturesIn(node.body)] : [];
}

function canBeEmpty(node: RegExpNode): boolean {
  if (node.kind === "sequence") return node.parts.every(canBeEmpty);
  if (node.kind === "choice") return node.options.some(canBeEmpty);
  if (node.kind === "capture") return canBeEmpty(node.body);
  if (node.kind === "repeat") return node.min === 0 || canBeEmpty(node.body);
  return node.kind === "assertion";
}

/**
 * Runs a program without ever going back: it is found out first, from the end to the beginning, from
 * which steps at which places the end can be reached.
 */
class LinearRegExp implements WholeMatcher {
  readonly #steps: readonly Step[];
  readonly #names: readonly (string | undefined)[];

  constructor(steps: readonly Step[], names: readonly (string | undefined)[]) {
    this.#steps = steps;
    this.#names = names;
  }

  exec(text: string): Captures | null {
    const reach = this.#reach(text);
    return reach[0] === 1 ? this.#captures(text, this.#walk(reach)) : null;
  }

  /** For each place and each step behind it: 1 if the end can be reached from there. */
  #reach(text: string): Uint8Array {
    const width = this.#steps.length;
    const reach = new Uint8Array(width * (text.length + 1));
    for (let at = text.length; at >= 0; at--) {
      const here = reach.subarray(at * width, (at + 1) * width);
      const behind = reach.subarray((at + 1) * width, (at + 2) * width);
      // A loop leads back to a step before it.
      while (this.#spread(text, at, { here, behind }));
    }
    return reach;
  }

  #spread(
    text: string,
    at: number,
    { here, behind }: { here: Uint8Array; behind: Uint8Array },
  ): boolean {
    let changed = false;
    for (let i = this.#steps.length - 1; i >= 0; i--) {
      const step = this.#steps[i];
      if (here[i] === 1 || step === undefined) continue;
      let reached: boolean;
      if (step.op === "take") {
        reached = at < text.length && behind[i + 1] === 1 && step.set.hasAt(text, at);
      } else if (step.op === "either") reached = here[step.first] === 1 || here[step.second] === 1;
      else if (step.op === "go") reached = here[step.to] === 1;
      else if (step.op === "end") reached = at === text.length;
      else reached = here[i + 1] === 1;
      if (!reached) continue;
      here[i] = 1;
      changed = true;
    }
    return changed;
  }

  /** The marks that the first way leaves which leads to the end. */
  #walk(reach: Uint8Array): Map<number, number> {
    const marks = new Map<number, number>();
    const width = this.#steps.length;
    let at = 0;
    for (let i = 0;;) {
      const step = this.#steps[i];
      if (step === undefined || step.op === "end") return marks;
      if (step.op === "either") {
        i = reach[at * width + step.first] === 1 ? step.first : step.second;
        continue;
      }
      if (step.op === "go") {
        i = step.to;
        continue;
      }
      if (step.op === "take") at++;
      else if (step.op === "mark") marks.set(step.slot, at);
      else step.slots.forEach((slot) => marks.delete(slot));
      i++;
    }
  }

  #captures(text: string, marks: ReadonlyMap<number, number>): Captures {
    const captures = this.#names.map((_, i) => {
      const [start, end] = [marks.get(2 * i + 2), marks.get(2 * i + 3)];
      return start === undefined || end === undefined ? undefined : text.slice(start, end);
    });
    const named = this.#names.some((name) => name !== undefined);
    return Object.assign([text, ...captures], named ? { groups: this.#named(captures) } : {});
  }

  #named(captures: readonly (string | undefined)[]): Record<string, string | undefined> {
    const groups: Record<string, string | undefined> = Object.create(null);
    this.#names.forEach((name, i) => {
      if (name !== undefined) groups[name] = captures[i];
    });
    return groups;
  }
}

// ---- whether the runtime matches an expression in linear time

/**
 * Whether an expression that is anchored at both ends takes the runtime, which tries one way after
 * another, more than linear time in the worst case: where two repetitions can share what they take
 * between them in many ways.
 */
function isAmbiguous(root: RegExpNode): boolean {
  const repeats = unboundedIn(root);
  const [only] = repeats;
  if (only === undefined) return false;
  const plain = repeats.length === 1 && characterOf(only) !== null && !isRepeated(root) &&
    !hasLookAround(root);
  return !plain && new Determinism().examine(root);
}

/** Whether a repetition without an upper bound stands in another repetition. */
function isRepeated(node: RegExpNode): boolean {
  const repeats = node.kind === "repeat" && node.max > 1;
  return childrenOf(node).some((child) =>
    repeats && unboundedIn(child).length > 0 || isRepeated(child)
  );
}

/** The repetitions without an upper bound, in a part and below it. */
function unboundedIn(node: RegExpNode): Repeat[] {
  const below = childrenOf(node).flatMap(unboundedIn);
  return node.kind === "repeat" && node.max === Infinity ? [node, ...below] : below;
}

function childrenOf(node: RegExpNode): readonly RegExpNode[] {
  if (node.kind === "sequence") return node.parts;
  if (node.kind === "choice") return node.options;
  if (node.kind === "capture" || node.kind === "repeat") return [node.body];
  return node.kind === "assertion" && node.body !== null ? [node.body] : [];
}

function hasLookAround(node: RegExpNode): boolean {
  return childrenOf(node).some((child) =>
    node.kind === "assertion" ? unboundedIn(child).length > 0 : hasLookAround(child)
  );
}

function characterOf({ body }: Repeat): CharacterSet | null {
  return body.kind === "character" ? body.set : null;
}

type Table = Uint8Array;
const NOTHING: Table = new Uint8Array(129);

/** Walks from the end to the beginning, with the characters that may come next. */
class Determinism {
  #ambiguous = false;

  /** Whether a repetition could end at more than one place. */
  examine(root: RegExpNode): boolean {
    this.#first(root, NOTHING);
    return this.#ambiguous;
  }

  /** What a part, or what follows it if it can be empty, may begin with. */
  #first(node: RegExpNode, next: Table): Table {
    switch (node.kind) {
      case "character":
        return node.set.table;
      case "sequence":
        return node.parts.reduceRight((after, part) => this.#first(part, after), next);
      case "choice":
        return node.options.map((option) => this.#first(option, next)).reduce(union, NOTHING);
      case "capture":
        return this.#first(node.body, next);
      case "repeat":
        return this.#repeat(node, next);
      case "assertion":
        if (node.body !== null && unboundedIn(node.body).length > 1) this.#ambiguous = true;
        return next;
    }
  }

  #repeat(node: Repeat, next: Table): Table {
    const set = characterOf(node);
    if (node.max === Infinity) this.#ambiguous ||= set === null || overlap(set.table, next);
    else if (node.max > 1 && unboundedIn(node.body).length > 0) this.#ambiguous = true;
    const first = this.#first(node.body, next);
    return node.min === 0 ? union(first, next) : first;
  }
}

function union(a: Table, b: Table): Table {
  return a.map((has, code) => has | (b[code] ?? 0));
}

function overlap(a: Table, b: Table): boolean {
  return a.some((has, code) => has === 1 && b[code] === 1);
}
