import {
  assertEquals,
  assertLess,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import type { BrokerContext, TopicLimits } from "../../../src/topics/broker/broker.ts";
import { BrokerError } from "../../../src/topics/broker/broker_error.ts";
import { MemoryBroker } from "../../../src/topics/memory/memory_broker.ts";
import { MemoryLog } from "../../../src/topics/memory/memory_log.ts";
import { MemoryPresence } from "../../../src/topics/memory/memory_presence.ts";
import { BrokerPeer } from "../../support/broker_peer.ts";
import { fakeClock } from "../../support/fake_clock.ts";
import { testBroker } from "../broker_contract.ts";

testBroker(
  "memory",
  () =>
    Promise.resolve({
      broker: () => new MemoryBroker(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  { processes: "one" },
);

Deno.test("memory broker carries plain messages nowhere, and says its name", () => {
  const broker = new MemoryBroker();
  broker.publish("news", "t");
  assertEquals(broker.name, "memory");
});

/** A broker whose topics are all alike. */
async function opened(limits: Partial<TopicLimits> = {}): Promise<BrokerPeer> {
  const all = { history: 10, maxBytes: 1_000, ttl: 60_000, ...limits };
  const peer = new BrokerPeer(new MemoryBroker(), () => all);
  await peer.open();
  return peer;
}

Deno.test("memory log hands a record over before append returns", async () => {
  const peer = await opened();
  await peer.log.follow("news");
  const appended = peer.log.append("news", "t1");
  assertEquals(peer.records("news").length, 1);
  await appended;
});

Deno.test("memory log forgets a topic that was silent, which begins anew with another epoch", async () => {
  using clock = fakeClock();
  const { log } = await opened({ ttl: 1_000 });
  const { position } = await log.append("news", "t1");
  const empty = await log.top("empty");
  await clock.tick(999);
  assertEquals(await log.top("news"), position);
  assertEquals(await log.top("empty"), empty);
  await clock.tick(1);
  for (const [topic, { epoch }] of [["news", position], ["empty", empty]] as const) {
    const top = await log.top(topic);
    assertEquals([top.offset, top.epoch === epoch], [0, false]);
  }
  assertEquals((await log.read("news", position)).whole, false);
  assertEquals((await log.append("news", "t2")).position.offset, 1);
});

Deno.test("memory log keeps the position of a silent topic that is followed", async () => {
  using clock = fakeClock();
  const peer = await opened({ ttl: 1_000 });
  await peer.log.follow("news");
  const { position } = await peer.log.append("news", "t1");
  await clock.tick(5_000);
  for (let count = 0; count < 10; count++) await peer.log.append(`other ${count}`, "t");
  assertEquals((await peer.log.read("news", null)).records, []);
  const next = await peer.log.append("news", "t2");
  assertEquals(next.position, { ...position, offset: 2 });
  peer.log.unfollow("news");
  await clock.tick(1_000);
  assertNotEquals((await peer.log.top("news")).epoch, position.epoch);
});

Deno.test("memory log knows the position of a double while it is kept, then that of the last", async () => {
  const { log } = await opened({ history: 3 });
  for (const number of [1, 2, 3, 4, 5]) await log.append("news", "t", { id: "p", number });
  const offsets: number[] = [];
  for (const number of [5, 4, 3, 2, 1]) {
    offsets.push((await log.append("news", "t", { id: "p", number })).position.offset);
  }
  assertEquals(offsets, [5, 4, 3, 5, 5]);
});

Deno.test("memory log keeps what a subscriber publishes as it gets a message after that", async () => {
  const broker = new MemoryBroker();
  const seen: string[] = [];
  await broker.open({
    node: "n",
    limitsOf: () => ({ history: 10, maxBytes: 1_000, ttl: 60_000 }),
    events: {
      plain: () => {},
      record: (_topic, _epoch, { payload }) => {
        if (payload === "task") broker.log.append("news", "tanswer");
        seen.push(payload);
      },
      presence: () => {},
      interrupted: () => {},
    },
  });
  await broker.log.follow("news");
  await broker.log.append("news", "task");
  assertEquals(seen, ["task", "tanswer"]);
});

Deno.test("memory log of ever new topics that are over is small", async () => {
  using clock = fakeClock();
  const log = new MemoryLog(() => contextOf({ history: 10, maxBytes: 1_000, ttl: 1_000 }));
  let most = 0;
  for (let index = 0; index < 200_000; index++) {
    log.append(`topic ${index}`, "t", { id: `${index}`, number: 1 });
    if (index % 1_000 === 999) {
      await clock.tick(100);
      most = Math.max(most, log.size);
    }
  }
  // Ten thousand of them begin while one is kept.
  assertLess(most, 25_000);
  assertEquals((await log.read("topic 199999", null)).records.length, 1);
});

Deno.test("memory log forgets what was silent longest rather than take more than it may", async () => {
  const broker = new MemoryBroker({ maxBytes: 100_000 });
  const peer = new BrokerPeer(broker, () => ({ history: 10, maxBytes: 1_000, ttl: 60_000 }));
  await peer.open();
  const { log } = broker;
  const followed = await log.append("followed", "t1");
  await log.follow("followed");
  const [early, late] = [await log.top("early"), await log.top("late")];
  for (let index = 0; index < 1_000; index++) {
    await log.top(`named ${index}`);
    if (index % 10 === 0) await log.append("late", `t${index}`);
  }
  assertEquals((await log.read("followed", followed.position)).whole, true);
  assertEquals((await log.top("late")).epoch, late.epoch);
  assertEquals((await log.read("early", early)).whole, false);
});

Deno.test("memory log of ever new topics takes a bounded number of them", async () => {
  const log = new MemoryLog(
    () => contextOf({ history: 10, maxBytes: 100_000, ttl: 60_000 }),
    1_000_000,
  );
  for (let index = 0; index < 20_000; index++) await log.top(`topic ${index}`);
  assertLess(log.size, 5_000);
  for (let index = 0; index < 1_000; index++) {
    await log.append(`large ${index}`, "t".repeat(10_000));
  }
  assertLess(log.size, 101);
});

Deno.test("memory broker refuses an option that it does not know", () => {
  const options: object = { maxbytes: 1 };
  assertThrows(() => new MemoryBroker(options), TypeError, "maxBytes");
});

Deno.test("memory presence keeps no topic that nobody is in, or follows", async () => {
  const limits = { history: 10, maxBytes: 1_000, ttl: 60_000 };
  const presence = new MemoryPresence(() => contextOf(limits));
  for (let index = 0; index < 100; index++) {
    const topic = `room ${index}`;
    await presence.list(topic);
    await presence.changes(topic);
    await presence.join(topic, { node: "n", id: "ann", info: "null" });
    await presence.leave(topic, { node: "n", id: "ann" });
    presence.endChanges(topic);
    await presence.join(topic, { node: "m", id: "bob", info: "null" });
  }
  assertEquals(presence.size, 100);
  await presence.bury("m");
  assertEquals(presence.size, 0);
});

/** What a part of a broker is given, where nobody listens. */
function contextOf(limits: TopicLimits): BrokerContext {
  const nothing = () => {};
  const events = { plain: nothing, record: nothing, presence: nothing, interrupted: nothing };
  return { node: "n", limitsOf: () => limits, events };
}

Deno.test("memory broker that was not opened refuses, too", async () => {
  const broker = new MemoryBroker();
  await assertRejects(() => broker.log.append("news", "t"), BrokerError, "was not opened");
  await broker.close();
  await assertRejects(() => broker.log.append("news", "t"), BrokerError, "is closed");
});
