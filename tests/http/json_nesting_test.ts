import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { isNestedTooDeep, MOST_NESTED } from "../../src/http/input_error.ts";
import { assertLinear } from "../support/linear.ts";

function nested(depth: number, inner = ""): string {
  return "[".repeat(depth) + inner + "]".repeat(depth);
}

Deno.test("JSON may be nested a thousand deep, and no deeper", () => {
  assertEquals(isNestedTooDeep(nested(MOST_NESTED)), false);
  assertEquals(isNestedTooDeep(nested(MOST_NESTED + 1)), true);
  assertEquals(isNestedTooDeep('{"a":'.repeat(MOST_NESTED + 1)), true);
  assertEquals(isNestedTooDeep("[],{},".repeat(MOST_NESTED)), false);
});

Deno.test("brackets in strings nest nothing, whatever else is in these", () => {
  const text = fc.string({ unit: fc.constantFrom("[", "{", '"', "\\", "é", "]") });
  fc.assert(fc.property(text, (text) => {
    const json = JSON.stringify(text + "[".repeat(2 * MOST_NESTED));
    assertEquals(isNestedTooDeep(nested(MOST_NESTED, json)), false);
    assertEquals(isNestedTooDeep(nested(MOST_NESTED + 1, json)), true);
  }));
});

Deno.test("text that is no JSON is looked through to its end", () => {
  for (const text of ['"' + "[".repeat(5_000), '"\\', "]".repeat(5_000), ""]) {
    assertEquals(isNestedTooDeep(text), false);
  }
});

Deno.test("looking at it is linear", () => {
  assertLinear((n) => isNestedTooDeep('["\\"",'.repeat(900) + '"[",'.repeat(n)), { n: 100_000 });
});
