import type { Catalogue, PlaceholderValues } from "./catalogue.ts";
import { type DateFormatOptions, type DateLanguage, formatDate, formatDay } from "./dates.ts";
import { intlTag, isRightToLeft, languageTag, nativeName } from "./language_tag.ts";

/**
 * A language, and the customs of a region: translates, and writes dates, numbers and lists
 * (`tornado.locale.Locale`). Get one by `locale.get`.
 *
 * English is written as Tornado writes it. Other languages are written by the phrases of their
 * catalogue, where it has Tornado's own, and else by `Intl`; one that `Intl` does not know, as in
 * British English.
 *
 * @example
 * ```ts
 * import { locale } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * locale.addTranslations(
 *   "de",
 *   ["Hello,Hallo,", "one page,eine Seite,singular", "%(count)d pages,%(count)d Seiten,plural"]
 *     .join("\n"),
 * );
 * const german: locale.Locale = locale.get("de-AT", "en");
 * assertEquals([german.code, german.name, german.dir], ["de", "Deutsch", "ltr"]);
 * assertEquals(german.translate("Hello"), "Hallo");
 * assertEquals(german.friendlyNumber(1234567.5), "1.234.567,5");
 * ```
 *
 * @category Text and languages
 */
export class Locale {
  /** The code, such as `pt_BR`. */
  readonly code: string;
  /** The BCP 47 tag, for `lang` attributes and `Intl`, such as `pt-BR`. */
  readonly tag: string;
  readonly #catalogue: Catalogue;
  /** As {@linkcode tag}, or what stands for it in `Intl`, which may not know it. */
  readonly #intlTag: string;

  /**
   * Makes a locale of one's own; `locale.get` gives those that have translations.
   *
   * @param code The code.
   * @param catalogue Its translations.
   */
  constructor(code: string, catalogue: Catalogue = NO_TRANSLATIONS) {
    this.code = code;
    this.tag = languageTag(code);
    this.#intlTag = intlTag(this.tag);
    this.#catalogue = catalogue;
  }

  /** The name of the language in that language, such as `Português (Brasil)`. */
  get name(): string {
    return nativeName(this.tag);
  }

  /** Whether it is written from right to left. */
  get rtl(): boolean {
    return isRightToLeft(this.tag);
  }

  /** The value of a `dir` attribute. */
  get dir(): "ltr" | "rtl" {
    return this.rtl ? "rtl" : "ltr";
  }

  /**
   * Translates a text; in templates `_("text")`.
   *
   * @param message The text in the default language, and the answer if it has no translation.
   * @param values What takes the place of `%(name)s` and `%(count)d`.
   */
  translate(message: string, values?: PlaceholderValues): string;
  /**
   * Translates a text about a number.
   *
   * @param message The singular in the default language.
   * @param pluralMessage The plural.
   * @param count The number.
   * @param values What takes the place of `%(name)s` and `%(count)d`.
   */
  translate(
    message: string,
    pluralMessage: string,
    count: number,
    values?: PlaceholderValues,
  ): string;
  translate(
    message: string,
    plural?: string | PlaceholderValues,
    count?: number,
    values?: PlaceholderValues,
  ): string {
    return this.#translate(undefined, message, plural, count, values);
  }

  /**
   * As {@linkcode translate}, for a text that means different things in different places.
   *
   * @param context What tells the meanings apart.
   * @param message The text.
   * @param values What takes the place of `%(name)s` and `%(count)d`.
   */
  pgettext(context: string, message: string, values?: PlaceholderValues): string;
  /**
   * As {@linkcode translate} with a number, for a text that means different things in different
   * places.
   *
   * @param context What tells the meanings apart.
   * @param message The singular in the default language.
   * @param pluralMessage The plural.
   * @param count The number.
   * @param values What takes the place of `%(name)s` and `%(count)d`.
   */
  pgettext(
    context: string,
    message: string,
    pluralMessage: string,
    count: number,
    values?: PlaceholderValues,
  ): string;
  pgettext(
    context: string,
    message: string,
    plural?: string | PlaceholderValues,
    count?: number,
    values?: PlaceholderValues,
  ): string {
    return this.#translate(context, message, plural, count, values);
  }

  /**
   * Writes a date: how long ago it was, the day of the week, or the date, as fits its age. A future
   * date is written in full.
   *
   * @param date A `Date`, or milliseconds since the epoch.
   * @param options Where the visitor is, and how long the text may be.
   */
  formatDate(date: Date | number, options: DateFormatOptions = {}): string {
    return formatDate(this.#language, Number(date), options);
  }

  /**
   * Writes a day, such as `Monday, January 22`.
   *
   * @param date A `Date`, or milliseconds since the epoch.
   * @param options Where the visitor is; `dow: false` leaves the day of the week out.
   */
  formatDay(
    date: Date | number,
    options: Pick<DateFormatOptions, "gmtOffset" | "timeZone"> & { readonly dow?: boolean } = {},
  ): string {
    return formatDay(this.#language, Number(date), options);
  }

  /**
   * Writes a list, such as `A, B and C`.
   *
   * @param parts Its items.
   */
  list(parts: readonly string[]): string {
    const [first = "", ...rest] = parts;
    const last = rest.pop();
    if (last === undefined) return first;
    return this.#phrase("%(commas)s and %(last)s", {
      commas: [first, ...rest].join(", "),
      last,
    }) ?? new Intl.ListFormat(this.#intlTag).format(parts);
  }

  /**
   * Writes a number with the separators of the locale.
   *
   * @param value The number.
   * @param options What `Intl.NumberFormat` takes: decimals, a currency, a unit.
   */
  friendlyNumber(value: number | bigint, options?: Intl.NumberFormatOptions): string {
    return new Intl.NumberFormat(this.#intlTag, options).format(value);
  }

  #translate(
    context: string | undefined,
    text: string,
    plural: string | PlaceholderValues | undefined,
    count: number | undefined,
    values: PlaceholderValues | undefined,
  ): string {
    if (typeof plural !== "string") {
      const found = this.#find(text, context) ?? text;
      return plural === undefined ? found : fillIn(found, plural);
    }
    if (count === undefined) {
      throw new TypeError(`Cannot translate "${text}": a plural needs a count`);
    }
    const found = this.#findPlural(text, plural, count, context) ?? (count === 1 ? text : plural);
    return values === undefined ? found : fillIn(found, values);
  }

  /** A text whose context has no translation of its own is taken without it. */
  #find(text: string, context?: string): string | undefined {
    const plain = () => this.#catalogue.find({ text });
    return context === undefined ? plain() : this.#catalogue.find({ text, context }) ?? plain();
  }

  #findPlural(text: string, plural: string, count: number, context?: string): string | undefined {
    const plain = () => this.#catalogue.find({ text, plural, count });
    if (context === undefined) return plain();
    return this.#catalogue.find({ text, plural, count, context }) ?? plain();
  }

  /** Tornado's own phrases: translated, in English as they are, and else left to `Intl`. */
  #phrase(text: string, values: PlaceholderValues): string | undefined {
    const found = this.#find(text) ?? (this.#english ? text : undefined);
    return found === undefined ? undefined : fillIn(found, values);
  }

  get #english(): boolean {
    return /^en(?:_|$)/.test(this.code);
  }

  get #language(): DateLanguage {
    return {
      tag: this.#intlTag,
      halfDayClock: this.code === "en" || this.code === "en_US",
      phrase: (text, values) => this.#phrase(text, values),
      countPhrase: (text, plural, count, name) => {
        const found = this.#findPlural(text, plural, count) ??
          (this.#english ? count === 1 ? text : plural : undefined);
        return found === undefined ? undefined : fillIn(found, { [name]: count });
      },
      word: (text) => this.#find(text),
    };
  }
}

/** The catalogue of a language that needs none. */
export const NO_TRANSLATIONS: Catalogue = { find: () => undefined };

/**
 * Puts values into a text with Python's named placeholders: `%(name)s`, `%(count)d`, and `%%` for a
 * percent sign. A placeholder without a value stays as it is.
 *
 * @param text The text.
 * @param values The values by their names.
 */
export function fillIn(text: string, values: PlaceholderValues): string {
  return text.replace(/%%|%\(([^()]*)\)[sd]/g, (placeholder, name?: string) => {
    if (name === undefined) return "%";
    return Object.hasOwn(values, name) ? String(values[name]) : placeholder;
  });
}
