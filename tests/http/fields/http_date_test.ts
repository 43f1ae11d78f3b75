import { assertEquals, assertThrows } from "@std/assert";
import FakeTimers from "@sinonjs/fake-timers";
import fc from "fast-check";
import { formatHttpDate, parseHttpDate } from "../../../src/http/fields/http_date.ts";
import { assertLinear } from "../../support/linear.ts";

const LAST_MOMENT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const NOVEMBER_1994 = Date.UTC(1994, 10, 6, 8, 49, 37);

Deno.test("HTTP date is written as Tornado writes it", () => {
  assertEquals(formatHttpDate(1359312200503.611), "Sun, 27 Jan 2013 18:43:20 GMT");
  assertEquals(formatHttpDate(new Date(1359312200503)), "Sun, 27 Jan 2013 18:43:20 GMT");
  assertEquals(formatHttpDate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
});

Deno.test("HTTP date is written for the years 0 to 9999 only", () => {
  assertEquals(formatHttpDate(-62167219200000), "Sat, 01 Jan 0000 00:00:00 GMT");
  assertEquals(formatHttpDate(LAST_MOMENT), "Fri, 31 Dec 9999 23:59:59 GMT");
  for (const time of [NaN, Infinity, 8.64e15, LAST_MOMENT + 1, -62167219200001, new Date(NaN)]) {
    assertThrows(() => formatHttpDate(time), RangeError, "as an HTTP date");
  }
});

Deno.test("HTTP date is read in all three forms", () => {
  assertEquals(parseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), NOVEMBER_1994);
  assertEquals(parseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT"), NOVEMBER_1994);
  assertEquals(parseHttpDate("Sun Nov  6 08:49:37 1994"), NOVEMBER_1994);
  assertEquals(parseHttpDate("Wed Nov 16 08:49:37 1994"), NOVEMBER_1994 + 10 * 86_400_000);
});

Deno.test("HTTP date that does not exist, or is written otherwise, is no date", () => {
  const invalid = [
    "",
    "yesterday",
    "0",
    "1994-11-06T08:49:37Z",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 +0000",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37 GMT ",
    " Sun, 06 Nov 1994 08:49:37 GMT",
    "sun, 06 nov 1994 08:49:37 gmt",
    "Mon, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Foo 1994 08:49:37 GMT",
    "Sun, 06 anF 1994 08:49:37 GMT",
    "Sun, 32 Nov 1994 08:49:37 GMT",
    "Wed, 31 Nov 1994 08:49:37 GMT",
    "Thu, 31 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:49:37 GMT",
    "Sun, 06 Nov 1994 08:60:37 GMT",
    "Sun, 06 Nov 1994 08:49:60 GMT",
    "Wed, 29 Feb 2023 00:00:00 GMT",
    "Sund, 06-Nov-94 08:49:37 GMT",
    "Monday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov 06 08:49:37 94",
    "Sun Nov 6 08:49:37 1994",
    "Invalid Date",
    "Mon, 31 Dec 12345 00:00:00 GMT",
    "Thu, 01 Jan -001 00:00:00 GMT",
    "Sun, 06 Nov \u0661\u0669\u0669\u0664 08:49:37 GMT",
  ];
  for (const text of invalid) assertEquals(parseHttpDate(text), null, text);
});

Deno.test("HTTP date with two digits for the year is the one within 50 years", () => {
  for (const now of [2026, 2049, 2050, 2051, 2099, 2100]) {
    const clock = FakeTimers.install({ now: Date.UTC(now, 5), toFake: ["Date"] });
    try {
      for (const distance of [-49, -30, 0, 1, 30, 50]) {
        const { text, time } = rfc850(now + distance);
        assertEquals(parseHttpDate(text), time, `${text} in ${now}`);
      }
    } finally {
      clock.uninstall();
    }
  }
});

/** The first of March of a year in the form of RFC 850, and when that is. */
function rfc850(year: number): { text: string; time: number } {
  const date = new Date(Date.UTC(year, 2, 1, 12));
  const weekday = date.toLocaleDateString("en-US", { weekday: "long", timeZone: "UTC" });
  const text = `${weekday}, 01-Mar-${String(year).slice(2)} 12:00:00 GMT`;
  return { text, time: date.getTime() };
}

Deno.test("HTTP date that was written reads back, to the second", () => {
  const moments = fc.integer({ min: Date.UTC(100, 0), max: Date.UTC(9999, 11, 31) });
  fc.assert(fc.property(moments, (time) => {
    assertEquals(parseHttpDate(formatHttpDate(time)), Math.floor(time / 1000) * 1000);
  }));
});

Deno.test("HTTP date parser never throws, and is linear", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    parseHttpDate(text);
  }));
  assertLinear((n) => parseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT".repeat(n)), { n: 10_000 });
});
