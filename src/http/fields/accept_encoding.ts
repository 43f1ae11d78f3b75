import { trimWhitespace } from "./field.ts";

const WEIGHT = /^[ \t]*q[ \t]*=[ \t]*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*$/i;

/**
 * Tells whether a response in a content coding may be sent (RFC 9110 §12.5.3).
 *
 * Without the header only `identity` may: the RFC would allow every coding, and clients that say
 * nothing are those that cannot decode. `identity` may unless the header refuses it. A malformed
 * weight counts as 0.
 *
 * @param header The value of `Accept-Encoding`, or `null` if there is none.
 * @param coding The coding, such as `"gzip"`.
 *
 * @example
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(acceptsEncoding("gzip, br;q=0.5", "br"));
 * assertFalse(acceptsEncoding("gzip;q=0, *", "gzip"));
 * ```
 */
export function acceptsEncoding(header: string | null, coding: string): boolean {
  return weightOf(header, coding) > 0;
}

/**
 * Chooses the content coding that a client likes best (RFC 9110 §12.5.3). Among equals the first
 * offered wins; `identity`, where the header does not name it, comes after all others.
 *
 * The negotiation of `@std/http` is not used: it loads media types and languages too, and it takes
 * `Q=` and malformed weights for no weight.
 *
 * @param header The value of `Accept-Encoding`, or `null` if there is none.
 * @param offered The codings that the server can send, best first.
 * @returns One of those offered, or `null` if the client accepts none of them.
 */
export function preferredEncoding(
  header: string | null,
  offered: readonly string[],
): string | null {
  let best: string | null = null;
  let bestWeight = 0;
  for (const coding of offered) {
    const weight = weightOf(header, coding);
    if (weight > bestWeight) {
      best = coding;
      bestWeight = weight;
    }
  }
  return best;
}

/** Less than any weight that can be written, and more than none. */
const UNSAID = 0.0001;

function weightOf(header: string | null, coding: string): number {
  const wanted = coding.toLowerCase();
  let weight = wanted === "identity" ? UNSAID : 0;
  if (header === null) return weight;
  for (let start = 0; start < header.length;) {
    const found = header.indexOf(",", start);
    const member = header.slice(start, found === -1 ? header.length : found);
    const end = member.indexOf(";");
    const name = trimWhitespace(end === -1 ? member : member.slice(0, end)).toLowerCase();
    if (name === wanted || name === "*") {
      weight = end === -1 ? 1 : readWeight(member.slice(end + 1));
      // The coding itself may still come after an asterisk, and goes before it.
      if (name === wanted) return weight;
    }
    start += member.length + 1;
  }
  return weight;
}

function readWeight(parameter: string): number {
  return Number(WEIGHT.exec(parameter)?.[1] ?? 0);
}
