import { BOOLEAN, checkOptions, type OptionTypes, STRING } from "../../checks/option_check.ts";
import type { PlaceholderValues } from "./catalogue.ts";

/**
 * How {@linkcode formatDate} writes a date.
 *
 * @category Text and languages
 */
export interface DateFormatOptions {
  /**
   * Minutes that the visitor's clock is behind UTC, as `Date.prototype.getTimezoneOffset` gives them.
   * Default 0.
   */
  readonly gmtOffset?: number;
  /** The visitor's time zone, such as `"Europe/Rome"`, in place of `gmtOffset`. */
  readonly timeZone?: string;
  /** Writes what is less than a day old as its age. Default `true`. */
  readonly relative?: boolean;
  /** Leaves the time of day out where there is a day. Default `false`. */
  readonly shorter?: boolean;
  /** Writes the whole date, however recent. Default `false`. */
  readonly fullFormat?: boolean;
}

/** What the formats need of a locale. */
export interface DateLanguage {
  /** The BCP 47 tag. */
  readonly tag: string;
  /** Whether hours are counted to 12. */
  readonly halfDayClock: boolean;
  /** A phrase of the locale, or `undefined` where `Intl` is to write it. */
  phrase(text: string, values: PlaceholderValues): string | undefined;
  /** A phrase about a number. */
  countPhrase(text: string, plural: string, count: number, name: string): string | undefined;
  /** A word of the locale's own catalogue, such as the name of a month. */
  word(text: string): string | undefined;
}

const PLACE: OptionTypes = {
  gmtOffset: { name: "a number of minutes", test: Number.isFinite },
  timeZone: STRING,
};
const DATE_OPTIONS: OptionTypes = {
  ...PLACE,
  relative: BOOLEAN,
  shorter: BOOLEAN,
  fullFormat: BOOLEAN,
};
const DAY_OPTIONS: OptionTypes = { ...PLACE, dow: BOOLEAN };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Eleven months: after that, the same month of last year would look like this year's. */
const MONTHS_WITHOUT_YEAR = 334 * DAY;

/**
 * Writes a date for a visitor (`tornado.locale.Locale.format_date`).
 *
 * @param language The words.
 * @param date When, in milliseconds since the epoch.
 * @param options How.
 */
export function formatDate(
  language: DateLanguage,
  date: number,
  options: DateFormatOptions = {},
): string {
  checkOptions(options, DATE_OPTIONS);
  return new DateWriter(language, options, Date.now()).write(date);
}

/**
 * Writes a day without its year (`tornado.locale.Locale.format_day`).
 *
 * @param language The words.
 * @param date When, in milliseconds since the epoch.
 * @param options `dow: false` leaves the day of the week out.
 */
export function formatDay(
  language: DateLanguage,
  date: number,
  options: Pick<DateFormatOptions, "gmtOffset" | "timeZone"> & { readonly dow?: boolean } = {},
): string {
  checkOptions(options, DAY_OPTIONS);
  const writer = new DateWriter(language, options, 0);
  return options.dow === false
    ? writer.pattern(date, "%(month_name)s %(day)s", { month: "long", day: "numeric" })
    : writer.pattern(date, "%(weekday)s, %(month_name)s %(day)s", {
      weekday: "long",
      month: "long",
      day: "numeric",
    });
}

const TIME: Intl.DateTimeFormatOptions = { hour: "numeric", minute: "2-digit" };

class DateWriter {
  readonly #language: DateLanguage;
  readonly #options: DateFormatOptions;
  readonly #now: number;

  constructor(language: DateLanguage, options: DateFormatOptions, now: number) {
    this.#language = language;
    this.#options = options;
    this.#now = now;
  }

  write(date: number): string {
    const { relative = true } = this.#options;
    // Clocks differ a little, so the near future is taken for now.
    const ahead = date - this.#now;
    const when = relative && ahead > 0 && ahead < MINUTE ? this.#now : date;
    const age = this.#now - when;
    if (this.#options.fullFormat || age < 0) return this.#dated(when, { withYear: true });
    if (age < DAY) return relative ? this.#age(age) : this.#time(when);
    if (age < 2 * DAY && relative && this.#isYesterday(when)) return this.#yesterday(when);
    if (age < 5 * DAY) return this.#weekday(when);
    return this.#dated(when, { withYear: age >= MONTHS_WITHOUT_YEAR });
  }

  /** Writes a date by a phrase of the locale, or else by `Intl`. */
  pattern(date: number, text: string, fallback: Intl.DateTimeFormatOptions): string {
    return this.#language.phrase(text, {
      month_name: this.#name(date, "month"),
      weekday: this.#name(date, "weekday"),
      day: this.#local(date).getUTCDate(),
      year: this.#local(date).getUTCFullYear(),
      time: this.#time(date),
    }) ?? this.#intl(date, fallback);
  }

  #age(age: number): string {
    const seconds = Math.floor(age / SECOND);
    if (seconds < 50) return this.#ago(seconds, "second");
    if (seconds < 50 * 60) return this.#ago(Math.round(seconds / 60), "minute");
    return this.#ago(Math.round(seconds / 3600), "hour");
  }

  #ago(count: number, unit: "second" | "minute" | "hour"): string {
    const plural = `%(${unit}s)d ${unit}s ago`;
    return this.#language.countPhrase(`1 ${unit} ago`, plural, count, `${unit}s`) ??
      new Intl.RelativeTimeFormat(this.#language.tag).format(-count, unit);
  }

  #yesterday(date: number): string {
    const time = this.#time(date);
    const phrase = this.#options.shorter
      ? this.#language.phrase("yesterday", {})
      : this.#language.phrase("yesterday at %(time)s", { time });
    if (phrase !== undefined) return phrase;
    const word = new Intl.RelativeTimeFormat(this.#language.tag, { numeric: "auto" })
      .format(-1, "day");
    return this.#options.shorter ? word : `${word} ${time}`;
  }

  #weekday(date: number): string {
    return this.#options.shorter
      ? this.pattern(date, "%(weekday)s", { weekday: "long" })
      : this.pattern(date, "%(weekday)s at %(time)s", { weekday: "long", ...TIME });
  }

  #dated(date: number, { withYear }: { withYear: boolean }): string {
    const time = this.#options.shorter ? "" : " at %(time)s";
    const text = `%(month_name)s %(day)s${withYear ? ", %(year)s" : ""}${time}`;
    return this.pattern(date, text, {
      month: "long",
      day: "numeric",
      ...(withYear ? { year: "numeric" } : {}),
      ...(this.#options.shorter ? {} : TIME),
    });
  }

  #time(date: number): string {
    const phrase = this.#language.phrase("%(time)s", { time: this.#clock(date) });
    return phrase ?? this.#intl(date, TIME);
  }

  #clock(date: number): string {
    const local = this.#local(date);
    const hours = local.getUTCHours();
    const minutes = String(local.getUTCMinutes()).padStart(2, "0");
    if (!this.#language.halfDayClock) return `${hours}:${minutes}`;
    return `${hours % 12 || 12}:${minutes} ${hours < 12 ? "am" : "pm"}`;
  }

  #name(date: number, part: "month" | "weekday"): string {
    const local = this.#local(date);
    const english = new Intl.DateTimeFormat("en", { [part]: "long", timeZone: "UTC" }).format(
      local,
    );
    return this.#language.word(english) ?? this.#intl(date, { [part]: "long" });
  }

  #intl(date: number, options: Intl.DateTimeFormatOptions): string {
    return new Intl.DateTimeFormat(this.#language.tag, { ...options, timeZone: "UTC" })
      .format(this.#local(date));
  }

  #isYesterday(date: number): boolean {
    return this.#local(date).getUTCDate() === this.#local(this.#now - DAY).getUTCDate();
  }

  /** A date whose UTC fields are those of the visitor's clock. */
  #local(date: number): Date {
    const { timeZone, gmtOffset = 0 } = this.#options;
    const offset = timeZone === undefined ? gmtOffset * MINUTE : zoneOffset(date, timeZone);
    return new Date(date - offset);
  }
}

/** How far a zone's clock is behind UTC at a moment, in milliseconds. */
function zoneOffset(date: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" })
    .formatToParts(date);
  const name = parts.find((part) => part.type === "timeZoneName")?.value ?? "GMT";
  const [, sign, hours = "0", minutes = "0"] = /^GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  const behind = Number(hours) * HOUR + Number(minutes) * MINUTE;
  return sign === "+" ? -behind : behind;
}
