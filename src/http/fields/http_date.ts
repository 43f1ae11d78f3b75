const RFC_850 =
  /^((?:Sun|Mon|Tues|Wednes|Thurs|Fri|Satur)day), (\d\d)-([A-Z][a-z]{2})-(\d\d) (\d\d:\d\d:\d\d GMT)$/;
const ASCTIME = /^([A-Z][a-z]{2}) ([A-Z][a-z]{2}) ([ \d]\d) (\d\d:\d\d:\d\d) (\d{4})$/;
const LENGTH = "Sun, 06 Nov 1994 08:49:37 GMT".length;
const LAST_MOMENT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const FIRST_MOMENT = -62167219200000; // 0000-01-01, which Date.UTC takes for 1900

/**
 * Reads an HTTP date in any of the three forms of RFC 9110 §5.6.7: the one in use
 * (`Sun, 06 Nov 1994 08:49:37 GMT`) and the two obsolete ones (`Sunday, 06-Nov-94 08:49:37 GMT`,
 * `Sun Nov  6 08:49:37 1994`).
 *
 * It is strict: the date must exist and fall on the day of the week that it names. A year of two
 * digits is the one that is at most 50 years away.
 *
 * @returns Milliseconds since the epoch, or `null` for anything else.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseHttpDate("Sun, 27 Jan 2013 18:43:20 GMT"), 1359312200000);
 * assertEquals(parseHttpDate("yesterday"), null);
 * ```
 */
export function parseHttpDate(text: string): number | null {
  return moment(text) ?? moment(inForce(text));
}

/**
 * Writes a moment as an HTTP date (RFC 9110 §5.6.7): `Sun, 27 Jan 2013 18:43:20 GMT`. Tornado's
 * `httputil.format_timestamp`.
 *
 * @param time Milliseconds since the epoch, or a `Date`. What is less than a second is dropped.
 * @throws {RangeError} If it is not a moment, or not in the years 0 to 9999.
 */
export function formatHttpDate(time: number | Date): string {
  const ms = Number(time);
  if (!(ms >= FIRST_MOMENT && ms <= LAST_MOMENT)) {
    throw new RangeError(`Cannot format ${ms} as an HTTP date: it is not in the years 0 to 9999`);
  }
  return new Date(ms).toUTCString();
}

/** The moment, if writing it gives back what was read: that is what checks every part at once. */
function moment(text: string): number | null {
  // The year has four digits, and no date that is none is as long.
  if (text.length !== LENGTH) return null;
  const ms = Date.parse(text);
  return new Date(ms).toUTCString() === text ? ms : null;
}

/** An obsolete form as the one in use; anything else as it is. */
function inForce(text: string): string {
  return text
    .replace(
      RFC_850,
      (_, weekday: string, day, month, year, time) =>
        `${weekday.slice(0, 3)}, ${day} ${month} ${fullYear(Number(year))} ${time}`,
    )
    .replace(
      ASCTIME,
      (_, weekday, month, day: string, time, year) =>
        `${weekday}, ${day.replace(" ", "0")} ${month} ${year} ${time} GMT`,
    );
}

function fullYear(lastDigits: number): string {
  const now = new Date().getUTCFullYear();
  const year = now - (now % 100) + lastDigits;
  if (year - now > 50) return String(year - 100);
  if (now - year >= 50) return String(year + 100);
  return String(year);
}
