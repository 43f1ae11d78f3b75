/** The locales that an application supports, and the choice among them. */
import { generalLog } from "../../log.ts";
import type { Catalogue } from "./catalogue.ts";
import { closestRegion, normalizeCode } from "./language_tag.ts";
import { Locale } from "./locale.ts";

let defaultCode = "en_US";
let catalogues: ReadonlyMap<string, Catalogue> = new Map();
const locales = new Map<string, Locale>();

/**
 * The supported locale that is closest to one of the codes; the default if none is
 * (`tornado.locale.get`).
 *
 * A code is shortened from its end until it is supported (`zh-Hant-TW`, `zh-Hant`, `zh`). If it never
 * is, a locale of the same language and script does, for another region: `de` finds `de_DE`, `es-MX`
 * finds `es_LA`. Only then the next code counts.
 *
 * @param codes Codes or BCP 47 tags, the preferred one first.
 *
 * @example
 * ```ts
 * import { locale } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * locale.addTranslations("de_DE", "Hello,Hallo");
 * assertEquals(locale.get("fr", "de").code, "de_DE");
 * assertEquals(locale.get("fr").code, "en_US");
 * ```
 *
 * @category Text and languages
 */
export function get(...codes: readonly string[]): Locale {
  for (const code of codes) {
    const found = supported(normalizeCode(code));
    if (found !== undefined) return localeOf(found);
  }
  return localeOf(defaultCode);
}

/** What was found for the codes of visitors: a browser sends the same ones all the time. */
const choices = new Map<string, string | undefined>();
const MAX_CHOICES = 1000;
/** Longer codes say more than any locale, and are not worth their memory. */
const MAX_LENGTH = 40;
/** Language, script, region, and some more. */
const MAX_SUBTAGS = 8;

function supported(code: string): string | undefined {
  if (isSupported(code)) return code;
  if (code.length > MAX_LENGTH) return shortened(code);
  if (choices.has(code)) return choices.get(code);
  const found = shortened(code) ?? closestRegion(code, getSupportedLocales());
  if (choices.size < MAX_CHOICES) choices.set(code, found);
  return found;
}

function shortened(code: string): string | undefined {
  const parts = code.split("_", MAX_SUBTAGS);
  for (; parts.length > 0; parts.pop()) {
    const candidate = parts.join("_");
    if (isSupported(candidate)) return candidate;
  }
  return undefined;
}

/**
 * Sets the language that all texts are written in, which needs no translations. It starts as `en_US`.
 *
 * @param code The code.
 *
 * @example
 * ```ts
 * import { locale } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * locale.setDefaultLocale("fr_FR");
 * assertEquals(locale.get("ja").code, "fr_FR");
 * ```
 *
 * @category Text and languages
 */
export function setDefaultLocale(code: string): void {
  defaultCode = code;
  choices.clear();
}

/**
 * The codes of the locales that have translations, and of the default one, sorted.
 *
 * @example
 * ```ts
 * import { locale } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * locale.addTranslations("pt_BR", "Hello,Olá");
 * assertEquals(locale.getSupportedLocales(), ["en_US", "pt_BR"]);
 * ```
 *
 * @category Text and languages
 */
export function getSupportedLocales(): string[] {
  return [...new Set([...catalogues.keys(), defaultCode])].sort();
}

/**
 * Forgets all translations.
 *
 * @example
 * ```ts
 * import { locale } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * locale.addTranslations("fr", "Hello,Bonjour");
 * locale.clearTranslations();
 * assertEquals(locale.get("fr").translate("Hello"), "Hello");
 * ```
 *
 * @category Text and languages
 */
export function clearTranslations(): void {
  replaceCatalogues(new Map());
}

/** Adds the translations of one locale, in place of those that it had. */
export function addCatalogue(code: string, catalogue: Catalogue): void {
  replaceCatalogues(new Map([...catalogues, [normalizeCode(code), catalogue]]));
}

/** Puts other translations in place of all, by the codes of their locales. */
export function replaceCatalogues(loaded: ReadonlyMap<string, Catalogue>): void {
  catalogues = loaded;
  locales.clear();
  choices.clear();
  generalLog()?.debug("Supported locales: {codes}", { codes: getSupportedLocales() });
}

function isSupported(code: string): boolean {
  return code === defaultCode || catalogues.has(code);
}

function localeOf(code: string): Locale {
  const known = locales.get(code);
  if (known !== undefined) return known;
  const made = new Locale(code, catalogues.get(code));
  locales.set(code, made);
  return made;
}
