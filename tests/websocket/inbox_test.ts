import { assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { Inbox } from "../../src/websocket/inbox.ts";
import { heapInUse } from "../support/garbage.ts";
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

Deno.test("inbox lets go of what was taken, although it is never empty", async () => {
  const inbox = new Inbox(10, Infinity);
  const taken = putAndTake(inbox);
  inbox.put("waits");
  await heapInUse();
  assertEquals(taken.map((message) => message.deref()), Array(8).fill(undefined));
  assertEquals(inbox.size, 2);
});

/** In a function of its own, so that no variable holds a message. */
function putAndTake(inbox: Inbox): WeakRef<Uint8Array>[] {
  const messages = Array.from({ length: 8 }, () => new Uint8Array(1_000));
  inbox.put("first");
  for (const message of messages) inbox.put(message);
  inbox.put("last");
  for (let i = 0; i < 9; i++) inbox.take();
  return messages.map((message) => new WeakRef(message));
}

Deno.test("inbox that is never empty takes no more room with time", async () => {
  const inbox = new Inbox(10, Infinity);
  inbox.put("first");
  const before = await heapInUse();
  for (let i = 0; i < 2_000_000; i++) {
    inbox.put("message");
    inbox.take();
  }
  // Two places of eight bytes for each message would be 32 MB.
  assertLess(await heapInUse() - before, 8 * 1024 * 1024);
  assertEquals(inbox.size, 1);
});
