import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { LogRecord } from "../../../src/topics/broker/broker.ts";
import { LiveOrder } from "../../../src/topics/nats/live_order.ts";
import { PresenceChain } from "../../../src/topics/nats/presence_chain.ts";
import { countOutdated } from "../../../src/topics/nats/kept_window.ts";
import { poll } from "../../support/poll.ts";

/** What a topic hands over, as `previous>offset`, and how often it doubts. */
class Followed implements Disposable {
  readonly handed: string[] = [];
  readonly records: LogRecord[] = [];
  doubts = 0;
  readonly order = new LiveOrder({
    record: (record) => {
      this.records.push(record);
      this.handed.push(`${record.previous}>${record.offset}`);
    },
    doubt: () => this.doubts++,
  });

  take(sequence: number, previous: number, payload: string | null = "t"): void {
    this.order.take({ sequence, previous, payload });
  }

  [Symbol.dispose](): void {
    this.order.reset();
  }
}

Deno.test("messages in order are handed over at once", () => {
  using topic = new Followed();
  for (const [sequence, previous] of [[3, 1], [7, 3], [8, 7]] as const) {
    topic.take(sequence, previous);
  }
  assertEquals(topic.handed, ["1>3", "3>7", "7>8"]);
});

Deno.test("messages that changed places are put in order", () => {
  using topic = new Followed();
  for (const [sequence, previous] of [[1, 0], [4, 3], [5, 4], [3, 2], [2, 1], [6, 5]] as const) {
    topic.take(sequence, previous);
  }
  assertEquals(topic.handed, ["0>1", "1>2", "2>3", "3>4", "4>5", "5>6"]);
  assertEquals(topic.doubts, 0);
});

Deno.test("a message that is waited for in vain is told as a gap, and may come late", async () => {
  using topic = new Followed();
  topic.take(1, 0);
  topic.take(3, 2);
  topic.take(4, 3);
  assertEquals(topic.handed, ["0>1"]);
  assert(await poll(() => topic.handed.length === 3));
  assertEquals(topic.handed, ["0>1", "2>3", "3>4"]);
  topic.take(2, 1);
  assertEquals([topic.handed.length, topic.doubts], [3, 0]);
});

Deno.test("a number that was there before is doubted", () => {
  using topic = new Followed();
  topic.take(10, 9);
  topic.take(11, 10);
  topic.take(11, 10);
  topic.take(3, 2);
  assertEquals([topic.handed, topic.doubts], [["9>10", "10>11"], 1]);
});

Deno.test("what is no record, and what the stream has forgotten, makes no gap", () => {
  using topic = new Followed();
  topic.take(1, 0);
  topic.take(5, 1, null);
  topic.take(6, 5);
  topic.take(9, 0);
  assertEquals(topic.handed, ["0>1", "1>6", "6>9"]);
  using begun = new Followed();
  begun.take(5, 0, null);
  begun.take(6, 5);
  assertEquals(begun.handed, ["5>6"]);
});

Deno.test("more than 1,000 messages do not wait", () => {
  using topic = new Followed();
  topic.take(1, 0);
  for (let sequence = 3; sequence < 1_100; sequence++) topic.take(sequence, sequence - 1);
  assert(topic.handed.length > 1_000);
});

Deno.test("whatever the order, each is handed over once, and the numbers grow", () => {
  const order = fc.shuffledSubarray(Array.from({ length: 12 }, (_, at) => at + 1));
  fc.assert(fc.property(order, (sequences) => {
    using topic = new Followed();
    for (const sequence of sequences) topic.take(sequence, sequence - 1);
    const { records } = topic;
    for (const [index, { offset }] of records.entries()) {
      assert(offset > (records[index - 1]?.offset ?? 0));
    }
  }));
});

Deno.test("each change of a presence is told the one before it, over lists", () => {
  const chain = new PresenceChain();
  assertEquals(chain.list(10), 10);
  assertEquals([chain.next(12), chain.next(15)], [10, 12]);
  assertEquals(chain.list(12), 15);
  assertEquals(chain.list(17), 17);
  assertEquals(chain.next(17), 15);
  assertEquals([chain.next(17), chain.next(16)], [null, null]);
  chain.reset();
  assertEquals(chain.next(16), 0);
});

Deno.test("the window of what is kept is bounded by messages, bytes and time", () => {
  const records = [10, 20, 30, 40].map((time) => ({ time, size: 10 }));
  const limits = { history: 10, maxBytes: 1_000, ttl: 1_000 };
  assertEquals(countOutdated(records, limits, 50), 0);
  assertEquals(countOutdated(records, { ...limits, history: 3 }, 50), 1);
  assertEquals(countOutdated(records, { ...limits, maxBytes: 29 }, 50), 2);
  assertEquals(countOutdated(records, { ...limits, ttl: 15 }, 50), 3);
  assertEquals(countOutdated(records, { ...limits, maxBytes: 5 }, 50), 4);
  assertEquals(countOutdated([], limits, 50), 0);
});
