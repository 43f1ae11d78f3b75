import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { ByteWindow } from "../../../src/http/body/byte_window.ts";
import { assertLinear } from "../../support/linear.ts";

Deno.test("byte window holds what was appended and not consumed", () => {
  const step = fc.oneof(fc.uint8Array(), fc.nat(20));
  fc.assert(fc.property(fc.array(step), (steps) => {
    const window = new ByteWindow();
    let expected: number[] = [];
    const views: [Uint8Array, number[]][] = [];
    for (const step of steps) {
      if (typeof step === "number") {
        window.consume(Math.min(step, expected.length));
        expected = expected.slice(step);
      } else {
        window.append(step);
        expected = [...expected, ...step];
      }
      views.push([window.bytes, expected]);
    }
    // Views that were taken earlier must not have been written over since.
    for (const [view, bytes] of views) assertEquals([...view], bytes);
  }));
});

Deno.test("byte window does not copy a chunk that finds it empty", () => {
  const window = new ByteWindow();
  const chunks = [new Uint8Array([1, 2]), new Uint8Array([3])];
  for (const chunk of chunks) {
    window.append(chunk);
    assertStrictEquals(window.bytes, chunk);
    window.consume(chunk.length);
  }
});

Deno.test("byte window takes at most twice what it holds", () => {
  const window = new ByteWindow();
  for (let size = 1; size <= 1000; size++) {
    window.append(Uint8Array.of(size));
    assert(window.bytes.buffer.byteLength <= 2 * size, `${size}`);
  }
});

Deno.test("byte window is appended to in linear time", () => {
  const chunk = new Uint8Array(1);
  assertLinear((n) => {
    const window = new ByteWindow();
    for (let size = 0; size < n; size++) window.append(chunk);
  }, { n: 20_000 });
});
