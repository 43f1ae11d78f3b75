import { assertEquals, assertStrictEquals } from "@std/assert";
import { sharedFrame } from "../../../src/platform/node/web_socket_frame.ts";
import type { FrameHolder } from "../../../src/platform/platform.ts";

/** Reads what a server has framed: opcode, and payload. */
function read(frame: Uint8Array): [first: number, payload: Uint8Array] {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const short = view.getUint8(1);
  const [start, length] = short < 126
    ? [2, short]
    : short === 126
    ? [4, view.getUint16(2)]
    : [10, Number(view.getBigUint64(2))];
  assertEquals(frame.length, start + length);
  return [view.getUint8(0), frame.subarray(start)];
}

Deno.test("frame of text of each size and script is its UTF-8, with the shortest length", () => {
  for (const letter of ["a", "é", "漢", "😀"]) {
    for (
      const size of [0, 1, 41, 42, 63, 125, 126, 681, 682, 21_845, 21_846, 65_535, 65_536, 70_000]
    ) {
      const text = letter.repeat(size);
      const [first, payload] = read(sharedFrame(text, undefined, undefined));
      assertEquals(first, 0x81);
      assertEquals(new TextDecoder().decode(payload), text);
    }
  }
});

Deno.test("frame of text keeps what it has when the next one is made", () => {
  for (const size of [1, 681, 682, 21_845, 21_846]) {
    const frame = sharedFrame("a".repeat(size), undefined, undefined);
    sharedFrame("b".repeat(size), undefined, undefined);
    assertEquals(new TextDecoder().decode(read(frame)[1]), "a".repeat(size));
  }
});

Deno.test("frame of bytes has them as they are, and is a copy", () => {
  for (const size of [0, 125, 126, 65_535, 65_536]) {
    const bytes = new Uint8Array(size).fill(7);
    const [first, payload] = read(sharedFrame(bytes, undefined, undefined));
    bytes.fill(8);
    assertEquals(first, 0x82);
    assertEquals(payload.every((byte) => byte === 7), true);
  }
});

Deno.test("frame of a message to many is made once for each way of compression", () => {
  const shared: FrameHolder = {};
  const plain = sharedFrame("a", shared, undefined);
  assertStrictEquals(sharedFrame("a", shared, undefined), plain);
  const small = sharedFrame("a", shared, { windowBits: 9 });
  assertStrictEquals(sharedFrame("a", shared, { windowBits: 9 }), small);
  assertEquals(shared.frames?.size, 2);
});
