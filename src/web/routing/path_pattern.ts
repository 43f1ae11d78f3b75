/** Patterns of paths: text, strings with groups, regular expressions. */
import { checkGroupName, wayOut } from "../../checks/mistakes.ts";
import { linearMatcher, TOO_SLOW, type WholeMatcher } from "./linear_regexp.ts";
import {
  type Group,
  isText,
  type Match,
  matchBySlashes,
  type Part,
  REST,
  SEGMENT,
} from "./route_index.ts";

/**
 * What a pattern took from a path: its groups, still percent-encoded.
 *
 * @category Applications and routes
 */
export interface PathGroups {
  /** Every group in order; `undefined` for one that took no part. */
  readonly args: readonly (string | undefined)[];
  /** The named ones; `null` if there are none. */
  readonly kwargs: Readonly<Record<string, string | undefined>> | null;
}

/** The groups of a pattern that has none. */
export const NO_GROUPS: PathGroups = { args: [], kwargs: null };

/** What matches whole paths. */
export interface PathMatcher {
  /** The literal text before the first group. */
  readonly prefix: string;
  /** Whether there are no groups: only `prefix` itself matches. */
  readonly literal: boolean;
  /** How many groups there are, those within an expression not counted. */
  readonly groupCount: number;
  /** The groups that a path fills; `null` if it does not match. */
  match(path: string): PathGroups | null;
  /**
   * The path that is matched with `args` in place of the groups.
   *
   * @throws {TypeError} If there are more or fewer arguments than groups, or one does not fit.
   */
  reverse(args: readonly unknown[]): string;
  /** The pattern, as it was written. */
  toString(): string;
}

/** Text that stands in a path as it is, and means nothing else in a pattern. */
const PLAIN = /^\/[\w\-./~!&',;=@%]*$/;

/** Whether a pattern is a path that only matches itself, as can be seen without parsing it. */
export function isPlainPath(pattern: string): boolean {
  return PLAIN.test(pattern);
}

/** A pattern that is nothing but text, as most are. */
export class LiteralPath implements PathMatcher {
  readonly prefix: string;
  readonly literal = true;
  readonly groupCount = 0;
  readonly #source: string;

  /**
   * @param path The path that it matches.
   * @param source As it was written.
   */
  constructor(path: string, source: string = path) {
    this.prefix = path;
    this.#source = source;
  }

  match(path: string): PathGroups | null {
    return path === this.prefix ? NO_GROUPS : null;
  }

  reverse({ length }: readonly unknown[]): string {
    if (length === 0) return this.prefix;
    throw wrongCount(this.#source, 0, length);
  }

  toString(): string {
    return this.#source;
  }
}

/**
 * Parses a pattern, which is anchored at both ends.
 *
 * | written | matches |
 * |---|---|
 * | `/about` | itself |
 * | `/user/:id` | one segment, as group `id` |
 * | `/user/:id(\d+)` | the regular expression, as group `id` |
 * | `/user/(\d+)` | the regular expression, as a positional group |
 * | `/files/*` | the rest of the path, as a positional group |
 *
 * A colon that begins no group is written `\:`. A path is matched in linear time, however the pattern
 * is written: one that would take longer is refused.
 *
 * @throws {SyntaxError} If it is malformed; the message says where, and the way out.
 */
export function parsePattern(source: string): PathMatcher {
  const parts = parse(source);
  const [first = ""] = parts;
  // A pattern that cannot begin with a slash would never match.
  if (isText(first) ? !first.startsWith("/") : first.regexp === SEGMENT) {
    throw malformed(source, `a path begins with "/"; write "/${source}"`);
  }
  return isText(first) && parts.length === 1
    ? new LiteralPath(first, source)
    : new GroupPath(source, parts);
}

/** A pattern with groups. */
class GroupPath implements PathMatcher {
  readonly prefix: string;
  readonly literal = false;
  readonly groupCount: number;
  readonly match: Match;
  readonly #source: string;
  readonly #parts: readonly Part[];

  constructor(source: string, parts: readonly Part[]) {
    const [first = ""] = parts;
    this.prefix = isText(first) ? first : "";
    this.groupCount = parts.filter((part) => !isText(part)).length;
    this.match = matchBySlashes(parts) ?? matchRegExp(compile(source, parts));
    this.#source = source;
    this.#parts = parts;
  }

  reverse(args: readonly unknown[]): string {
    const source = this.#source;
    if (this.groupCount !== args.length) throw wrongCount(source, this.groupCount, args.length);
    let next = 0;
    const path = this.#parts
      .map((part) => isText(part) ? part : encode(args[next++], part))
      .join("");
    if (this.match(path) !== null) return path;
    throw new TypeError(
      `Cannot reverse "${source}": the arguments make "${path}", which it does not match`,
    );
  }

  toString(): string {
    return this.#source;
  }
}

function matchRegExp(regexp: WholeMatcher): Match {
  return (path) => {
    const found = regexp.exec(path);
    return found && { args: found.slice(1), kwargs: found.groups ?? null };
  };
}

/** An escaped colon, the beginning of a group, or a character. */
const TOKEN = /\\:|:([A-Za-z_]\w*)\(?|[^]/y;
/** What never stands raw in a path (RFC 3986 §3.3), and `.*`: whoever writes it means a RegExp. */
const FOREIGN = /^(?:[?\\^[\]{}|"<>*)]|\.[*+])/;

function parse(source: string): Part[] {
  const parts: Part[] = [];
  let text = "";
  for (let at = 0; at < source.length;) {
    TOKEN.lastIndex = at;
    const [token = "", name] = TOKEN.exec(source) ?? [];
    let end = at + token.length;
    const isLast = end === source.length;
    let regexp = name && SEGMENT;
    if (token.endsWith("(")) {
      if (name === undefined) checkGroupName(source, at);
      const close = closing(source, end - 1);
      regexp = source.slice(end, close);
      end = close + 1;
    } else if (token === "*" && isLast) regexp = REST;
    if (regexp !== undefined) {
      parts.push(encodeText(text), { name, regexp, segment: name !== undefined });
      text = "";
    } else if (token !== "$" || !isLast) {
      text += token === "\\:" ? ":" : checkedText(source, at);
    }
    at = end;
  }
  const all = [...parts, encodeText(text)].filter((part) => part !== "");
  return all.length > 0 ? all : [""];
}

/** The index of the parenthesis that closes the one at `open`. */
function closing(source: string, open: number): number {
  let depth = 0;
  for (const { 0: piece, index } of source.matchAll(/\\[^]|\[(?:\\[^]|[^\]\\])*\]?|[()]/g)) {
    if (index < open) continue;
    if (piece === "(") depth++;
    if (piece === ")" && --depth === 0) return index;
  }
  throw malformed(source, `the "(" at ${open} is not closed`);
}

/** A character that means itself. */
function checkedText(source: string, at: number): string {
  const character = source.charAt(at);
  if (!FOREIGN.test(source.slice(at, at + 2))) return character;
  throw malformed(source, `"${character}" at ${at} is not literal text; ${wayOut(source, at)}`);
}

/** Text as it stands in a request: percent-encoded, where it is not already. */
function encodeText(text: string): string {
  return text.replace(/[^\x21-\x7e]+/g, (part) => encodeURIComponent(part.toWellFormed()));
}

function compile(source: string, parts: readonly Part[]): WholeMatcher {
  const body = parts.map((part) => {
    if (isText(part)) return RegExp.escape(part);
    return part.name === undefined ? `(${part.regexp})` : `(?<${part.name}>${part.regexp})`;
  });
  const matcher = linearMatcher(toRegExp(source, body.join("")));
  if (matcher !== null) return matcher;
  throw malformed(source, TOO_SLOW);
}

function toRegExp(source: string, body: string): RegExp {
  try {
    return new RegExp(body);
  } catch (cause) {
    throw malformed(source, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function malformed(source: string, reason: string, options?: ErrorOptions): SyntaxError {
  return new SyntaxError(`Cannot compile the pattern "${source}": ${reason}`, options);
}

function encode(value: unknown, group: Group): string {
  const text = encodeURIComponent(String(value).toWellFormed());
  return group.segment ? text : text.replaceAll("%2F", "/");
}

/** Why a pattern has no path for some arguments. */
function wrongCount(pattern: string, groups: number, given: number): TypeError {
  return new TypeError(
    `Cannot reverse "${pattern}": it has ${counted(groups, "group")}, got ${
      counted(given, "argument")
    }`,
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * Makes a matcher of an expression.
 *
 * @throws {SyntaxError} If matching could take more than linear time.
 */
export function regExpPath(expression: RegExp): PathMatcher {
  return new RegExpPath(expression);
}

class RegExpPath implements PathMatcher {
  readonly prefix = "";
  readonly literal = false;
  readonly groupCount: number;
  readonly match: Match;
  readonly #source: RegExp;

  constructor(expression: RegExp) {
    this.#source = expression;
    this.match = matchRegExp(whole(expression));
    this.groupCount = groupsOf(expression);
  }

  reverse(): string {
    throw new TypeError(
      `Cannot reverse the route of ${this.#source}: name a route with a string pattern`,
    );
  }

  toString(): string {
    return String(this.#source);
  }
}

/** How many groups an expression has, which with an empty alternative matches anything. */
function groupsOf({ source, flags }: RegExp): number {
  return (new RegExp(`${source}|`, flags).exec("")?.length ?? 1) - 1;
}

/** What matches an expression as a whole, in linear time. */
export function whole(pattern: RegExp): WholeMatcher {
  const matcher = linearMatcher(pattern);
  if (matcher !== null) return matcher;
  throw new SyntaxError(`Cannot match paths or hosts by ${pattern}: ${TOO_SLOW}`);
}
