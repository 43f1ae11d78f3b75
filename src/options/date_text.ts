/** Dates as people write them. */

/** ISO 8601, with or without its punctuation, to the minute, the second or its fraction. */
const DATE =
  /^(\d{4})(-?)(\d\d)\2(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d)(?:\.(\d{1,3})\d{0,6})?)?(Z|[+-]\d\d:?\d\d)?)?$/i;

/**
 * Reads a date.
 *
 * @param text Such as `2013-04-28`, `20130428 05:16` or `2013-04-28T05:16:00+02:00`. Without a zone it
 *   is local time.
 * @returns `undefined` if it is none, or there is no such day.
 */
export function parseDate(text: string): Date | undefined {
  const groups = DATE.exec(text);
  if (groups === null) return undefined;
  const [, year, , month, day, hour = "0", minute = "0", second = "0", fraction = "", zone] =
    groups;
  const numbers = [year, month, day, hour, minute, second, fraction.padEnd(3, "0")].map(Number);
  const [y = 0, mon = 0, d = 0, h = 0, min = 0, s = 0, ms = 0] = numbers;
  const utc = new Date(Date.UTC(y, mon - 1, d, h, min, s, ms));
  // What does not exist, such as February 30, would become another day.
  const exists = utc.getUTCMonth() === mon - 1 && utc.getUTCDate() === d && h < 24 && min < 60;
  if (!exists || s > 59) return undefined;
  if (zone === undefined) return new Date(y, mon - 1, d, h, min, s, ms);
  return new Date(utc.getTime() - offsetOf(zone));
}

function offsetOf(zone: string): number {
  if (/^z$/i.test(zone)) return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}
