import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Inbox } from "../../src/websocket/inbox.ts";
import { assertLinear } from "../support/linear.ts";

Deno.test("inbox gives back what was put, in order and within its bounds", () => {
  const message = fc.oneof(fc.string(), fc.uint8Array());
  const steps = fc.array(fc.oneof(message, fc.constant(null)));
  fc.assert(fc.property(steps, fc.nat(5), fc.nat(30), (steps, maxMessages, maxBytes) => {
    const inbox = new Inbox(maxMessages, maxBytes);
    const model: (string | Uint8Array)[] = [];
    for (const step of steps) {
      if (step === null) {
        assertEquals(inbox.take(), model.shift());
      } else {
        const room = model.length < maxMessages && bytesOf([...model, step]) <= maxBytes;
        if (room) model.push(step);
        assertEquals(inbox.put(step), room);
      }
      assertEquals(inbox.size, model.length);
    }
  }));
});

function bytesOf(messages: (string | Uint8Array)[]): number {
  return messages.reduce(
    (sum, message) => sum + new Blob([new Uint8Array(encode(message))]).size,
    0,
  );
}

function encode(message: string | Uint8Array): Uint8Array {
  return typeof message === "string" ? new TextEncoder().encode(message) : message;
}

Deno.test("inbox takes time in proportion to its messages", () => {
  assertLinear((count) => {
    const inbox = new Inbox(count, Infinity);
    for (let i = 0; i < count; i++) inbox.put("message");
    for (let i = 0; i < count; i++) inbox.take();
  }, { n: 20_000 });
});
