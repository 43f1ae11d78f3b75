import { assertEquals, assertThrows } from "@std/assert";
import { HTTPInputError } from "../../src/http/input_error.ts";
import { decodeUtf8 } from "../../src/http/utf8_input.ts";

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
