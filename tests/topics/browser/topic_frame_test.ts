import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { dataOf, isKnown, memberOf } from "../../../src/topics/browser/topic_frame.ts";

function sentAndRead(data: unknown): unknown {
  return dataOf({ type: "message", ...JSON.parse(`{${memberOf(data)}}`) });
}

Deno.test("bytes arrive as they were", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => assertEquals(sentAndRead(bytes), bytes)));
});

Deno.test("what can be JSON arrives as it was, on one line", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    assertEquals(memberOf(value).includes("\n"), false);
    assertEquals(sentAndRead(value), JSON.parse(JSON.stringify(value)));
  }));
});

Deno.test("what JSON has no word for is an error", () => {
  for (const data of [undefined, () => {}, Symbol()]) {
    assertThrows(() => memberOf(data), TypeError, "it is no JSON");
  }
});

Deno.test("a position is known if it is not after the last, in the same epoch", () => {
  assertEquals(isKnown("e.5", "e.5"), true);
  assertEquals(isKnown("e.9", "e.10"), true);
  assertEquals(isKnown("e.10", "e.9"), false);
  assertEquals(isKnown("f.1", "e.9"), false);
  assertEquals(isKnown("e.1", null), false);
  assertEquals(isKnown(undefined, "e.9"), false);
  assertEquals(isKnown(undefined, null), false);
});
