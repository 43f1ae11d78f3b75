/** The codes whose region is not one: Tornado's Latin American Spanish. */
const SPECIAL: ReadonlyMap<string, string> = new Map([["es_LA", "es-419"]]);

/** Scripts that are written from right to left. */
const RIGHT_TO_LEFT = new Set(
  "Adlm Arab Aran Hebr Mand Mend Nkoo Rohg Samr Syrc Thaa Yezi".split(" "),
);

/** A locale code, as files and settings write it: `en`, `pt_BR`, `zh_Hant_TW`, `es_419`. */
export const LOCALE_CODE: RegExp = /^[a-z]{2,8}(?:_[A-Z][a-z]{3})?(?:_(?:[A-Z]{2,3}|\d{3}))?$/;

/**
 * Writes a locale code as code writes it: `pt-br` becomes `pt_BR`.
 *
 * @param code A code or a BCP 47 tag.
 */
export function normalizeCode(code: string): string {
  const [language = "", ...rest] = code.trim().replaceAll("-", "_").split("_");
  const parts = rest.map((part) =>
    part.length === 4 ? part[0]?.toUpperCase() + part.slice(1).toLowerCase() : part.toUpperCase()
  );
  return [language.toLowerCase(), ...parts].join("_");
}

/** The BCP 47 tag of a code, for `Intl`, `lang` attributes and `Content-Language`. */
export function languageTag(code: string): string {
  const tag = SPECIAL.get(code) ?? code.replaceAll("_", "-");
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? "und";
  } catch {
    return "und";
  }
}

/** How dates and numbers are written in a language that `Intl` does not know: hours up to 24. */
const NEUTRAL = "en-GB";

/**
 * The tag to give to `Intl`. What it does not know it would write as the machine is set up.
 *
 * @param tag The BCP 47 tag.
 */
export function intlTag(tag: string): string {
  return Intl.DateTimeFormat.supportedLocalesOf([tag]).length > 0 ? tag : NEUTRAL;
}

/** Tells whether a language is written from right to left. */
export function isRightToLeft(tag: string): boolean {
  return RIGHT_TO_LEFT.has(new Intl.Locale(tag).maximize().script ?? "");
}

/** The name of a language in that language, such as `Português (Brasil)`. */
export function nativeName(tag: string): string {
  const names = new Intl.DisplayNames([intlTag(tag)], {
    type: "language",
    languageDisplay: "standard",
  });
  const name = names.of(tag) ?? tag;
  return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
}

/**
 * Finds the locale of the same language and script, whatever its region.
 *
 * Of several the usual region of the language goes first; for a visitor from elsewhere, one that
 * spans a continent (`es_419`, `es_LA`).
 *
 * @param code What was asked for, such as `es_MX`.
 * @param candidates The codes to choose from.
 */
export function closestRegion(code: string, candidates: readonly string[]): string | undefined {
  const wanted = likely(code);
  if (wanted === undefined) return undefined;
  const usual = likely(wanted.language)?.region;
  const same = candidates.filter((each) => {
    const { language, script } = likely(each) ?? {};
    return language === wanted.language && script === wanted.script;
  });
  const ofRegion = (test: (region: string) => boolean) =>
    same.find((each) => test(likely(each)?.region ?? ""));
  const spanning = wanted.region === usual ? undefined : ofRegion((region) => /^\d/.test(region));
  return spanning ?? ofRegion((region) => region === usual) ?? same[0];
}

/** A code with what is most likely where it says nothing; `undefined` for what is no code. */
function likely(code: string): Intl.Locale | undefined {
  const tag = languageTag(code);
  return tag === "und" ? undefined : new Intl.Locale(tag).maximize();
}

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
