import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { HTTPInputError } from "../../../src/http/input_error.ts";
import { percentDecode, percentDecodeBytes } from "../../../src/http/target/percent.ts";
import { assertLinear } from "../../support/linear.ts";

const encoder = new TextEncoder();

Deno.test("percent decoding gives text without a percent sign back as it is", () => {
  for (const text of ["", "a+b", "\u00e9", "\ud800"]) assertEquals(percentDecode(text), text);
});

Deno.test("percent decoding is strict UTF-8 and keeps what is not an escape", () => {
  assertEquals(percentDecode("%E2%82%AC/%2f+"), "\u20ac//+");
  assertEquals(percentDecode("%EF%BB%BF"), "\ufeff");
  assertEquals(percentDecode("%zz\u00e9%41"), "%zz\u00e9A");
  for (const text of ["%ff", "%C3", "%C3%28", "%ED%A0%80", "%F5%80%80%80", "%zz%ff"]) {
    const error = assertThrows(() => percentDecode(text), HTTPInputError, "Invalid unicode in url");
    assertEquals(error.status, 400);
  }
  assertThrows(() => percentDecode("%ff", 'path group "id"'), HTTPInputError, 'path group "id"');
});

Deno.test("percent decoding undoes encodeURIComponent", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    assertEquals(percentDecode(encodeURIComponent(text)), text);
  }));
});

Deno.test("percent decoding takes linear time", () => {
  for (const part of ["%", "%41", "%C3%A9", "a%zz"]) {
    assertLinear((n) => percentDecode(part.repeat(n)), { n: 20_000 });
  }
});

Deno.test("percent decoding of bytes takes any bytes, and plus for a space only on request", () => {
  const decode = (text: string, options = {}) => [
    ...percentDecodeBytes(encoder.encode(text), options),
  ];
  assertEquals(decode("%ff%00+"), [255, 0, 0x2b]);
  assertEquals(decode("+%2B", { plusIsSpace: true }), [0x20, 0x2b]);
  assertEquals(decode("%09%99%aA%Ff"), [0x09, 0x99, 0xaa, 0xff]);
  assertEquals(decode("%%4a%4J%:0%0g"), [..."%J%4J%:0%0g"].map((text) => text.charCodeAt(0)));
});

Deno.test("percent decoding of bytes without an escape gives them back", () => {
  const bytes = encoder.encode("a+b");
  assertStrictEquals(percentDecodeBytes(bytes), bytes);
});
