/** Patterns of paths, written as strings. */

/** What a pattern took from a path: its groups, raw. */
export interface PathGroups {
  /** Every group in order; `undefined` for one that took no part. */
  readonly args: readonly (string | undefined)[];
  /** The named ones. */
  readonly kwargs: Readonly<Record<string, string | undefined>> | null;
}

const NO_GROUPS: PathGroups = { args: [], kwargs: null };

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
 * A colon that begins no group is written `\:`.
 */
export class PathPattern {
  /** As it was written. */
  readonly source: string;
  /** The literal text before the first group. */
  readonly prefix: string;
  /** Whether there are no groups: only `prefix` itself matches. */
  readonly literal: boolean;

  readonly #regexp: RegExp;
  readonly #parts: readonly Part[];
  readonly #named: boolean;

  /** @throws {SyntaxError} If the pattern is malformed; the message says where, and the way out. */
  constructor(source: string) {
    this.source = source;
    this.#parts = parse(source);
    this.#named = this.#parts.some((part) => part.kind === "group" && part.name !== undefined);
    this.literal = this.#parts.every((part) => part.kind === "text");
    const [first] = this.#parts;
    this.prefix = first?.kind === "text" ? first.text : "";
    this.#regexp = compile(source, this.#parts);
  }

  /** The groups that `path` fills; `null` if it does not match. */
  match(path: string): PathGroups | null {
    if (this.literal) return path === this.prefix ? NO_GROUPS : null;
    const found = this.#regexp.exec(path);
    if (found === null) return null;
    return { args: found.slice(1), kwargs: this.#named ? found.groups ?? null : null };
  }

  /**
   * The path that the pattern matches with `args` in place of its groups.
   *
   * @throws {TypeError} If there are more or fewer arguments than groups, or one does not fit.
   */
  reverse(args: readonly unknown[]): string {
    const groups = this.#parts.filter((part) => part.kind === "group");
    if (groups.length !== args.length) {
      throw new TypeError(
        `Cannot reverse "${this.source}": it has ${groups.length} groups, got ${args.length} arguments`,
      );
    }
    let next = 0;
    const path = this.#parts
      .map((part) => part.kind === "text" ? part.text : encode(args[next++], part))
      .join("");
    if (this.#regexp.test(path)) return path;
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
      const end = closing(source, at);
      push({ kind: "group", name: undefined, regexp: source.slice(at + 1, end), segment: false });
      at = end + 1;
    } else if (character === ":" && identifierAt(source, at + 1) !== "") {
      const name = identifierAt(source, at + 1);
      at += 1 + name.length;
      const end = source.charAt(at) === "(" ? closing(source, at) : at - 1;
      const regexp = end < at ? "[^/]+" : source.slice(at + 1, end);
      push({ kind: "group", name, regexp, segment: true });
      at = end + 1;
    } else if (character === "*" && at === source.length - 1 && !text.endsWith(".")) {
      push({ kind: "group", name: undefined, regexp: ".*", segment: false });
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

function checkText(source: string, at: number): void {
  const character = source.charAt(at);
  const regexp = FOREIGN.test(character) || character === "*" || character === ")" ||
    (character === "." && /[*+]/.test(source.charAt(at + 1)));
  if (!regexp) return;
  throw new SyntaxError(
    `Cannot compile the pattern "${source}": "${character}" at ${at} is not literal text; ` +
      "put a regular expression in parentheses, or use a RegExp for the whole path",
  );
}

/** Text as it stands in a request: percent-encoded, where it is not already. */
function encodeText(text: string): string {
  return text.replace(/[^\x21-\x7e]+/g, (part) => encodeURIComponent(part));
}

function compile(source: string, parts: readonly Part[]): RegExp {
  const body = parts.map((part) => {
    if (part.kind === "text") return RegExp.escape(part.text);
    return part.name === undefined ? `(${part.regexp})` : `(?<${part.name}>${part.regexp})`;
  });
  try {
    return new RegExp(`^${body.join("")}$`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SyntaxError(`Cannot compile the pattern "${source}": ${reason}`, { cause });
  }
}

function encode(value: unknown, group: Group): string {
  const text = encodeURIComponent(String(value));
  return group.segment ? text : text.replaceAll("%2F", "/");
}
