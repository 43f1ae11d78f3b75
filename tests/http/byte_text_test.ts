import { assertEquals } from "@std/assert";
import { toBase64, toHex } from "../../src/http/byte_text.ts";

/** Bytes of a runtime that has no such methods. */
function without(bytes: Uint8Array): Uint8Array {
  Object.defineProperties(bytes, { toBase64: { value: undefined }, toHex: { value: undefined } });
  return bytes;
}

Deno.test("bytes are the same text where the runtime cannot write it", () => {
  for (let length = 0; length < 70; length++) {
    const bytes = crypto.getRandomValues(new Uint8Array(length));
    const others = without(bytes.slice());
    assertEquals(toHex(others), bytes.toHex());
    for (const alphabet of ["base64", "base64url"] as const) {
      for (const omitPadding of [false, true]) {
        const options = { alphabet, omitPadding };
        assertEquals(toBase64(others, options), bytes.toBase64(options));
      }
    }
  }
});
