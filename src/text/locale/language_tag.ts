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
