import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ReadBuffer } from "../../src/net/iostream/read_buffer.ts";

function arrive(buffer: ReadBuffer, bytes: Uint8Array, room: number): void {
  const reserved = buffer.reserve(Math.max(room, bytes.length));
  reserved.set(bytes);
  buffer.commit(bytes.length);
}

Deno.test("read buffer gives out the bytes that arrived, in their order", () => {
  const step = fc.oneof(
    fc.record({ arrive: fc.uint8Array({ maxLength: 40 }), room: fc.nat(60) }),
    fc.record({ take: fc.nat(50), pending: fc.boolean() }),
    fc.record({ takeInto: fc.nat(50) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
    const buffer = new ReadBuffer();
    let model: number[] = [];
    const kept: [Uint8Array, number[]][] = [];
    for (const step of steps) {
      if ("arrive" in step) {
        arrive(buffer, step.arrive, step.room);
        model.push(...step.arrive);
      } else {
        const wanted = "take" in step ? step.take : step.takeInto;
        const count = Math.min(wanted, model.length);
        // A read that timed out can leave memory reserved, and then bytes are taken and arrive.
        const pending = "pending" in step && step.pending ? buffer.reserve(8) : undefined;
        const expected = model.slice(0, count);
        model = model.slice(count);
        if ("take" in step) kept.push([buffer.take(count), expected]);
        else {
          const target = new Uint8Array(count);
          assertEquals(buffer.takeInto(target), count);
          kept.push([target, expected]);
        }
        if (pending !== undefined) {
          pending.set([1, 2, 3]);
          buffer.commit(3);
          model.push(1, 2, 3);
        }
      }
      assertEquals([...buffer.view], model);
    }
    // What was given out must not change when more arrives.
    for (const [taken, expected] of kept) assertEquals([...taken], expected);
  }));
});

Deno.test("read buffer finds a sequence where String.indexOf does", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 30 });
  const sequence = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 4 });
  fc.assert(fc.property(text, sequence, fc.nat(10), (text, sequence, position) => {
    const buffer = new ReadBuffer();
    arrive(buffer, new TextEncoder().encode(text), 64);
    const found = buffer.indexOf(new TextEncoder().encode(sequence), position);
    assertEquals(found, text.indexOf(sequence, Math.min(position, text.length)));
  }));
});
