/** Ranges read from one header: no client lists more languages. */
const MAX_RANGES = 50;

/**
 * The languages of an `Accept-Language` header, the preferred one first (RFC 9110 §12.5.4).
 *
 * Languages of equal weight keep their order. What is malformed, refused by `q=0` or a wildcard is
 * left out.
 *
 * @param header The value of the header.
 *
 * @example
 * ```ts
 * import { locale } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(locale.acceptedLanguages("en;q=0.5, de-AT, fr;q=0"), ["de-AT", "en"]);
 * ```
 *
 * @category Text and languages
 */
export function acceptedLanguages(header: string): string[] {
  return header.split(",", MAX_RANGES)
    .map(readRange)
    .filter(({ tag, weight }) => weight > 0 && /^[A-Za-z\d]+(?:-[A-Za-z\d]+)*$/.test(tag))
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
}

function readRange(range: string): { tag: string; weight: number } {
  const [tag = "", ...parameters] = range.split(";").map((part) => part.trim());
  const [quality] = parameters;
  if (quality === undefined) return { tag, weight: 1 };
  const [, weight] = /^q\s*=\s*(0(?:\.\d*)?|1(?:\.0*)?)$/i.exec(quality) ?? [];
  return { tag, weight: Number(weight ?? 0) };
}
