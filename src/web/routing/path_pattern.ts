/** Patterns of paths: text, strings with groups, regular expressions. */
import { linearMatcher, TOO_SLOW, type WholeMatcher } from "./linear_regexp.ts";

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

  /** @param path The path. */
  constructor(path: string) {
    this.prefix = path;
  }

  match(path: string): PathGroups | null {
    return path === this.prefix ? NO_GROUPS : null;
  }

  reverse({ length }: readonly unknown[]): string {
    if (length === 0) return this.prefix;
    throw wrongCount(this.prefix, 0, length);
  }

  toString(): string {
    return this.prefix;
  }
}

/**
 * Parses a pattern.
 *
 * @throws {SyntaxError} If it is malformed; the message says where, and the way out.
 */
export function parsePattern(source: string): PathMatcher {
  return new PathPattern(source);
}

/**
 * A compiled string pattern, anchored at both ends.
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
 */
export class PathPattern implements PathMatcher {
  /** As it was written. */
  readonly source: string;
  /** The literal text before the first group. */
  readonly prefix: string;
  /** Whether there are no groups: only `prefix` itself matches. */
  readonly literal: boolean;
  /** How many groups there are, those within an expression not counted. */
  readonly groupCount: number;

  /** `null` where it can be done without. */
  readonly #regexp: WholeMatcher | null;
  readonly #parts: readonly Part[];
  readonly #simple: SegmentPattern | RestPattern | null;

  /** @throws {SyntaxError} If the pattern is malformed; the message says where, and the way out. */
  constructor(source: string) {
    this.source = source;
    this.#parts = parse(source);
    checkBeginning(source, this.#parts);
    this.#simple = SegmentPattern.of(this.#parts) ?? RestPattern.of(this.#parts);
    this.literal = this.#parts.every((part) => part.kind === "text");
    this.groupCount = this.#parts.filter((part) => part.kind === "group").length;
    const [first] = this.#parts;
    this.prefix = first?.kind === "text" ? first.text : "";
    const isSimple = this.literal || this.#simple !== null;
    this.#regexp = isSimple ? null : compile(source, this.#parts);
  }

  /** The groups that `path` fills; `null` if it does not match. */
  match(path: string): PathGroups | null {
    if (this.literal) return path === this.prefix ? NO_GROUPS : null;
    if (this.#simple !== null) return this.#simple.match(path);
    const found = this.#regexp?.exec(path) ?? null;
    return found && { args: found.slice(1), kwargs: found.groups ?? null };
  }

  toString(): string {
    return this.source;
  }

  /**
   * The path that the pattern matches with `args` in place of its groups.
   *
   * @throws {TypeError} If there are more or fewer arguments than groups, or one does not fit.
   */
  reverse(args: readonly unknown[]): string {
    const groups = this.#parts.filter((part) => part.kind === "group");
    if (groups.length !== args.length) throw wrongCount(this.source, groups.length, args.length);
    let next = 0;
    const path = this.#parts
      .map((part) => part.kind === "text" ? part.text : encode(args[next++], part))
      .join("");
    if (this.match(path) !== null) return path;
    throw new TypeError(
      `Cannot reverse "${this.source}": the arguments make "${path}", which it does not match`,
    );
  }
}

type Part = { kind: "text"; text: string } | Group;

interface Group {
  kind: "group";
  name: string | undefined;
  regexp: string;
  /** Whether it stops at a slash. */
  segment: boolean;
}

/**
 * A pattern whose groups are whole segments, which most are. It is matched by looking for slashes,
 * several times as fast as by a regular expression.
 */
class SegmentPattern {
  readonly #texts: readonly string[];
  readonly #names: readonly string[];

  private constructor(texts: readonly string[], names: readonly string[]) {
    this.#texts = texts;
    this.#names = names;
  }

  /** The parts as such a pattern; `null` if they are none. */
  static of(parts: readonly Part[]): SegmentPattern | null {
    const texts: string[] = [];
    const names: string[] = [];
    for (const part of parts) {
      if (part.kind === "text") texts.push(part.text);
      else if (part.name === undefined || part.regexp !== SEGMENT) return null;
      else names.push(part.name);
    }
    const whole = parts.every((part, i) =>
      part.kind === "text"
        ? part.text.startsWith("/") && (part.text.endsWith("/") || i === parts.length - 1)
        : parts[i - 1]?.kind === "text"
    );
    const distinct = new Set(names).size === names.length;
    return whole && distinct && names.length > 0 ? new SegmentPattern(texts, names) : null;
  }

  match(path: string): PathGroups | null {
    const args: string[] = [];
    let at = 0;
    for (let i = 0; i < this.#texts.length; i++) {
      const text = this.#texts[i] ?? "";
      if (path.slice(at, at + text.length) !== text) return null;
      at += text.length;
      if (i === this.#names.length) break;
      const slash = path.indexOf("/", at);
      const end = slash === -1 ? path.length : slash;
      if (end === at) return null;
      args.push(path.slice(at, end));
      at = end;
    }
    return at === path.length ? new SegmentGroups(args, this.#names) : null;
  }
}

/** Text and then the rest of the path, as `/files/*`. */
class RestPattern {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** The parts as such a pattern; `null` if they are none. */
  static of([first, rest, more]: readonly Part[]): RestPattern | null {
    const fits = first?.kind === "text" && rest?.kind === "group" && rest.regexp === REST &&
      rest.name === undefined && more === undefined;
    return fits ? new RestPattern(first.text) : null;
  }

  match(path: string): PathGroups | null {
    const rest = path.slice(this.#text.length);
    return path.startsWith(this.#text) && !LINE_END.test(rest)
      ? { args: [rest], kwargs: null }
      : null;
  }
}

/** Groups that are all named. The record of them is made when it is asked for. */
class SegmentGroups implements PathGroups {
  readonly args: readonly string[];
  readonly #names: readonly string[];

  constructor(args: readonly string[], names: readonly string[]) {
    this.args = args;
    this.#names = names;
  }

  get kwargs(): Record<string, string | undefined> {
    const kwargs: Record<string, string | undefined> = Object.create(null);
    this.#names.forEach((name, i) => kwargs[name] = this.args[i]);
    return kwargs;
  }
}

const SEGMENT = "[^/]+";
const REST = ".*";
/** What a `.` does not stand for. */
const LINE_END = /[\n\r\u2028\u2029]/;
const IDENTIFIER = /[A-Za-z_]\w*/y;
/** Characters that never stand raw in a path (RFC 3986 §3.3): whoever writes them means a RegExp. */
const FOREIGN = /[?\\^[\]{}|"<>]/;

function parse(source: string): Part[] {
  const parts: Part[] = [];
  let text = "";
  const push = (group: Group) => {
    if (text !== "") parts.push({ kind: "text", text: encodeText(text) });
    text = "";
    parts.push(group);
  };
  let at = 0;
  while (at < source.length) {
    const character = source.charAt(at);
    if (source.startsWith("\\:", at)) {
      text += ":";
      at += 2;
    } else if (character === "(") {
      checkGroup(source, at);
      const end = closing(source, at);
      push({ kind: "group", name: undefined, regexp: source.slice(at + 1, end), segment: false });
      at = end + 1;
    } else if (character === ":" && identifierAt(source, at + 1) !== "") {
      const name = identifierAt(source, at + 1);
      at += 1 + name.length;
      const end = source.charAt(at) === "(" ? closing(source, at) : at - 1;
      const regexp = end < at ? SEGMENT : source.slice(at + 1, end);
      push({ kind: "group", name, regexp, segment: true });
      at = end + 1;
    } else if (character === "*" && at === source.length - 1 && !text.endsWith(".")) {
      push({ kind: "group", name: undefined, regexp: REST, segment: false });
      at++;
    } else if (character === "$" && at === source.length - 1) {
      at++;
    } else {
      checkText(source, at);
      text += character;
      at++;
    }
  }
  if (text !== "" || parts.length === 0) parts.push({ kind: "text", text: encodeText(text) });
  return parts;
}

function identifierAt(source: string, at: number): string {
  IDENTIFIER.lastIndex = at;
  return IDENTIFIER.exec(source)?.[0] ?? "";
}

/** The index of the parenthesis that closes the one at `open`. */
function closing(source: string, open: number): number {
  let depth = 0;
  let inClass = false;
  for (let at = open; at < source.length; at++) {
    const character = source.charAt(at);
    if (character === "\\") at++;
    else if (inClass) inClass = character !== "]";
    else if (character === "[") inClass = true;
    else if (character === "(") depth++;
    else if (character === ")" && --depth === 0) return at;
  }
  throw new SyntaxError(`Cannot compile the pattern "${source}": the "(" at ${open} is not closed`);
}

/** Python's way to name a group. */
function checkGroup(source: string, at: number): void {
  const name = /^\(\?P<(\w+)>/.exec(source.slice(at))?.[1];
  if (name === undefined) return;
  throw new SyntaxError(
    `Cannot compile the pattern "${source}": "(?P<" at ${at} is how Python names a group; ` +
      `write "(?<${name}>…)", or ":${name}" for a segment`,
  );
}

function checkText(source: string, at: number): void {
  const character = source.charAt(at);
  const regexp = FOREIGN.test(character) || character === "*" || character === ")" ||
    (character === "." && /[*+]/.test(source.charAt(at + 1)));
  if (!regexp) return;
  throw new SyntaxError(
    `Cannot compile the pattern "${source}": "${character}" at ${at} is not literal text; ` +
      wayOut(source, at),
  );
}

/** What other routers write, and what is written here. */
function wayOut(source: string, at: number): string {
  const rest = source.slice(at);
  const name = /^(?:<(?:\w+:)?(\w+)>|\{(\w+)(?:[:=*][^}]*)?\})/.exec(rest);
  const group = name?.[1] ?? name?.[2];
  if (group !== undefined) return `a segment as a group is written ":${group}"`;
  if (/^\?$/.test(rest) && source.charAt(at - 1) === "/") {
    const bare = source.slice(0, -2);
    return `for both, with the slash and without, write "${bare}(?:/?)"; ` +
      "@removeSlash and @addSlash redirect from the one to the other";
  }
  return "put a regular expression in parentheses, or use a RegExp for the whole path";
}

/** Text as it stands in a request: percent-encoded, where it is not already. */
function encodeText(text: string): string {
  return text.replace(/[^\x21-\x7e]+/g, (part) => encodeURIComponent(part.toWellFormed()));
}

/** A path begins with a slash: a pattern that cannot would never match. */
function checkBeginning(source: string, [first]: readonly Part[]): void {
  const text = first?.kind === "text" ? first.text : null;
  const fits = text === null
    ? first?.kind === "group" && first.regexp !== SEGMENT
    : text[0] === "/";
  if (fits) return;
  throw new SyntaxError(
    `Cannot compile the pattern "${source}": a path begins with "/"; write "/${source}"`,
  );
}

function compile(source: string, parts: readonly Part[]): WholeMatcher {
  const body = parts.map((part) => {
    if (part.kind === "text") return RegExp.escape(part.text);
    return part.name === undefined ? `(${part.regexp})` : `(?<${part.name}>${part.regexp})`;
  });
  const matcher = linearMatcher(toRegExp(source, body.join("")));
  if (matcher !== null) return matcher;
  throw new SyntaxError(`Cannot compile the pattern "${source}": ${TOO_SLOW}`);
}

function toRegExp(source: string, body: string): RegExp {
  try {
    return new RegExp(body);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SyntaxError(`Cannot compile the pattern "${source}": ${reason}`, { cause });
  }
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
  readonly #source: RegExp;
  readonly #regexp: WholeMatcher;

  constructor(expression: RegExp) {
    this.#source = expression;
    this.#regexp = whole(expression);
    this.groupCount = groupsOf(expression);
  }

  match(path: string): PathGroups | null {
    const found = this.#regexp.exec(path);
    return found === null ? null : { args: found.slice(1), kwargs: found.groups ?? null };
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
