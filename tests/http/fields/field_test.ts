import { assert, assertEquals, assertFalse, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  addVary,
  checkFieldName,
  checkFieldValue,
  hasUnsafeFieldValue,
  isToken,
  trimWhitespace,
} from "../../../src/http/fields/field.ts";
import { assertLinear } from "../../support/linear.ts";

const INVALID_NAMES = [
  "",
  "foo bar",
  "foo\tbar",
  "foo\nbar",
  "foo\0bar",
  "foo ",
  " foo",
  "é",
  "a:b",
];

Deno.test("field name is a token", () => {
  for (const name of INVALID_NAMES) {
    assertThrows(() => checkFieldName(name), TypeError, "is not a token");
    assertFalse(isToken(name), name);
  }
  for (const name of ["a", "X-Foo", "!#$%&'*+-.^_`|~09azAZ"]) {
    checkFieldName(name);
    assert(isToken(name), name);
  }
});

Deno.test("field name in a message is escaped and cut", () => {
  assertThrows(
    () => checkFieldName("a\r\n" + "b".repeat(100)),
    TypeError,
    `Cannot set header "a\\x0d\\x0a${"b".repeat(37)}"...: the name is not a token`,
  );
});

Deno.test("field value is tab, printable ASCII and U+0080 to U+00FF, and nothing else", () => {
  for (let code = 0; code <= 0x200; code++) {
    const isSafe = code === 9 || (code >= 0x20 && code <= 0x7e) || (code >= 0x80 && code <= 0xff);
    const value = `a${String.fromCharCode(code)}b`;
    const point = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
    if (isSafe) checkFieldValue("x-name", value);
    else assertThrows(() => checkFieldValue("x-name", value), TypeError, point);
  }
});

Deno.test("field value that is refused is named by its character, never repeated", () => {
  assertEquals(
    assertThrows(() => checkFieldValue("x-name", "secret\u0001"), TypeError).message,
    'Cannot set header "x-name": value contains the control character U+0001',
  );
  assertEquals(
    assertThrows(() => checkFieldValue("x-name", "secret\u0100"), TypeError).message,
    'Cannot set header "x-name": value contains the character U+0100, which is not Latin-1; ' +
      "percent-encode it",
  );
});

Deno.test("field value may be empty or have whitespace at its ends", () => {
  for (const value of ["", " ", "\ta\t"]) checkFieldValue("x-name", value);
});

Deno.test("unsafe value is found in headers that were made elsewhere", () => {
  const headers = new Headers({ "x-a": "fine", "x-c": "\x7f" });
  headers.append("set-cookie", "a=1");
  headers.append("set-cookie", "b=\x01");
  assertEquals(hasUnsafeFieldValue(headers), "set-cookie");
  headers.delete("set-cookie");
  assertEquals(hasUnsafeFieldValue(headers), "x-c");
  headers.delete("x-c");
  assertEquals(hasUnsafeFieldValue(headers), null);
});

Deno.test("value that passes the gate is accepted by Headers, and found safe there", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (value) => {
    try {
      checkFieldValue("x", value);
    } catch (error) {
      assert(error instanceof TypeError);
      return;
    }
    assertEquals(hasUnsafeFieldValue(new Headers({ x: value })), null);
  }));
});

Deno.test("whitespace is spaces and tabs, not what Unicode calls so", () => {
  assertEquals(trimWhitespace(" \t a b\t "), "a b");
  assertEquals(trimWhitespace("a "), "a");
  assertEquals(trimWhitespace("\ta"), "a");
  assertEquals(trimWhitespace(" \t "), "");
  for (const text of ["", "a", "\u00a0a\u00a0", "\u0085a", "\u2028a"]) {
    assertStrictEquals(trimWhitespace(text), text);
  }
});

Deno.test("field checks and trimming take linear time", () => {
  assertLinear((n) => checkFieldValue("x", "a".repeat(n)), { n: 100_000 });
  assertLinear((n) => trimWhitespace(" ".repeat(n) + "a" + " ".repeat(n)), { n: 100_000 });
});

for (
  const [vary, expected] of [
    [null, "Origin"],
    ["Accept-Encoding", "Accept-Encoding, Origin"],
    ["accept-encoding , ORIGIN", "accept-encoding , ORIGIN"],
    ["*", "*"],
    ["X-Origin", "X-Origin, Origin"],
  ] as const
) {
  Deno.test(`Vary ${vary} with Origin added is ${expected}`, () => {
    const headers = new Headers(vary === null ? {} : { vary });
    addVary(headers, "Origin");
    assertEquals(headers.get("vary"), expected);
  });
}
