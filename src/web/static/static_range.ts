/** Which part of a file a request asks for. */
import { ifRangeMatches } from "../../http/fields/conditional.ts";
import { type ByteRange, parseRange } from "../../http/fields/range.ts";

/** What a request says of ranges. */
export interface RangeFields {
  /** The value of `Range`. */
  readonly header: string;
  /** The value of `If-Range`, if there is one. */
  readonly ifRange: string | null;
}

/** What a range is taken from. */
export interface Representation {
  /** Bytes. */
  readonly size: number;
  /** Its entity tag, with quotes; `null` if it has none. */
  readonly etag: string | null;
  /** When it was modified; `null` where unknown. */
  readonly modified: Date | null;
}

/**
 * The range that a request asks for (RFC 9110 §14.2).
 *
 * @returns `null` when the whole is to be sent: the range cannot be read, it is the
 *   whole (Chrome plays no audio that comes as a 206 of everything), or `If-Range` names another
 *   version. `"unsatisfiable"` asks for 416.
 */
export function selectRange(
  { header, ifRange }: RangeFields,
  { size, etag, modified }: Representation,
): ByteRange | "unsatisfiable" | null {
  if (ifRange !== null && !ifRangeMatches(ifRange, etag, modified?.getTime() ?? null)) return null;
  const range = parseRange(header, size);
  const whole = range !== null && range !== "unsatisfiable" && range.end - range.start === size;
  return whole ? null : range;
}
