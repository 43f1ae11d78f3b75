/** The one way to write the name of a file in a URL. */

/** Characters of a path that need no escape (RFC 3986 §3.3). */
const PLAIN = /^[\w.~!$&'()*+,;=:@\/-]*$/;
/** Empty parts but for the last, `.` and `..`. */
const UNTIDY = /^\/|\/\/|(?:^|\/)\.{1,2}(?:\/|$)/;
/** An escape; or what should have been one, a stray `%` included. */
const ESCAPE = /%([0-9a-f]{2})|[^\w.~!$&'()*+,;=:@\/-]+?/giu;
/** `/`, `\` and NUL can be in no name; and a dot is escaped by nobody but to get past something. */
const IMPOSSIBLE: ReadonlySet<string> = new Set(["2F", "5C", "00", "2E"]);

/**
 * The spelling of a name under which a file is served: with no escape but those that a path needs, in
 * upper case, and without empty parts, `.` and `..`. A guard is a route on the text of a path, so that
 * another spelling of the same file would get past it.
 *
 * @param raw What the pattern of the route took from the URL.
 * @returns `null` if it names no file: what it could mean has a spelling of its own.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(canonicalSpelling("a%20b/%63.txt"), "a%20b/c.txt");
 * assertEquals(canonicalSpelling("a%2Fb"), null);
 * assertEquals(canonicalSpelling("./a"), null);
 * ```
 */
export function canonicalSpelling(raw: string): string | null {
  let possible = true;
  const spelling = PLAIN.test(raw) ? raw : raw.replace(ESCAPE, (text, hex?: string) => {
    if (hex === undefined) return encodeURIComponent(text.toWellFormed());
    const escape = hex.toUpperCase();
    if (IMPOSSIBLE.has(escape)) possible = false;
    const character = String.fromCharCode(parseInt(escape, 16));
    return character !== "/" && PLAIN.test(character) ? character : `%${escape}`;
  });
  return possible && !UNTIDY.test(spelling) ? spelling : null;
}
