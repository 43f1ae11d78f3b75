import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { InboundStream } from "../../../src/topics/broadcast/inbound_stream.ts";
import { SentBatches } from "../../../src/topics/broadcast/sent_batches.ts";

Deno.test("stream hands on every batch once, in order, whatever was lost or turned round", () => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ does: fc.constant("send" as const), arrives: fc.boolean() }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constant("ask" as const), arrives: fc.boolean() }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constant("double" as const), arrives: fc.boolean() }),
    },
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 100, size: "max" }), (steps) => {
    const sent = new SentBatches();
    const stream = new InboundStream(1);
    const got: unknown[] = [];
    const take = (first: number, batches: readonly string[]) => {
      batches.forEach((batch, index) =>
        got.push(...stream.receive(first + index, batch).map(Number))
      );
    };
    const ask = () => {
      const { missing } = stream;
      if (missing !== null) take(missing, sent.from(missing));
    };
    for (const { does, arrives } of steps) {
      if (does === "send") {
        const number = sent.add(`${sent.last + 1}`, 0);
        if (arrives) take(number, [`${number}`]);
      } else if (does === "ask" && arrives) ask();
      else if (does === "double" && sent.last > 0) take(sent.last, [`${sent.last}`]);
    }
    stream.reach(sent.last);
    while (stream.missing !== null) ask();
    assertEquals(got, Array.from({ length: sent.last }, (_, index) => index + 1));
  }));
});

Deno.test("stream skips what is gone, and hands on what waited behind it", () => {
  const stream = new InboundStream(1);
  for (const number of [3, 4, 7]) assertEquals(stream.receive(number, `${number}`), []);
  assertEquals(stream.missing, 1);
  assertEquals(stream.skip(3), ["3", "4"]);
  assertEquals(stream.missing, 5);
  assertEquals(stream.skip(2), []);
  assertEquals(stream.skip(9), []);
  assertEquals(stream.missing, null);
  assertEquals(stream.receive(9, "9"), ["9"]);
});

Deno.test("sent batches are kept up to 1,024, to 8 Mi characters and for 30 s", () => {
  const sent = new SentBatches();
  for (let count = 0; count < 2_000; count++) sent.add("x", 0);
  assertEquals([sent.first, sent.last], [977, 2_000]);
  assertEquals(sent.from(976), []);
  assertEquals(sent.from(1_999).length, 2);
  sent.add("x".repeat(8 * 1024 * 1024), 10_000);
  assertEquals([sent.first, sent.last], [2_001, 2_001]);
  sent.sweep(39_999);
  assertEquals(sent.from(2_001).length, 1);
  sent.sweep(40_000);
  assertEquals([sent.first, sent.last, sent.size], [2_002, 2_001, 0]);
});

Deno.test("what is sent again at once has 256 Ki characters, or is one batch", () => {
  const sent = new SentBatches();
  for (let count = 0; count < 10; count++) sent.add("x".repeat(100 * 1024), 0);
  assertEquals(sent.from(1).length, 3);
  assertEquals(sent.from(9).length, 2);
  assertEquals(sent.from(11).length, 0);
});
