import { isWhitespace, trimWhitespace } from "./field.ts";
import { parseHttpDate } from "./http_date.ts";

const COMMA = 0x2c;
const QUOTE = 0x22;

/**
 * Tells whether `If-None-Match` names an entity tag: by weak comparison, so that `W/"a"` and `"a"`
 * are the same (RFC 9110 §13.1.2). `*` names every tag.
 *
 * A list is read up to its first malformed member.
 *
 * @param ifNoneMatch The value of the request's header.
 * @param etag The entity tag of the representation, with its quotes.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 *
 * assert(matchesEtag('"a", W/"b"', '"b"'));
 * ```
 */
export function matchesEtag(ifNoneMatch: string, etag: string): boolean {
  const opaque = opaqueTag(etag);
  if (ifNoneMatch === opaque) return true;
  if (trimWhitespace(ifNoneMatch) === "*") return true;
  for (let start = 0; start < ifNoneMatch.length;) {
    const code = ifNoneMatch.charCodeAt(start);
    if (code === COMMA || isWhitespace(code)) {
      start++;
      continue;
    }
    const quote = ifNoneMatch.startsWith("W/", start) ? start + 2 : start;
    if (ifNoneMatch.charCodeAt(quote) !== QUOTE) return false;
    const end = ifNoneMatch.indexOf('"', quote + 1) + 1;
    if (end === 0) return false;
    if (end - quote === opaque.length && ifNoneMatch.startsWith(opaque, quote)) return true;
    start = end;
  }
  return false;
}

/**
 * Compares two entity tags strongly: they are the same and neither is weak (RFC 9110 §8.8.3.2).
 */
export function strongMatch(a: string, b: string): boolean {
  return a === b && a.length >= 2 && a.startsWith('"') && a.endsWith('"');
}

/**
 * Tells whether `If-Range` still holds, so that the range asked for may be sent: an entity tag is
 * compared strongly, a date must be the very one of `Last-Modified` (RFC 9110 §13.1.5).
 *
 * @param ifRange The value of the request's header.
 * @param etag The entity tag of the representation, or `null`.
 * @param lastModified When it was modified in milliseconds since the epoch, or `null`. What is less
 * than a second is ignored, as HTTP dates have none.
 */
export function ifRangeMatches(
  ifRange: string,
  etag: string | null,
  lastModified: number | null,
): boolean {
  const validator = trimWhitespace(ifRange);
  if (validator.endsWith('"')) return etag !== null && strongMatch(validator, etag);
  if (lastModified === null) return false;
  return parseHttpDate(validator) === Math.floor(lastModified / 1000) * 1000;
}

/** A weak and a strong tag differ by a prefix only: this is what they share. */
function opaqueTag(etag: string): string {
  return etag.startsWith("W/") ? etag.slice(2) : etag;
}
