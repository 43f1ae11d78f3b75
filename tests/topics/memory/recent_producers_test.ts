import { assertEquals, assertLess } from "@std/assert";
import { RecentProducers } from "../../../src/topics/memory/recent_producers.ts";

const position = { epoch: "e", offset: 1 };

Deno.test("producer is remembered for two minutes after its last publication", () => {
  const producers = new RecentProducers();
  producers.note("news", { id: "p", number: 1 }, position, 0);
  producers.note("news", { id: "p", number: 2 }, { ...position, offset: 2 }, 60_000);
  producers.sweep(179_999);
  assertEquals(producers.find("news", { id: "p", number: 2 }), { ...position, offset: 2 });
  assertEquals(producers.find("news", { id: "p", number: 1 }), { ...position, offset: 2 });
  assertEquals(producers.find("news", { id: "p", number: 3 }), undefined);
  assertEquals(producers.find("new", { id: "sp", number: 1 }), undefined);
  producers.sweep(180_000);
  assertEquals(producers.find("news", { id: "p", number: 2 }), undefined);
  assertEquals(producers.size, 0);
});

Deno.test("producers are as many as 100,000", () => {
  const producers = new RecentProducers();
  for (let number = 0; number < 150_000; number++) {
    producers.note("news", { id: `${number}`, number: 1 }, position, number / 1_000);
  }
  assertEquals(producers.size, 100_000);
  assertEquals(producers.find("news", { id: "49999", number: 1 }), undefined);
  assertEquals(producers.find("news", { id: "50000", number: 1 }), position);
});

Deno.test("producers are copied with their age, and in their order", () => {
  const producers = new RecentProducers();
  for (const [id, at] of [["a", 0], ["b", 100], ["a", 200]] as const) {
    producers.note("news", { id, number: at }, position, at);
  }
  const entries = producers.entries(300);
  assertEquals(entries.map(({ age }) => age), [200, 100]);
  const copy = new RecentProducers();
  for (const entry of entries) copy.restore(entry, 1_000_000);
  assertEquals(copy.find("news", { id: "a", number: 200 }), position);
  copy.sweep(1_000_000 - 200 + 120_000);
  assertEquals(copy.size, 1);
  assertLess(copy.size, producers.size);
});
