/** The challenges of `WWW-Authenticate`. */

/** One challenge (RFC 9110 §11.3). */
export interface Challenge {
  /** The scheme, in lower case. */
  readonly scheme: string;
  /** Its parameters, names in lower case, in an object without a prototype. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** How many parameters are read of a field: the rest is noise. */
const MAX_PARTS = 200;
/** A parameter with its value, quoted or not, or a word by itself, which is a scheme. */
const PART =
  /[\s,]*(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"=]+))|([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?=\s|,|$))/sy;

/**
 * Reads the challenges of a field in linear time. It never fails: reading ends at what is malformed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const [basic, digest] = parseChallenges('Basic realm="a, b", Digest realm=c, nonce="d"');
 * assertEquals([basic?.scheme, basic?.parameters.realm], ["basic", "a, b"]);
 * assertEquals([digest?.scheme, digest?.parameters.nonce], ["digest", "d"]);
 * ```
 */
export function parseChallenges(field: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  const part = new RegExp(PART);
  for (let count = 0; count < MAX_PARTS && part.lastIndex < field.length; count++) {
    const match = part.exec(field);
    if (match === null) break;
    const [, name, quoted, plain, scheme] = match;
    if (scheme !== undefined) {
      challenges.push({ scheme: scheme.toLowerCase(), parameters: Object.create(null) });
    } else if (name !== undefined) {
      const value = quoted?.replace(/\\(.)/gs, "$1") ?? plain ?? "";
      const { parameters } = challenges.at(-1) ?? {};
      if (parameters !== undefined) parameters[name.toLowerCase()] ??= value;
    }
  }
  return challenges;
}
