import { trimWhitespace } from "./field.ts";

/** A part of a representation, in bytes. */
export interface ByteRange {
  /** The first byte. */
  readonly start: number;
  /** The byte after the last: always more than `start`, never more than the size. */
  readonly end: number;
}

// No two parts of it can match the same character: that is what keeps it linear.
const SINGLE_RANGE = /^bytes[ \t]*=[ \t]*(\d*)(?:-(\d*))?$/i;

/**
 * Reads a `Range` header against a representation (RFC 9110 §14.2).
 *
 * One range of bytes is understood, as in Tornado: `a-b` (a `b` past the end means the end), `a-`
 * (also written `a`), `-n` (the last `n`). Only digits are numbers.
 *
 * @param header The value of the header.
 * @param size The size of the representation in bytes.
 * @returns The range; `"unsatisfiable"` when the answer is 416, because it starts past the end, ends
 * before it starts, or asks for the last 0 bytes; `null` when the header is to be ignored, because
 * it is malformed, in another unit, or names several ranges.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseRange("bytes=0-9", 26), { start: 0, end: 10 });
 * assertEquals(parseRange("bytes=-4", 26), { start: 22, end: 26 });
 * assertEquals(parseRange("bytes=26-", 26), "unsatisfiable");
 * assertEquals(parseRange("bytes=0-1,4-5", 26), null);
 * ```
 */
export function parseRange(header: string, size: number): ByteRange | "unsatisfiable" | null {
  const match = SINGLE_RANGE.exec(trimWhitespace(header));
  if (match === null) return null;
  const [, first = "", last = ""] = match;
  if (first === "") return last === "" ? null : lastBytes(Number(last), size);
  const start = Number(first);
  const end = last === "" ? size : Math.min(Number(last) + 1, size);
  return start < end ? { start, end } : "unsatisfiable";
}

function lastBytes(count: number, size: number): ByteRange | "unsatisfiable" | null {
  if (count === 0) return "unsatisfiable";
  // The last bytes of nothing are the whole of it, for which there is no range to write.
  if (size === 0) return null;
  return { start: Math.max(0, size - count), end: size };
}
