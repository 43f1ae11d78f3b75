/**
 * The `locale` namespace: what `tornado.locale` holds.
 */
export { acceptedLanguages } from "./locale/accept_language.ts";
export type { Catalogue, Message } from "./locale/catalogue.ts";
export type { DateFormatOptions } from "./locale/dates.ts";
export { Locale } from "./locale/locale.ts";
export type { PlaceholderValues } from "./locale/placeholders.ts";
export {
  addGettextTranslations,
  addTranslations,
  clearTranslations,
  get,
  getSupportedLocales,
  loadGettextTranslations,
  loadTranslations,
  setDefaultLocale,
  type TranslationOptions,
} from "./locale/registry.ts";
