/**
 * What stands in the place of `locale_choice.ts` in the package, for Workers: who names the namespace
 * `locale`, or has a loader of templates, brings locales along.
 */
import { UnsupportedFeatureError } from "../platform/unsupported_feature_error.ts";
import type { Locale } from "../text/locale/locale.ts";
import { browserLocale as ofBrowser, visitorLocale as ofVisitor } from "./locale_choice.ts";
import type { RequestHandler } from "./request_handler.ts";

let brought: { ofBrowser: typeof ofBrowser; ofVisitor: typeof ofVisitor } | undefined;

/**
 * Gives handlers their locales.
 *
 * @param value Who brings them.
 * @returns The same, so that the call is left out of a bundle with what it makes.
 */
export function withLocales<T>(value: T): T {
  brought = { ofBrowser, ofVisitor };
  return value;
}

/** See `locale_choice.ts`. */
export function visitorLocale(handler: RequestHandler): Locale {
  return (brought ?? missing()).ofVisitor(handler);
}

/** See `locale_choice.ts`. */
export function browserLocale(handler: RequestHandler, defaultCode: string): Locale {
  return (brought ?? missing()).ofBrowser(handler, defaultCode);
}

function missing(): never {
  throw new UnsupportedFeatureError(
    "this.locale without translations",
    "locale.addTranslations() or locale.setDefaultLocale(): the namespace brings locales along",
  );
}
