import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { comparePython } from "../../../src/concurrent/collections/python_order.ts";

Deno.test("python order sorts arrays element by element and then by length", () => {
  const sorted = [[], [0], [0, "a"], [0, "b"], [0, "b", 1], [1]];
  assertEquals([...sorted].reverse().sort(comparePython), sorted);
});

Deno.test("python order mixes numbers, bigints and booleans by value", () => {
  assertEquals([true, 2n, 0.5, false].sort(comparePython), [false, 0.5, true, 2n]);
  assertEquals(comparePython(1, true), 0);
});

Deno.test("python order sorts strings by code point", () => {
  assertEquals(["\u{1F32A}", "\uFFFD", "a", ""].sort(comparePython), [
    "",
    "a",
    "\uFFFD",
    "\u{1F32A}",
  ]);
});

Deno.test("python order sorts dates by time", () => {
  assertEquals(comparePython(new Date(1), new Date(2)), -1);
});

Deno.test("python order does not compare equal elements that have no order", () => {
  const task = {};
  assertEquals(comparePython([1, task], [1, task]), 0);
  assertThrows(() => comparePython([1, task], [1, {}]), TypeError, "an object and an object");
});

Deno.test("python order refuses what Python does not order", () => {
  const date = new Date(0);
  const pairs = [[1, "1"], [null, 1], [undefined, undefined], [NaN, 1], [[1], 1], [date, 1]];
  for (const [a, b] of pairs) {
    assertThrows(() => comparePython(a, b), TypeError, "Cannot order");
    assertThrows(() => comparePython(b, a), TypeError, "Cannot order");
  }
});

Deno.test("python order of strings is the order of their code points", () => {
  const points = (text: string) => Array.from(text, (character) => character.codePointAt(0) ?? 0);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (a, b) => {
      assertEquals(Math.sign(comparePython(a, b)), Math.sign(comparePython(points(a), points(b))));
    }),
  );
});
