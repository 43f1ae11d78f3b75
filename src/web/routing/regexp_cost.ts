/** Whether the runtime matches a regular expression in linear time. */
import type { CharacterSet, RegExpNode, Repeat } from "./regexp_syntax.ts";

/**
 * Whether an expression that is anchored at both ends takes the runtime, which tries one way after
 * another, more than linear time in the worst case: where two repetitions can share what they take
 * between them in many ways.
 */
export function isAmbiguous(root: RegExpNode): boolean {
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
export function unboundedIn(node: RegExpNode): Repeat[] {
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
