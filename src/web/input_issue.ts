/** What a validator found, without what it was given. */

/**
 * What is wrong with an input, and where, in a form that can be shown and sent.
 *
 * @category Requests and responses
 */
export interface InputIssue {
  /** What is wrong. What the validator quotes of the rejected value is replaced by `…`. */
  readonly message: string;
  /** The keys that lead there; `[]` for the input as a whole. */
  readonly path: readonly (string | number)[];
}

/** The part of an issue of Standard Schema that is used here. */
export interface FoundIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

const MAX_MESSAGE = 500;
/** A word of fewer letters is no secret, and would be found in every message. */
const SHORTEST_WORD = 4;

/**
 * Keeps of an issue what may be shown: validators quote the value, or carry it along.
 *
 * @param issue What the validator found.
 * @param input What it was given; `undefined` where that is not known.
 */
export function inputIssue(issue: FoundIssue, input: unknown): InputIssue {
  const path = (issue.path ?? []).map((step) =>
    plainKey(typeof step === "object" ? step.key : step)
  );
  const message = withoutValue(String(issue.message), valueAt(input, path));
  return { message: message.slice(0, MAX_MESSAGE), path };
}

/** An issue on one line: `name: too short`. */
export function describeIssue({ message, path }: InputIssue): string {
  return path.length === 0 ? message : `${path.join(".")}: ${message}`;
}

function plainKey(key: PropertyKey): string | number {
  return typeof key === "symbol" ? String(key) : key;
}

function valueAt(input: unknown, path: readonly (string | number)[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  }
  return value;
}

function withoutValue(message: string, value: unknown): string {
  if (typeof value === "number" || typeof value === "bigint") {
    return withoutLast(message, String(value));
  }
  if (typeof value !== "string" || value === "") return message;
  const [json, bare] = [JSON.stringify(value), value];
  const quoted = [json, `"${bare}"`, `'${bare}'`, `\`${bare}\``]
    .reduce((text, quote) => text.replaceAll(quote, '"…"'), message);
  return value.length < SHORTEST_WORD ? quoted : withoutLast(quoted, value);
}

/** Only the last: before it stands what was expected, which may be the same. */
function withoutLast(message: string, value: string): string {
  const at = message.lastIndexOf(value);
  if (at === -1) return message;
  const end = at + value.length;
  const within = isWord(message[at - 1]) && isWord(value[0]) ||
    isWord(message[end]) && isWord(value.at(-1));
  return within ? message : `${message.slice(0, at)}…${message.slice(end)}`;
}

function isWord(character = ""): boolean {
  return /[\p{L}\p{N}_]/u.test(character);
}
