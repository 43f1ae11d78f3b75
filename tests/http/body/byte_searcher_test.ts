import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ByteSearcher } from "../../../src/http/body/byte_searcher.ts";
import { assertLinear } from "../../support/linear.ts";

const encoder = new TextEncoder();

Deno.test("byte searcher finds what indexOf finds", () => {
  const tail = fc.string({ unit: fc.constantFrom(..."ab-"), maxLength: 6 });
  const text = fc.string({ unit: fc.constantFrom(..."\rab-"), maxLength: 60 });
  fc.assert(
    fc.property(tail, text, fc.nat(70), (rest, haystack, from) => {
      const needle = `\r${rest}`;
      const found = new ByteSearcher(encoder.encode(needle)).search(encoder.encode(haystack), from);
      const expected = from > haystack.length ? -1 : haystack.indexOf(needle, from);
      assertEquals(found, expected);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("byte searcher is linear in what almost matches", () => {
  const searcher = new ByteSearcher(encoder.encode(`\r${"a".repeat(73)}`));
  for (const part of ["a", "\r", `\r${"a".repeat(72)}`, `\r${"a".repeat(36)}b${"a".repeat(36)}`]) {
    assertLinear((n) => searcher.search(encoder.encode(part.repeat(n / part.length)), 0), {
      n: 200_000,
    });
  }
});
