import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import { decodeToken, encodeToken } from "../../../src/topics/nats/subject_token.ts";

Deno.test("a token has a name of any content, and gives it back", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), (name) => {
    const token = encodeToken(name);
    assertMatch(token, /^[A-Za-z0-9_=-]+$/);
    assertEquals(decodeToken(token), name);
  }));
});

Deno.test("a token of another program is a name, or null", () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."aZ09_-=F. é*>\0") }), (token) => {
    const name = decodeToken(token);
    if (name !== null) assertEquals(encodeToken(name), token);
  }));
});

Deno.test("two names have two tokens", () => {
  const name = fc.string({ unit: fc.constantFrom(..."a=2E.é\u0301 ") });
  fc.assert(fc.property(name, name, (one, two) => {
    assertEquals(encodeToken(one) === encodeToken(two), one === two);
  }));
});

Deno.test("a token shows what can be read", () => {
  assertEquals(encodeToken("chat/Room_1-a"), "chat=2FRoom_1-a");
  assertEquals(encodeToken(""), "=");
  assertEquals(["=2f", "=41", "=C3", "==", "a=", "", "a b"].map(decodeToken), Array(7).fill(null));
});

Deno.test("a name that makes no subject is refused", () => {
  const { message } = assertThrows(() => encodeToken("é".repeat(200), "member's id"), RangeError);
  assertMatch(message, /Cannot use a member's id of 200 characters with NATS: it takes 1200 of/);
});
