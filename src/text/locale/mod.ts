/**
 * The `locale` namespace: what `tornado.locale` holds.
 */
export { acceptedLanguages } from "./language_tag.ts";
export type { Catalogue, Message } from "./catalogue.ts";
export type { DateFormatOptions } from "./dates.ts";
export { Locale } from "./locale.ts";
export type { PlaceholderValues } from "./catalogue.ts";
export { clearTranslations, get, getSupportedLocales, setDefaultLocale } from "./registry.ts";
export {
  addGettextTranslations,
  addTranslations,
  loadGettextTranslations,
  loadTranslations,
  type TranslationOptions,
} from "./translation_files.ts";
