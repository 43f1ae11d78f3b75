import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { decodeUtf8, HTTPInputError } from "../../src/http/input_error.ts";

Deno.test("input error is answered with 400 unless it says otherwise", () => {
  assertEquals(new HTTPInputError("x").status, 400);
  assertEquals(new HTTPInputError("x", { status: 413 }).status, 413);
});

Deno.test("input error keeps the error that led to it, and its own name", () => {
  const cause = new Error("reset");
  const error = new HTTPInputError("Request body could not be read", { cause });
  assertStrictEquals(error.cause, cause);
  assertEquals(String(error), "HTTPInputError: Request body could not be read");
  assert(!("cause" in new HTTPInputError("x")));
});

Deno.test("UTF-8 is decoded with its byte order mark", () => {
  assertEquals(decodeUtf8(new Uint8Array([0xef, 0xbb, 0xbf, 0xc3, 0xa9]), "x"), "\ufeff\u00e9");
});

Deno.test("UTF-8 that is invalid, overlong, cut short or a surrogate is a 400", () => {
  const sequences = [[0xff], [0xc0, 0xaf], [0xe2, 0x82], [0xed, 0xa0, 0x80], [
    0xf4,
    0x90,
    0x80,
    0x80,
  ]];
  for (const bytes of sequences) {
    const error = assertThrows(() => decodeUtf8(new Uint8Array(bytes), "the text"), HTTPInputError);
    const quoted = bytes.map((byte) => `\\x${byte.toString(16)}`).join("");
    assertEquals(
      [error.status, error.message],
      [400, `Invalid unicode in the text: "${quoted}"`],
    );
  }
});
