import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseRange } from "../../../src/http/fields/range.ts";
import { assertLinear } from "../../support/linear.ts";

Deno.test("range is first and last byte, from a byte on, or so many at the end", () => {
  assertEquals(parseRange("bytes=0-9", 26), { start: 0, end: 10 });
  assertEquals(parseRange("bytes=25-25", 26), { start: 25, end: 26 });
  assertEquals(parseRange("bytes=22-", 26), { start: 22, end: 26 });
  assertEquals(parseRange("bytes=-4", 26), { start: 22, end: 26 });
});

Deno.test("range that goes past the ends is cut", () => {
  assertEquals(parseRange("bytes=1-10000000", 26), { start: 1, end: 26 });
  assertEquals(parseRange("bytes=-1000000", 26), { start: 0, end: 26 });
  assertEquals(parseRange(`bytes=0-${"9".repeat(1000)}`, 26), { start: 0, end: 26 });
});

Deno.test("range of the whole is a range like any other", () => {
  assertEquals(parseRange("bytes=0-", 26), { start: 0, end: 26 });
  assertEquals(parseRange("bytes=0-25", 26), { start: 0, end: 26 });
  assertEquals(parseRange("bytes=-26", 26), { start: 0, end: 26 });
});

Deno.test("range without a dash begins there, as in Tornado", () => {
  assertEquals(parseRange("bytes=4", 26), { start: 4, end: 26 });
  assertEquals(parseRange("bytes=26", 26), "unsatisfiable");
});

Deno.test("range that holds no byte is unsatisfiable", () => {
  for (const header of ["bytes=-0", "bytes=-000", "bytes=26-", "bytes=26-30", "bytes=10-3"]) {
    assertEquals(parseRange(header, 26), "unsatisfiable", header);
  }
  assertEquals(parseRange(`bytes=${"9".repeat(1000)}-`, 26), "unsatisfiable");
  assertEquals(parseRange("bytes=0-", 0), "unsatisfiable");
  assertEquals(parseRange("bytes=-5", 0), null);
});

Deno.test("range unit may have any case, and spaces stand around it", () => {
  assertEquals(parseRange("Bytes=0-1", 26), { start: 0, end: 2 });
  assertEquals(parseRange(" bytes = 0-1\t", 26), { start: 0, end: 2 });
});

Deno.test("range that is malformed, in another unit or one of several is ignored", () => {
  const ignored = [
    "",
    "asdf",
    "bytes",
    "bytes=",
    "bytes=-",
    "bytes=--1",
    "bytes=1--2",
    "bytes=a-b",
    "bytes=+1-2",
    "bytes=1-+2",
    "bytes=1_0-2_0",
    "bytes=0x1-0x2",
    "bytes=1e1-",
    "bytes=1.0-2",
    "bytes=1 -2",
    "bytes=\u0661-\u0662",
    "bytes=1-2,6-10",
    "bytes=1-2,",
    "bytes=,1-2",
    "lines=1-2",
    "xbytes=1-2",
    "bytes=1-2x",
    "bytes=1-2\n",
  ];
  for (const header of ignored) assertEquals(parseRange(header, 26), null, header);
});

Deno.test("range that was parsed lies within the size and holds a byte", () => {
  const number = fc.oneof(fc.constant(""), fc.nat(40).map(String));
  const header = fc.oneof(
    fc.tuple(number, number).map(([first, last]) => `bytes=${first}-${last}`),
    fc.string({ unit: fc.constantFrom(...'bytes=-0123456789,+_ "') }),
  );
  fc.assert(fc.property(header, fc.nat(30), (text, size) => {
    const range = parseRange(text, size);
    if (range === null || range === "unsatisfiable") return;
    assert(0 <= range.start && range.start < range.end && range.end <= size);
  }));
});

Deno.test("range is what slicing gives", () => {
  const size = 20;
  const all = Array.from({ length: size }, (_, index) => index);
  fc.assert(fc.property(fc.nat(30), fc.nat(30), (first, last) => {
    const expected = all.filter((byte) => byte >= first && byte <= last);
    const range = parseRange(`bytes=${first}-${last}`, size);
    assert(range !== null);
    assertEquals(
      range === "unsatisfiable" ? [] : all.slice(range.start, range.end),
      expected,
    );
  }));
});

Deno.test("range parser takes linear time", () => {
  for (const part of ["1", " ", "1-2,", "bytes=", "-"]) {
    assertLinear((n) => parseRange("bytes=" + part.repeat(n) + "x", 26), { n: 50_000 });
  }
});
