import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { TopicHistory } from "../../../src/topics/memory/topic_history.ts";

const LIMITS = { history: 5, maxBytes: 40, ttl: 100 };

/** What is kept of a topic, as a list that is gone through each time. */
class Model {
  readonly all: { readonly payload: string; readonly at: number }[] = [];
  #from = 0;

  append(payload: string, now: number): void {
    this.all.push({ payload, at: now });
  }

  kept(now: number): { offset: number; payload: string }[] {
    const records = this.all.map(({ payload, at }, index) => ({ offset: index + 1, payload, at }));
    while (this.#isTooMuch(records.slice(this.#from), now)) this.#from++;
    return records.slice(this.#from).map(({ offset, payload }) => ({ offset, payload }));
  }

  #isTooMuch(records: readonly { payload: string; at: number }[], now: number): boolean {
    const bytes = records.reduce(
      (sum, { payload }) => sum + new TextEncoder().encode(payload).length,
      0,
    );
    const [oldest] = records;
    return oldest !== undefined && (records.length > LIMITS.history || bytes > LIMITS.maxBytes ||
      oldest.at + LIMITS.ttl <= now);
  }
}

Deno.test("history gives all after a position, or nothing", () => {
  const step = fc.record({
    payload: fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: "grapheme" })),
    wait: fc.nat(40),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), fc.nat(45), (steps, offset) => {
    const history = new TopicHistory({ epoch: "e", offset: 0 }, LIMITS, 0);
    const model = new Model();
    let now = 0;
    for (const { payload, wait } of steps) {
      const { offset, previous } = history.append(payload, now);
      model.append(payload, now);
      assertEquals([offset, previous], [model.all.length, model.all.length - 1]);
      now += wait;
      model.kept(now);
      history.trim(now);
    }
    const kept = model.kept(now);
    const top = model.all.length;
    const expected = kept.map((record) => ({ ...record, previous: record.offset - 1 }));
    const all = history.read(null, now);
    assertEquals(all, { epoch: "e", top, records: expected, whole: true });
    const whole = offset <= top && offset >= top - kept.length;
    const records = whole ? expected.filter((record) => record.offset > offset) : [];
    const read = history.read({ epoch: "e", offset }, now);
    assertEquals(read, { epoch: "e", top, records, whole });
    assertEquals(history.read({ epoch: "f", offset }, now).whole, false);
  }));
});

Deno.test("history keeps nothing of a message that is larger than all it may keep", () => {
  const history = new TopicHistory({ epoch: "e", offset: 0 }, LIMITS, 0);
  history.append("small", 0);
  assertEquals(history.append("x".repeat(41), 0).offset, 2);
  assertEquals(history.read(null, 0), { epoch: "e", top: 2, records: [], whole: true });
  assertEquals(history.read({ epoch: "e", offset: 1 }, 0).whole, false);
  assertEquals(history.read({ epoch: "e", offset: 2 }, 0).whole, true);
  assertEquals([history.bytes, history.size], [0, 0]);
});

Deno.test("history is copied with the age of its records", () => {
  const history = new TopicHistory({ epoch: "e", offset: 0 }, LIMITS, 0);
  for (let number = 0; number < 8; number++) {
    history.append(`${number}`, number * 10, { id: "p", number });
  }
  const entries = history.entries(80);
  assertEquals(entries.map(({ age }) => age), [50, 40, 30, 20, 10]);
  const start = { epoch: "e", offset: history.top - entries.length };
  const copy = new TopicHistory(start, LIMITS, 1_000);
  for (const { payload, age, producer } of entries) copy.append(payload, 1_000 - age, producer);
  assertEquals(copy.read(null, 1_000), history.read(null, 80));
  assertEquals(copy.find({ id: "p", number: 6 }), 7);
  assertEquals(copy.find({ id: "q", number: 6 }), undefined);
  assertEquals(copy.read(null, 1_051).records.length, 4);
});
