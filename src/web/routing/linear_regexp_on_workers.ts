/**
 * What stands in the place of `linear_regexp.ts` in the package, for Workers: an expression that could
 * take the runtime more than linear time is refused, and so is one whose text does not show that it
 * cannot. What is matched there comes out of a URL, and is ASCII without line ends.
 */
import { anchored, isPlain, type WholeMatcher } from "./linear_regexp.ts";

/** See `linear_regexp.ts`. */
export function linearMatcher(body: RegExp): WholeMatcher | null {
  const hasRepeatedGroup = /\)\{/.test(body.source);
  return isFast(body) || isPlain(body.source) && !hasRepeatedGroup ? anchored(body) : null;
}

/** See `linear_regexp.ts`. */
export const TOO_SLOW: string =
  "a long path could keep it busy for minutes; let each repetition end at a character that it does " +
  'not take, as in "([^/]+)/([^/]+)", or use @gustnado/gustnado/build';

/** A character with its quantifier, the beginning of a group, its end with its quantifier, and the rest. */
const PIECE =
  /(\[(?:\\[^]|[^\]\\])*\]|\\(?:x[\da-f]{2}|u[\da-f]{4}|[dDsSwW]|[^\w])|[^\\()[\]{}|*+?^$])(?:([*+]|\{\d+,\})\??|(\?|\{\d+,\d+\})\??|\{\d+\})?|(\((?:\?:|\?<\w+>|(?!\?)))|(\))(?:(\?)|(\{\d+(?:,\d+)?\}))?|[^]/g;

/** Tells whether repetitions that nothing bounds share nothing of any text. */
function isFast({ source, flags }: RegExp): boolean {
  const atoms: string[] = [];
  // A letter for each piece: `a` takes one character, `o` perhaps, and `l` any number of them.
  const shape = source.replace(PIECE, (piece, atom, loop, optional, open, close, once, times) => {
    atoms.push(atom);
    if (atom) return loop ? "l" : optional ? "o" : "a";
    return open ? "(" : once ?? (times ? "r" : close ?? (piece === "|" ? piece : "!"));
  });
  // What is not understood, and a group that comes several times in different ways.
  if (/!|(?<!\(a*)r/.test(shape)) return false;
  const loops = [...shape.matchAll(/l/g)].map(({ index }) => index);
  const open = loops.findIndex((at) => !isStopped({ shape, atoms, flags }, at));
  const [last, ...more] = open === -1 ? [] : loops.slice(open + 1);
  // A dot takes all of the rest, and never has to give some back.
  return last === undefined || more.length === 0 && /l\)*$/.test(shape) && atoms[last] === ".";
}

interface Pieces {
  readonly shape: string;
  readonly atoms: readonly string[];
  readonly flags: string;
}

/** Whether what follows a repetition begins with what that does not take. */
function isStopped({ shape, atoms, flags }: Pieces, at: number): boolean {
  // Out of its group, past the alternatives, and perhaps into the next group.
  const way = /^(?:\|[^()?r]*)?[)?]*(?:$|(\(*)a)/.exec(shape.slice(at + 1));
  if (way === null) return false;
  const [passed, groups] = way;
  if (groups === undefined) return true;
  if (groups !== "" && /\||\?[^)?]/.test(shape)) return false;
  const both = new RegExp(
    `(?=${atoms[at]})${atoms[at + passed.length]}`,
    flags.replace(/[^is]/g, ""),
  );
  return !both.test(ASCII);
}

const ASCII: string = /* @__PURE__ */ String.fromCharCode(.../* @__PURE__ */ Array(128).keys());
