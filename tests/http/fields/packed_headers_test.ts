import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { packedHeader, unpackHeaders } from "../../../src/http/fields/packed_headers.ts";

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/);
const value = fc.stringMatching(/^([!-~\u0080-\u00ff]([ -~\u0080-\u00ff]*[!-~\u0080-\u00ff])?)?$/);

Deno.test("packed fields are what Headers makes of them", () => {
  fc.assert(fc.property(fc.array(fc.tuple(name, value)), (fields) => {
    const packed = fields.map((field) => field.join("\n")).join("\n");
    const headers = new Headers(fields);
    assertEquals([...unpackHeaders(packed)], [...headers]);
    for (const [name] of fields) {
      for (const asked of [name, name.toLowerCase(), name.toUpperCase()]) {
        assertEquals(packedHeader(packed, asked), headers.get(asked));
      }
    }
    assertEquals(packedHeader(packed, "x-absent-field"), null);
  }));
});

Deno.test("packed fields may be none, or empty", () => {
  assertEquals([...unpackHeaders("")], []);
  assertEquals(packedHeader("", "x"), null);
  assertEquals(packedHeader("x\n", "x"), "");
});
