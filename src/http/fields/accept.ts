import { trimWhitespace } from "./field.ts";

const WEIGHT = /;[ \t]*q[ \t]*=[ \t]*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*(?:;|$)/i;
/** Ranges that are looked at: no client lists more. */
const MAX_RANGES = 50;

/**
 * How much a client wants a media type, by the most specific range of its `Accept` that holds it
 * (RFC 9110 §12.5.1).
 *
 * Parameters other than the weight are passed over; a malformed weight counts as 1, as most servers
 * take it.
 *
 * @param header The value of `Accept`, or `null` if there is none, which accepts everything.
 * @param type The media type in lower case, without parameters.
 * @returns From 0, not at all, to 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const accept = "text/html, application/*;q=0.8, application/json;q=0.2";
 * assertEquals(acceptWeight(accept, "text/html"), 1);
 * assertEquals(acceptWeight(accept, "application/xml"), 0.8);
 * assertEquals(acceptWeight(accept, "application/json"), 0.2);
 * assertEquals(acceptWeight(accept, "image/png"), 0);
 * ```
 */
export function acceptWeight(header: string | null, type: string): number {
  if (header === null) return 1;
  const ranges = ["*/*", `${type.slice(0, type.indexOf("/"))}/*`, type];
  let weight = 0;
  let best = -1;
  for (const member of header.split(",", MAX_RANGES)) {
    const specificity = ranges.indexOf(mediaRange(member));
    if (specificity <= best) continue;
    best = specificity;
    weight = Number(WEIGHT.exec(member)?.[1] ?? 1);
  }
  return weight;
}

function mediaRange(member: string): string {
  return trimWhitespace(member.split(";", 1)[0] ?? "").toLowerCase();
}
