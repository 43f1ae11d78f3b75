import { assertEquals, assertLessOrEqual, assertMatch } from "@std/assert";
import fc from "fast-check";
import { excerpt } from "../../src/http/excerpt.ts";

Deno.test("excerpt escapes quotes, backslashes and everything but printable ASCII", () => {
  assertEquals(excerpt('a"b\\'), '"a\\"b\\\\"');
  assertEquals(excerpt("\r\n\x1b\x7f\u00e9\u2028"), '"\\x0d\\x0a\\x1b\\x7f\\xe9\\u2028"');
  assertEquals(excerpt(new Uint8Array([0, 65, 255])), '"\\x00A\\xff"');
  assertEquals(excerpt("\x1f ~\x7f"), '"\\x1f ~\\x7f"');
});

Deno.test("excerpt cuts after 40 characters and says so", () => {
  assertEquals(excerpt("x".repeat(40)), `"${"x".repeat(40)}"`);
  assertEquals(excerpt("x".repeat(41)), `"${"x".repeat(40)}"...`);
});

Deno.test("excerpt is short and printable whatever it is given", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assertMatch(excerpt(text), /^"[ -~]*"(\.\.\.)?$/);
    assertLessOrEqual(excerpt(text).length, 40 * 6 + 5);
  }));
});
