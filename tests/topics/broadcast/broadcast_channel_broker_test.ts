import { assert, assertEquals, assertLess, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Appended, LogRead, LogRecord, TopicLog } from "../../../src/topics/broker/broker.ts";
import { BrokerError } from "../../../src/topics/broker/broker_error.ts";
import {
  broadcastBroker,
  BroadcastChannelBroker,
} from "../../../src/topics/broadcast/broadcast_channel_broker.ts";
import { BroadcastWorker } from "../../support/broadcast_worker.ts";
import { BrokerPeer } from "../../support/broker_peer.ts";
import { heapInUse } from "../../support/garbage.ts";
import { poll } from "../../support/poll.ts";
import { testBroker } from "../broker_contract.ts";

testBroker("BroadcastChannel", () => {
  const name = crypto.randomUUID();
  return Promise.resolve({
    broker: (bounds = {}) => new BroadcastChannelBroker({ name, ...bounds }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

const LIMITS = { history: 10_000, maxBytes: 16 * 1024 * 1024, ttl: 60_000 };

/** The broker of this isolate. */
async function joined(name: string, options = {}): Promise<BrokerPeer & AsyncDisposable> {
  const broker = new BroadcastChannelBroker({ name, ...options });
  const peer = new BrokerPeer(broker, () => LIMITS);
  await peer.open();
  return Object.assign(peer, { [Symbol.asyncDispose]: () => broker.close() });
}

function numbered(count: number, prefix = "t"): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

function payloadsOf(records: readonly LogRecord[]): string[] {
  return records.map(({ payload }) => payload);
}

/** Lets the loop turn, so that what is posted next is a message of its own. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("isolates have one order of what all of them publish", async () => {
  const name = crypto.randomUUID();
  using one = await BroadcastWorker.start(name);
  using two = await BroadcastWorker.start(name);
  await using here = await joined(name);
  await Promise.all([here.log.follow("news"), one.call("follow"), two.call("follow")]);
  await Promise.all(
    numbered(300).flatMap((payload) => [
      here.log.append("news", `${payload} here`),
      one.call("append", `${payload} one`),
      two.call("append", `${payload} two`),
    ]),
  );
  const { records } = await here.log.read("news", null);
  assertEquals(records.length, 900);
  for (const from of ["here", "one", "two"]) {
    const own = payloadsOf(records).filter((payload) => payload.endsWith(from));
    assertEquals(own, numbered(300).map((payload) => `${payload} ${from}`));
  }
  await here.until(() => here.records("news").length === 900);
  assertEquals(here.records("news"), records);
  for (const worker of [one, two]) {
    assert(await poll(async () => (await worker.call<unknown[]>("records")).length === 900));
    assertEquals(await worker.call("records"), records);
  }
});

Deno.test("isolate that led is ended: another goes on, and loses nothing acknowledged", async () => {
  const name = crypto.randomUUID();
  const leader = await BroadcastWorker.start(name);
  using other = await BroadcastWorker.start(name);
  await using here = await joined(name);
  await Promise.all([here.log.follow("news"), other.call("follow")]);
  const before = numbered(50, "tbefore ");
  for (const payload of before) await leader.call("append", payload);
  const first = await here.log.top("news");
  const underWay = numbered(300).flatMap((payload) => [
    here.log.append("news", `${payload} here`),
    other.call<Appended>("append", `${payload} other`),
  ]);
  const settled = Promise.all(underWay);
  await underWay[40];
  leader.kill();
  const appended = await settled;
  assertEquals(new Set(appended.map(({ position }) => position.epoch)), new Set([first.epoch]));
  assertEquals(new Set(appended.map(({ position }) => position.offset)).size, 600);
  const { records, epoch } = await here.log.read("news", null);
  assertEquals(epoch, first.epoch);
  const payloads = payloadsOf(records);
  assertEquals(payloads.slice(0, 50), before);
  assertEquals(payloads.length, 650);
  for (const from of ["here", "other"]) {
    const own = payloads.filter((payload) => payload.endsWith(from));
    assertEquals(own, numbered(300).map((payload) => `${payload} ${from}`));
  }
  assertEquals(await other.call("read"), {
    epoch,
    top: records.at(-1)?.offset,
    records,
    whole: true,
  });
  await here.until(() => here.records("news").length >= 650);
  assertEquals(here.records("news"), records);
  assertEquals(here.broker.status.state, "connected");
});

Deno.test("isolate that leaves hands over at once", async () => {
  const name = crypto.randomUUID();
  using leader = await BroadcastWorker.start(name);
  await using here = await joined(name);
  const { position } = await here.log.append("news", "t1");
  await leader.call("close");
  const start = performance.now();
  const next = await here.log.append("news", "t2");
  assertLess(performance.now() - start, 1_500);
  assertEquals(next.position, { ...position, offset: position.offset + 1 });
});

Deno.test("isolate that is busy gets all of it later", async () => {
  const name = crypto.randomUUID();
  await using here = await joined(name);
  using busy = await BroadcastWorker.start(name);
  await busy.call("follow");
  const release = await busy.block();
  // More messages than the runtime keeps for an isolate.
  const payloads = numbered(700);
  for (const payload of payloads) {
    here.log.append("news", payload);
    here.broker.publish("news", payload);
    await turn();
  }
  release();
  assert(await poll(async () => (await busy.call<unknown[]>("records")).length >= 700));
  const { records } = await here.log.read("news", null);
  assertEquals(await busy.call("records"), records);
  assert(await poll(async () => (await busy.call<unknown[]>("plain")).length >= 700));
  const plain = await busy.call<[string, string][]>("plain");
  assertEquals(plain.map(([, payload]) => payload), payloads);
  assertEquals(await busy.call("interrupted"), 0);
});

Deno.test("isolate that missed more than is kept reads it, and is told", async () => {
  const name = crypto.randomUUID();
  await using here = await joined(name);
  using busy = await BroadcastWorker.start(name);
  await busy.call("follow");
  const release = await busy.block();
  const payloads = numbered(1_600);
  for (const payload of payloads) {
    here.log.append("news", payload);
    await turn();
  }
  release();
  assert(await poll(async () => (await busy.call<number>("interrupted")) > 0));
  const read = await busy.call<LogRead>("read");
  assertEquals([read.whole, payloadsOf(read.records)], [true, payloads]);
});

Deno.test("isolate that leads and is busy keeps the others waiting, in order", async () => {
  const name = crypto.randomUUID();
  using busy = await BroadcastWorker.start(name);
  await using here = await joined(name);
  await here.log.append("news", "tfirst");
  const release = await busy.block();
  const payloads = numbered(600);
  const waiting: Promise<unknown>[] = [];
  for (const payload of payloads) {
    waiting.push(here.log.append("news", payload));
    await turn();
    if (waiting.length === 20) assertEquals(here.broker.status.queued, 20);
  }
  release();
  await Promise.all(waiting);
  assertEquals(payloadsOf((await here.log.read("news", null)).records), ["tfirst", ...payloads]);
});

Deno.test("publication is refused when the isolate that leads does not answer in time", async () => {
  const name = crypto.randomUUID();
  using busy = await BroadcastWorker.start(name);
  await using here = await joined(name, { publishTimeout: 300, maxQueued: 10 });
  await here.log.append("news", "tfirst");
  const release = await busy.block();
  const settled = await Promise.allSettled(
    numbered(30).map((payload) => here.log.append("news", payload)),
  );
  for (const each of settled) {
    assert(each.status === "rejected" && each.reason instanceof BrokerError);
  }
  const reasons = settled.map((each) => each.status === "rejected" ? String(each.reason) : "");
  assertMatch(reasons[0] ?? "", /has not answered for 300 ms/);
  assertMatch(reasons[29] ?? "", /"maxQueued" allows more/);
  assertEquals(here.broker.status.queued, 0);
  release();
});

Deno.test("what is no message of a broker is ignored, and counted", async () => {
  const name = crypto.randomUUID();
  await using one = await joined(name);
  await using two = await joined(name);
  await two.log.follow("news");
  const channel = new BroadcastChannel(name);
  const item = (item: unknown) => ["gustnado 1", "x", "batch", 1, JSON.stringify([item])];
  const garbage: unknown[] = [
    null,
    0,
    "",
    "gustnado 1",
    [],
    {},
    new Map([[1, 2]]),
    new Uint8Array(9),
    ["gustnado 1"],
    ["gustnado 1", "x"],
    ["gustnado 1", 1, "batch", 1, "[]"],
    ["gustnado 1", "x", "batch", -1, "[]"],
    ["gustnado 1", "x", "batch", 1.5, "[]"],
    ["gustnado 1", "x", "batch", 1, {}],
    ["gustnado 1", "x", "batch", 1, []],
    ["gustnado 1", "y1", "batch", 1, "{}"],
    ["gustnado 1", "y2", "batch", 1, "[1"],
    ["gustnado 1", "x", "nothing", 1, []],
    ["gustnado 1", "x", "want", 1, 1],
    ["gustnado 1", "x", "want", "y", "1"],
    ["gustnado 2", "x", "batch", 1, "[]"],
  ];
  for (const each of garbage) channel.postMessage(each);
  const items: unknown[] = [null, 1, [], "op", {}, { t: 1 }, { t: "nothing" }, { t: "plain" }];
  items.push({ t: "plain", topic: 1, payload: "t" }, { t: "op" }, { t: "op", number: 1 });
  items.push({ t: "op", number: 1, operation: { op: "toString" } });
  items.push({ t: "op", number: 1, operation: { op: "append", topic: "news" } });
  items.push({ t: "do", number: 1, command: { do: "__proto__" } }, { t: "answer", number: "1" });
  items.push({ t: "lead", applied: "1" }, { t: "stand" }, { t: "page" }, { t: "copy" });
  for (const [index, each] of items.entries()) {
    channel.postMessage(["gustnado 1", `x${index}`, "batch", 1, JSON.stringify([each])]);
  }
  channel.postMessage(item({ t: "plain", topic: "fine", payload: "tfine" }));
  await two.until(() => two.plain.length > 0);
  for (const { broker } of [one, two]) {
    assertEquals(broker.status.ignored, garbage.length + items.length);
  }
  await two.log.append("news", "t1");
  await two.until(() => two.records("news").length === 1);
  channel.close();
});

Deno.test("messages of a broker that are made up stop nobody", async () => {
  const name = crypto.randomUUID();
  await using one = await joined(name);
  await using two = await joined(name);
  const channel = new BroadcastChannel(name);
  const text = fc.constantFrom("", "news", "x", one.node, two.node, "__proto__");
  const number = fc.oneof(fc.nat(5), fc.constantFrom(NaN, -1, 1e9, Number.MAX_SAFE_INTEGER));
  const fields = fc.record({
    t: fc.constantFrom("op", "do", "answer", "hello", "again", "lost", "census", "stand", "copy"),
    to: fc.option(text, { nil: undefined }),
    number,
    applied: number,
    request: number,
    page: number,
    answer: fc.constantFrom({ done: true }, { dead: ["x"] }, 1),
    command: fc.record({
      do: fc.constantFrom("append", "begin", "touch", "join", "leave", "gather", "beat", "bury"),
      topic: text,
      payload: text,
      id: text,
      node: text,
      info: text,
      number,
      ms: number,
    }),
    operation: fc.record({
      op: fc.constantFrom("append", "begin", "touch", "forget", "member", "gather", "scatter"),
      topic: text,
      epoch: text,
      offset: number,
      payload: text,
      id: text,
      number,
      node: text,
      info: text,
      gone: fc.boolean(),
    }),
  });
  const kind = fc.constantFrom("batch", "want", "again", "gone", "reach");
  const message = fc.tuple(kind, number, fc.array(fields, { maxLength: 3 }), text);
  for (const [kind, number, items, to] of fc.sample(message, 2_000)) {
    const text = JSON.stringify(items);
    const rest = ["batch", "reach"].includes(kind) ? [number, text] : [to, number, [text]];
    channel.postMessage(["gustnado 1", "x", kind, ...rest]);
  }
  const { position } = await two.log.append("mine", "t1");
  await one.log.append("mine", "t2");
  const { whole, records } = await two.log.read("mine", position);
  assertEquals([whole, payloadsOf(records)], [true, ["t2"]]);
  channel.close();
});

Deno.test("who takes the lead without the lock has it until the next word of who leads", async () => {
  const name = crypto.randomUUID();
  await using one = await joined(name);
  await using two = await joined(name);
  await one.log.append("news", "t1");
  const channel = new BroadcastChannel(name);
  const lead = { t: "lead", applied: 7, lineage: "x" };
  channel.postMessage(["gustnado 1", "x", "batch", 1, JSON.stringify([lead])]);
  await two.log.append("news", "t2");
  for (const { log } of [one, two]) {
    assertEquals(payloadsOf((await log.read("news", null)).records), ["t1", "t2"]);
  }
  channel.close();
});

Deno.test("any number of names on the channel takes no memory", async () => {
  const name = crypto.randomUUID();
  await using one = await joined(name);
  const channel = new BroadcastChannel(name);
  const post = (from: string, ...items: object[]) =>
    channel.postMessage(["gustnado 1", from, "batch", 1, JSON.stringify(items)]);
  const flood = async (from: number, to: number) => {
    const copy = { t: "copy", to: one.node, request: 1, page: 0 };
    for (let index = from; index < to; index++) {
      post(`${"x".repeat(500)}${index}`, { t: "again", to: one.node }, copy);
    }
    post(`y${from}`, { t: "plain", topic: "done", payload: `t${from}` });
    await one.until(() => one.plain.at(-1)?.[1] === `t${from}`);
    // What the broker answered to them is still on its way to the channel here.
    for (let count = 0; count < 100; count++) await turn();
  };
  await flood(0, 10_000);
  const before = await heapInUse();
  await flood(10_000, 30_000);
  assertLess(await heapInUse() - before, 10_000_000);
  channel.close();
});

Deno.test("topics that are over leave no memory behind", async () => {
  const broker = new BroadcastChannelBroker({ name: crypto.randomUUID() });
  await using _closing = { [Symbol.asyncDispose]: () => broker.close() };
  const peer = new BrokerPeer(broker, () => ({ history: 10, maxBytes: 1_000, ttl: 20 }));
  await peer.open();
  await floodTopics(peer.log, 20_000);
  const before = await heapInUse();
  await floodTopics(peer.log, 100_000);
  assertLess(await heapInUse() - before, 20_000_000);
});

/** Publishes once to each of so many topics. */
async function floodTopics(log: TopicLog, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await log.append(`topic ${index}`, "t");
    if (index % 1_000 === 0) await turn();
  }
}

Deno.test("options of the broker of isolates are checked", () => {
  assertThrows(() => new BroadcastChannelBroker({ name: 1 as never }), TypeError, '"name"');
  assertThrows(() => broadcastBroker({ chanel: "x" } as never), TypeError, '"chanel"');
  assertThrows(() => broadcastBroker({ maxQueued: 0 }), TypeError, '"maxQueued"');
});

Deno.test("isolate that comes late copies everything, while the others go on", async () => {
  const name = crypto.randomUUID();
  await using one = await joined(name);
  await using two = await joined(name);
  for (let index = 0; index < 200; index++) {
    const payloads = numbered(3).map((payload) => payload + "x".repeat(2_000));
    for (const payload of payloads) one.log.append(`topic ${index}`, payload);
  }
  const { position } = await one.log.append("double", "t", { id: "p", number: 1 });
  await one.presence.join("room", { node: one.node, id: "ann", info: '"é"' });
  const payloads = numbered(2_000);
  const goingOn = (async () => {
    for (const payload of payloads) await two.log.append("news", payload);
  })();
  await using late = await joined(name);
  await late.log.follow("news");
  await goingOn;
  for (const topic of ["topic 0", "topic 199", "news"]) {
    assertEquals(await late.log.read(topic, null), await one.log.read(topic, null));
  }
  assertEquals(await late.presence.list("room"), await one.presence.list("room"));
  assertEquals(late.interrupted(), 0);
  await one.broker.close();
  await two.broker.close();
  assertEquals((await late.log.read("topic 7", null)).records.length, 3);
  const double = await late.log.append("double", "t", { id: "p", number: 1 });
  assertEquals(double, { position, duplicate: true });
  assertEquals((await late.log.append("topic 7", "t")).position.offset, 4);
});

Deno.test("broker that is opened in the turn in which another was closed works", async () => {
  const name = crypto.randomUUID();
  using leader = await BroadcastWorker.start(name);
  const first = await joined(name);
  const closing = first.broker.close();
  await using second = await joined(name);
  await closing;
  await second.log.follow("news");
  await leader.call("append", "t1");
  await second.log.append("news", "t2");
  await second.until(() => second.records("news").length === 2);
  assertEquals(second.broker.status.state, "connected");
});

Deno.test("isolate that leads has what another was sent before it is ended", async () => {
  const name = crypto.randomUUID();
  await using here = await joined(name);
  const worker = await BroadcastWorker.start(name);
  await here.log.follow("news");
  for (const payload of numbered(10)) await worker.call("append", payload);
  worker.kill();
  await here.log.append("news", "tlast");
  assertEquals(payloadsOf(here.records("news")), [...numbered(10), "tlast"]);
  assertEquals((await here.log.read("news", null)).records, here.records("news"));
});

Deno.test("topic that is followed in any isolate keeps its position while it is silent", async () => {
  const name = crypto.randomUUID();
  const brokers = [1, 2].map(() => new BroadcastChannelBroker({ name }));
  const limits = { history: 10, maxBytes: 1_000, ttl: 1_500 };
  const [one, two] = brokers.map((broker) => new BrokerPeer(broker, () => limits));
  assert(one !== undefined && two !== undefined);
  await one.open();
  await two.open();
  await two.log.follow("followed");
  const followed = await one.log.append("followed", "t1");
  const other = await one.log.append("other", "t1");
  assert(await poll(async () => (await one.log.top("other")).epoch !== other.position.epoch));
  assert(await poll(async () => (await one.log.read("followed", null)).records.length === 0));
  const next = await one.log.append("followed", "t2");
  assertEquals(next.position, { ...followed.position, offset: 2 });
  await Promise.all(brokers.map((broker) => broker.close()));
});
