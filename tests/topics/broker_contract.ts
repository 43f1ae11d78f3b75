/**
 * What every broker has to do: a test per rule.
 *
 * ```ts ignore
 * testBroker("memory", () => Promise.resolve({
 *   broker: () => new MemoryBroker(),
 *   [Symbol.asyncDispose]: () => Promise.resolve(),
 * }), { processes: "one" });
 * ```
 *
 * @module
 */
import { assert, assertEquals, assertGreater, assertNotEquals, assertRejects } from "@std/assert";
import type {
  Appended,
  Broker,
  LogRead,
  LogRecord,
  TopicLimits,
} from "../../src/topics/broker/broker.ts";
import { BrokerError } from "../../src/topics/broker/broker_error.ts";
import type { Position } from "../../src/topics/broker/position.ts";
import { BrokerPeer } from "../support/broker_peer.ts";
import { poll } from "../support/poll.ts";

/** What a test may ask of a broker; every other option is as it is by default. */
export interface BrokerBounds {
  /** Publications that may wait for the engine. */
  readonly maxQueued?: number;
  /** Milliseconds that a publication waits for it. */
  readonly publishTimeout?: number;
}

/** An engine of one test, with nothing in it. */
export interface BrokerEngine extends AsyncDisposable {
  /** A broker of a process of its own, not open. The contract closes it. */
  broker(bounds?: BrokerBounds): Broker;
  /** What ends the engine at once, and starts it again with what it has on its disk. */
  readonly sabotage?: { kill(): Promise<void>; restart(): Promise<void> };
}

/** What is known of a broker. */
export interface BrokerTraits {
  /** `"one"` leaves out what takes several processes. Default `"many"`. */
  readonly processes?: "one" | "many";
  /** Whether the engine can be killed; its rules are registered then. Default `false`. */
  readonly sabotage?: boolean;
  /** Whether a topic keeps at most `maxBytes`. Default `true`. */
  readonly boundsBytes?: boolean;
  /** Registers a test, such as `serviceTest` does for a service. Default `Deno.test`. */
  readonly test?: (name: string, fn: () => Promise<void>) => void;
}

/** What topics keep, by the beginning of their names. */
const LIMITS: Readonly<Record<string, TopicLimits>> = {
  few: { history: 3, maxBytes: 1_000_000, ttl: 60_000 },
  small: { history: 1_000, maxBytes: 1_000, ttl: 60_000 },
  brief: { history: 1_000, maxBytes: 1_000_000, ttl: 700 },
};
const COMMON: TopicLimits = { history: 2_000, maxBytes: 4 * 1024 * 1024, ttl: 60_000 };

function limitsOf(topic: string): TopicLimits {
  const [beginning = ""] = topic.split(" ");
  return (Object.hasOwn(LIMITS, beginning) ? LIMITS[beginning] : undefined) ?? COMMON;
}

/** Names that an engine could take for something else: each is a topic of its own. */
const NAMES = [
  " ",
  "two words",
  "a.b",
  "a.*",
  "a.>",
  ">",
  "*",
  ".",
  "..",
  "a..b",
  "a/b",
  "{a}",
  "[a]?",
  "%2e",
  "\0",
  "a\0b",
  "line\r\nbreak",
  "é",
  "e\u0301",
  "🌪️",
  "A",
  "a",
  "__proto__",
  "constructor",
  "$SYS.x",
  "_INBOX.x",
  "n".repeat(256),
  "é".repeat(128),
];

/** Messages of every kind, and what might be taken for an end, a field or a number. */
const PAYLOADS = [
  "t",
  "t\0",
  "tline\r\nbreak\n",
  "t🌪️ é",
  "t0",
  "tnull",
  `t"'\\`,
  'j{"a":[1,"é",null]}',
  "j[]",
  "b",
  "bAAECAw==",
  `t${"x".repeat(1024 * 1024)}`,
  `t${"é".repeat(512 * 1024)}`,
];

/**
 * Registers the tests of a broker.
 *
 * @param name What it is called in their names.
 * @param make Makes an engine for each test.
 */
export function testBroker(
  name: string,
  make: () => Promise<BrokerEngine>,
  traits: BrokerTraits = {},
): void {
  const { test = Deno.test } = traits;
  const register: Register = (rule, fn) =>
    test(`${name} broker ${rule}`, async () => {
      await using engine = await make();
      await using stage = new Stage(engine);
      await fn(stage);
    });
  logRules(register, traits);
  presenceRules(register);
  lifeRules(register);
  if (traits.processes !== "one") processRules(register);
  if (traits.sabotage === true) sabotageRules(register);
}

type Register = (rule: string, fn: (stage: Stage) => Promise<void>) => void;

/** The processes of one test. */
class Stage implements AsyncDisposable {
  readonly engine: BrokerEngine;
  readonly #peers: BrokerPeer[] = [];

  constructor(engine: BrokerEngine) {
    this.engine = engine;
  }

  /** A process whose broker is open. */
  async peer(bounds?: BrokerBounds): Promise<BrokerPeer> {
    const peer = new BrokerPeer(this.engine.broker(bounds), limitsOf);
    this.#peers.push(peer);
    await peer.open();
    return peer;
  }

  get sabotage(): { kill(): Promise<void>; restart(): Promise<void> } {
    assert(this.engine.sabotage !== undefined, "the engine of the test cannot be killed");
    return this.engine.sabotage;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#peers.map(({ broker }) => broker.close()));
  }
}

function logRules(test: Register, { boundsBytes = true }: BrokerTraits): void {
  test("appends in the order of the calls, and tells the positions", async (stage) => {
    const { log } = await stage.peer();
    const payloads = numbered(50);
    const appended = await Promise.all(payloads.map((payload) => log.append("news", payload)));
    assertEquals(appended.map(({ duplicate }) => duplicate), payloads.map(() => false));
    const all = await log.read("news", null);
    assertEquals(all.whole, true);
    assertEquals(payloadsOf(all.records), payloads);
    assertEquals(appended.map(({ position }) => position), positionsOf(all));
    assertChain(all.records, 0);
    assertEquals(await log.top("news"), { epoch: all.epoch, offset: all.top });
    assertEquals(all.top, all.records.at(-1)?.offset);
  });

  test("hands over the records of what is followed, in order and once", async (stage) => {
    const peer = await stage.peer();
    await peer.log.append("news", "tbefore");
    await peer.log.follow("news");
    const payloads = numbered(20);
    await Promise.all(payloads.map((payload) => peer.log.append("news", payload)));
    await peer.log.append("other", "tother");
    await peer.until(() => peer.records("news").length >= 20);
    const { epoch, records } = await peer.log.read("news", null);
    assertEquals(peer.records("news"), records.slice(1));
    assertEquals(peer.epochs("news"), [epoch]);
    assertEquals(peer.records("other"), []);
  });

  test("hands nothing over any more after unfollow, until it is followed again", async (stage) => {
    const peer = await stage.peer();
    peer.log.unfollow("news");
    await peer.log.follow("news");
    await peer.log.append("news", "t1");
    await peer.until(() => peer.records("news").length === 1);
    peer.log.unfollow("news");
    peer.log.unfollow("news");
    await peer.log.append("news", "t2");
    assertEquals(payloadsOf(peer.records("news")), ["t1"]);
    await peer.log.follow("news");
    await peer.log.append("news", "t3");
    await peer.until(() => payloadsOf(peer.records("news")).includes("t3"));
    // What was on its way may come when it is followed again.
    const payloads = payloadsOf(peer.records("news")).filter((payload) => payload !== "t2");
    assertEquals(payloads, ["t1", "t3"]);
  });

  test("gives an empty topic a position, which recovers", async (stage) => {
    const { log } = await stage.peer();
    const top = await log.top("news");
    assertEquals(await log.top("news"), top);
    assertRead(await log.read("news", top), { ...top, payloads: [] });
    assertRead(await log.read("news", null), { ...top, payloads: [] });
    const { position } = await log.append("news", "t1");
    assertEquals(position.epoch, top.epoch);
    assertRead(await log.read("news", top), { ...position, payloads: ["t1"] });
  });

  test("gives all that came after a position", async (stage) => {
    const { log } = await stage.peer();
    const appended = await appendAll(log, "news", numbered(10));
    const last = appended[9]?.position;
    for (const [index, { position }] of appended.entries()) {
      const read = await log.read("news", position);
      assertEquals(read.whole, true);
      assertEquals({ epoch: read.epoch, offset: read.top }, last);
      assertEquals(payloadsOf(read.records), numbered(10).slice(index + 1));
      assertChain(read.records, position.offset);
    }
  });

  test("refuses positions that it cannot continue", async (stage) => {
    const { log } = await stage.peer();
    const { position } = await log.append("news", "t1");
    const empty = await log.top("empty");
    const wrong: [string, Position][] = [
      ["news", { ...position, offset: position.offset + 1 }],
      ["news", { ...position, offset: Number.MAX_SAFE_INTEGER }],
      ["news", { epoch: "another", offset: 0 }],
      ["news", { epoch: "another", offset: position.offset }],
      ["news", { epoch: "", offset: 0 }],
      ["empty", { ...empty, offset: 1 }],
      ["empty", { epoch: "another", offset: 0 }],
    ];
    for (const [topic, after] of wrong) {
      const { epoch, offset } = await log.top(topic);
      const expected = { epoch, top: offset, records: [], whole: false };
      assertEquals([after, await log.read(topic, after)], [after, expected]);
    }
  });

  test("keeps as many messages as the history has, and refuses what is older", async (stage) => {
    const { log } = await stage.peer();
    const appended = await appendAll(log, "few 1", numbered(6));
    const all = await log.read("few 1", null);
    assertEquals([all.whole, payloadsOf(all.records)], [true, ["t3", "t4", "t5"]]);
    assertEquals(all.top, appended[5]?.position.offset);
    assertRefused(await log.read("few 1", appended[0]?.position ?? null));
    assertRefused(await log.read("few 1", appended[1]?.position ?? null));
    // Nothing after this one is missing, but not every engine can tell.
    const border = await log.read("few 1", appended[2]?.position ?? null);
    assertEquals(payloadsOf(border.records), border.whole ? ["t3", "t4", "t5"] : []);
    const inside = await log.read("few 1", appended[3]?.position ?? null);
    assertEquals([inside.whole, payloadsOf(inside.records)], [true, ["t4", "t5"]]);
  });

  if (boundsBytes) {
    test("keeps no more bytes than it may, as UTF-8", async (stage) => {
      const { log } = await stage.peer();
      const payloads = [1, 2, 3, 4, 5, 6].map((number) => `t${number}${"é".repeat(140)}`);
      const appended = await appendAll(log, "small 1", payloads);
      const all = await log.read("small 1", null);
      assertEquals([all.whole, payloadsOf(all.records)], [true, payloads.slice(3)]);
      assertRefused(await log.read("small 1", appended[1]?.position ?? null));
      const inside = await log.read("small 1", appended[3]?.position ?? null);
      assertEquals([inside.whole, payloadsOf(inside.records)], [true, payloads.slice(4)]);
    });
  }

  test("keeps no message longer than its ttl, and refuses what it may have missed", async (stage) => {
    const { log } = await stage.peer();
    const first = await log.append("brief 1", "t1");
    const middle = await log.append("brief 1", "t2");
    assert(await poll(async () => (await log.read("brief 1", null)).records.length === 0));
    assertRefused(await log.read("brief 1", first.position));
    await log.append("brief 1", "t3");
    const all = await log.read("brief 1", null);
    assertEquals([all.whole, payloadsOf(all.records)], [true, ["t3"]]);
    assertRefused(await log.read("brief 1", first.position));
    const border = await log.read("brief 1", middle.position);
    assertEquals(payloadsOf(border.records), border.whole ? ["t3"] : []);
  });

  test("appends what a producer sends again once", async (stage) => {
    const peer = await stage.peer();
    await peer.log.follow("news");
    const first = await peer.log.append("news", "t1", { id: "p", number: 1 });
    const again = await peer.log.append("news", "t1", { id: "p", number: 1 });
    assertEquals(again, { position: first.position, duplicate: true });
    const third = await peer.log.append("news", "t3", { id: "p", number: 3 });
    assertEquals(third.duplicate, false);
    for (const number of [1, 2, 3]) {
      const { duplicate } = await peer.log.append("news", "t", { id: "p", number });
      // An engine may know the numbers it had, or the highest one.
      assert(duplicate || number === 2);
    }
    const both = [1, 2].map(() => peer.log.append("news", "t4", { id: "p", number: 4 }));
    const settled = await Promise.all(both);
    assertEquals(settled.map(({ duplicate }) => duplicate), [false, true]);
    assertEquals(settled[0]?.position, settled[1]?.position);
    const { records } = await peer.log.read("news", null);
    const kept = payloadsOf(records).filter((payload) => payload !== "t");
    assertEquals(kept, ["t1", "t3", "t4"]);
    await peer.until(() => peer.records("news").length >= records.length);
    assertEquals(peer.records("news"), records);
  });

  test("takes producers and topics apart when it looks for doubles", async (stage) => {
    const { log } = await stage.peer();
    const producers = ["p", "q", "", "p 1", "é", "a*b>c.d\0"].map((id) => ({ id, number: 1 }));
    for (const producer of producers) {
      for (const topic of ["news", "n", "newsp"]) {
        const { duplicate } = await log.append(topic, "t", producer);
        assertEquals([producer.id, topic, duplicate], [producer.id, topic, false]);
      }
    }
  });

  test("takes topics of any name apart", async (stage) => {
    const peer = await stage.peer();
    for (const name of NAMES) await peer.log.follow(name);
    for (const name of NAMES) await peer.log.append(name, `t${name}`);
    for (const name of NAMES) {
      const { records } = await peer.log.read(name, null);
      assertEquals([name, payloadsOf(records)], [name, [`t${name}`]]);
      await peer.until(() => peer.records(name).length > 0);
    }
    for (const name of NAMES) assertEquals(payloadsOf(peer.records(name)), [`t${name}`]);
  });

  test("keeps messages of any content as they are", async (stage) => {
    const peer = await stage.peer();
    await peer.log.follow("news");
    for (const payload of PAYLOADS) await peer.log.append("news", payload);
    const { records } = await peer.log.read("news", null);
    assertEquals(payloadsOf(records), PAYLOADS);
    await peer.until(() => peer.records("news").length === PAYLOADS.length);
    assertEquals(payloadsOf(peer.records("news")), PAYLOADS);
  });
}

function presenceRules(test: Register): void {
  test("tells who is in a topic, and each change with its position", async (stage) => {
    const peer = await stage.peer();
    const { node } = peer;
    await peer.presence.changes("room");
    const { records, position } = await peer.presence.list("room");
    assertEquals(records, []);
    const ann = { node, id: "ann", info: '{"name":"Ann"}' };
    const bob = { node, id: "bob", info: "null" };
    await peer.presence.join("room", ann);
    await peer.presence.join("room", bob);
    await peer.presence.leave("room", { node, id: "nobody" });
    await peer.presence.join("room", { ...ann, info: '"new"' });
    await peer.presence.leave("room", { node, id: "bob" });
    await peer.until(() => peer.changes("room").length >= 4);
    const changes = peer.changes("room");
    const told = changes.map(({ record: { id, info }, gone }) => ({ id, gone, info }));
    assertEquals(told.map(({ id, gone }) => [id, gone]), [
      ["ann", false],
      ["bob", false],
      ["ann", false],
      ["bob", true],
    ]);
    assertEquals([told[0]?.info, told[2]?.info], ['{"name":"Ann"}', '"new"']);
    assertChain(changes, position.offset);
    assertEquals(changes.map(({ epoch }) => epoch), changes.map(() => position.epoch));
    const list = await peer.presence.list("room");
    assertEquals(list.records, [{ ...ann, info: '"new"' }]);
    assertEquals(list.position, { ...position, offset: changes.at(-1)?.offset ?? 0 });
  });

  test("tells no change any more after endChanges", async (stage) => {
    const peer = await stage.peer();
    const join = (topic: string, id: string) =>
      peer.presence.join(topic, { node: peer.node, id, info: "null" });
    peer.presence.endChanges("room");
    await peer.presence.changes("room");
    await peer.presence.changes("hall");
    await join("room", "ann");
    await peer.until(() => peer.changes("room").length === 1);
    peer.presence.endChanges("room");
    await join("room", "bob");
    await join("hall", "bob");
    await peer.until(() => peer.changes("hall").length === 1);
    assertEquals(peer.changes("room").length, 1);
    assertEquals((await peer.presence.list("room")).records.length, 2);
  });

  test("takes presences of any name apart", async (stage) => {
    const peer = await stage.peer();
    const { node } = peer;
    for (const name of NAMES) {
      await peer.presence.changes(name);
      for (const id of [name, "a b"]) await peer.presence.join(name, { node, id, info: '"é\\n"' });
    }
    for (const name of NAMES) {
      await peer.until(() => peer.changes(name).length >= 2);
      const { records } = await peer.presence.list(name);
      assertEquals([name, idsOf(records)], [name, [name, "a b"].sort()]);
      for (const id of [name, "a b"]) await peer.presence.leave(name, { node, id });
    }
    for (const name of NAMES) assertEquals((await peer.presence.list(name)).records, []);
  });

  test("buries what a process has, and nothing else", async (stage) => {
    const peer = await stage.peer();
    await peer.presence.changes("room");
    await peer.presence.join("room", { node: peer.node, id: "ann", info: "null" });
    await peer.presence.join("hall", { node: peer.node, id: "ann", info: "null" });
    await peer.presence.bury("nobody");
    assertEquals(await peer.presence.beat(60_000), []);
    assertEquals(idsOf((await peer.presence.list("room")).records), ["ann"]);
    await peer.presence.bury(peer.node);
    for (const topic of ["room", "hall"]) {
      assertEquals((await peer.presence.list(topic)).records, []);
    }
    await peer.until(() => peer.changes("room").length === 2);
    assertEquals(peer.changes("room").map(({ gone }) => gone), [false, true]);
  });
}

function lifeRules(test: Register): void {
  test("tells how it is", async (stage) => {
    const begin = Date.now();
    const peer = new BrokerPeer(stage.engine.broker(), limitsOf);
    assertEquals(peer.broker.status.state, "idle");
    assertNotEquals(peer.broker.name, "");
    await peer.open();
    const { state, since, queued, ignored, lastError } = peer.broker.status;
    assertEquals([state, queued, ignored, lastError], ["connected", 0, 0, null]);
    assert(since >= begin && since <= Date.now());
    await peer.broker.close();
    assertEquals(peer.broker.status.state, "closed");
  });

  test("refuses with a BrokerError once it is closed", async (stage) => {
    const { broker, log, presence, node } = await stage.peer();
    await log.follow("news");
    await Promise.all([broker.close(), broker.close()]);
    await broker.close();
    const member = { node, id: "ann", info: "null" };
    const calls: (() => Promise<unknown>)[] = [
      () => log.append("news", "t"),
      () => log.append("news", "t", { id: "p", number: 1 }),
      () => log.read("news", null),
      () => log.top("news"),
      () => log.follow("news"),
      () => presence.join("room", member),
      () => presence.leave("room", member),
      () => presence.list("room"),
      () => presence.changes("room"),
      () => presence.beat(1_000),
      () => presence.bury(node),
    ];
    for (const call of calls) await assertRejects(call, BrokerError);
    broker.publish("news", "t");
    log.unfollow("news");
    presence.endChanges("room");
  });

  test("gives up what is under way when it is closed", async (stage) => {
    const { broker, log } = await stage.peer();
    const underWay = numbered(100).map((payload) => log.append("news", payload));
    const settled = Promise.allSettled(underWay);
    await broker.close();
    for (const each of await settled) {
      assert(each.status === "fulfilled" || each.reason instanceof BrokerError);
    }
  });
}

function processRules(test: Register): void {
  test("hands the same records in the same order to every process", async (stage) => {
    const peers = [await stage.peer(), await stage.peer(), await stage.peer()];
    for (const { log } of peers) await log.follow("news");
    const sent = peers.flatMap(({ log }, from) =>
      numbered(200).map((payload) => log.append("news", `${payload} of ${from}`))
    );
    await Promise.all(sent);
    const { records, epoch } = await stage.peer().then(({ log }) => log.read("news", null));
    assertEquals(records.length, 600);
    assertEquals(new Set(payloadsOf(records)).size, 600);
    assertChain(records, 0);
    for (const [from, peer] of peers.entries()) {
      await peer.until(() => peer.records("news").length >= 600);
      assertEquals(peer.records("news"), records);
      assertEquals(peer.epochs("news"), [epoch]);
      const own = payloadsOf(records).filter((payload) => payload.endsWith(` of ${from}`));
      assertEquals(own, numbered(200).map((payload) => `${payload} of ${from}`));
    }
  });

  test("agrees on the position of an empty topic", async (stage) => {
    const [one, two] = [await stage.peer(), await stage.peer()];
    const [first, second] = await Promise.all([one.log.top("news"), two.log.top("news")]);
    assertEquals(first, second);
    await two.log.append("news", "t1");
    const read = await one.log.read("news", first);
    assertEquals([read.whole, payloadsOf(read.records)], [true, ["t1"]]);
  });

  test("recovers at one process what was published at another", async (stage) => {
    const [one, two] = [await stage.peer(), await stage.peer()];
    const { position } = await one.log.append("news", "t1");
    await appendAll(two.log, "news", ["t2", "t3"]);
    const late = await stage.peer();
    for (const { log } of [one, two, late]) {
      const { whole, records } = await log.read("news", position);
      assertEquals([whole, payloadsOf(records)], [true, ["t2", "t3"]]);
    }
  });

  test("knows at one process what a producer sent to another", async (stage) => {
    const [one, two] = [await stage.peer(), await stage.peer()];
    const first = await one.log.append("news", "t1", { id: "p", number: 7 });
    const again = await two.log.append("news", "t1", { id: "p", number: 7 });
    assertEquals(again, { position: first.position, duplicate: true });
    const both = [one, two].map(({ log }) => log.append("news", "t2", { id: "p", number: 8 }));
    const settled = await Promise.all(both);
    assertEquals(settled.filter(({ duplicate }) => duplicate).length, 1);
    assertEquals(payloadsOf((await one.log.read("news", null)).records), ["t1", "t2"]);
  });

  test("carries plain messages to the others, in order, and never back", async (stage) => {
    const [one, two, three] = [await stage.peer(), await stage.peer(), await stage.peer()];
    const sent = [...NAMES.map((name): [string, string] => [name, `t${name}`])];
    for (const payload of PAYLOADS) sent.push(["news", payload]);
    for (const [topic, payload] of sent) one.broker.publish(topic, payload);
    await two.until(() => two.plain.length >= sent.length);
    await three.until(() => three.plain.length >= sent.length);
    two.broker.publish("answer", "tnow");
    await one.until(() => one.plain.length > 0);
    assertEquals(one.plain, [["answer", "tnow"]]);
    assertEquals(two.plain, sent);
    assertEquals(three.plain.slice(0, sent.length), sent);
  });

  test("tells every process who is in a topic", async (stage) => {
    const [one, two] = [await stage.peer(), await stage.peer()];
    await two.presence.changes("room");
    await one.presence.join("room", { node: one.node, id: "ann", info: '"1"' });
    await two.presence.join("room", { node: two.node, id: "ann", info: '"2"' });
    await two.until(() => two.changes("room").length >= 2);
    const both = [one, two].map(({ node }, index) => ({ node, id: "ann", info: `"${index + 1}"` }));
    for (const { presence } of [one, two, await stage.peer()]) {
      const { records } = await presence.list("room");
      assertEquals(records.toSorted((a, b) => a.info < b.info ? -1 : 1), both);
    }
    await one.presence.leave("room", { node: one.node, id: "ann" });
    await two.until(() => two.changes("room").length >= 3);
    const changes = two.changes("room");
    assertChain(changes, changes[0]?.previous ?? 0);
    assertEquals(changes.at(-1)?.gone, true);
    assertEquals(changes.at(-1)?.record.node, one.node);
    const { records, position } = await one.presence.list("room");
    assertEquals(records, both.slice(1));
    assertEquals(position, {
      epoch: changes.at(-1)?.epoch ?? "",
      offset: changes.at(-1)?.offset ?? 0,
    });
  });

  test("finds the process that does not beat any more, and buries it", async (stage) => {
    const [one, two] = [await stage.peer(), await stage.peer()];
    await one.presence.changes("room");
    for (const { presence, node } of [one, two]) {
      await presence.beat(60_000);
      await presence.join("room", { node, id: "ann", info: "null" });
    }
    await two.presence.join("hall", { node: two.node, id: "ann", info: "null" });
    for (const { presence } of [one, two]) assertEquals(await presence.beat(60_000), []);
    // The second is silent now, as after a kill.
    let dead: readonly string[] = [];
    const found = async () => (dead = await one.presence.beat(400)).length > 0;
    assert(await poll(found));
    assertEquals(dead, [two.node]);
    await one.presence.bury(two.node);
    assertEquals((await one.presence.list("room")).records.map(({ node }) => node), [one.node]);
    assertEquals((await one.presence.list("hall")).records, []);
    await one.until(() => one.changes("room").length >= 3);
    const last = one.changes("room").at(-1);
    assertEquals([last?.record.node, last?.gone], [two.node, true]);
    assertEquals(await one.presence.beat(400), []);
  });
}

function sabotageRules(test: Register): void {
  test("keeps what is published while the engine is away, and sends it once", async (stage) => {
    const peer = await stage.peer();
    const other = await stage.peer();
    for (const { log } of [peer, other]) await log.follow("news");
    const before = await appendAll(peer.log, "news", ["tbefore"]);
    await stage.sabotage.kill();
    await peer.until(() => peer.broker.status.state === "lost");
    const payloads = numbered(20);
    const waiting = payloads.map((payload) => peer.log.append("news", payload));
    await peer.until(() => peer.broker.status.queued === 20);
    assertNotEquals(peer.broker.status.lastError, null);
    await stage.sabotage.restart();
    const appended = await Promise.all(waiting);
    assertEquals(appended.map(({ duplicate }) => duplicate), payloads.map(() => false));
    await peer.until(() => peer.broker.status.state === "connected");
    assertEquals(peer.broker.status.queued, 0);
    const all = await peer.log.read("news", null);
    const kept = all.epoch === before[0]?.position.epoch ? ["tbefore"] : [];
    assertEquals(payloadsOf(all.records), [...kept, ...payloads]);
    assertEquals(appended.map(({ position }) => position), positionsOf(all).slice(kept.length));
    for (const { interrupted, broker } of [peer, other]) {
      assert(await poll(() => interrupted() > 0 && broker.status.state === "connected"));
    }
  });

  test("follows again by itself", async (stage) => {
    const [one, two] = [await stage.peer(), await stage.peer()];
    for (const { log, presence } of [one, two]) {
      await log.follow("news");
      await presence.changes("room");
    }
    await stage.sabotage.kill();
    await stage.sabotage.restart();
    for (const peer of [one, two]) await peer.until(() => peer.interrupted() > 0);
    await one.log.append("news", "tafter");
    await one.presence.join("room", { node: one.node, id: "ann", info: "null" });
    for (const peer of [one, two]) {
      await peer.until(() => payloadsOf(peer.records("news")).includes("tafter"));
      await peer.until(() => peer.changes("room").some(({ record }) => record.id === "ann"));
      assertEquals(payloadsOf(peer.records("news")).filter((each) => each === "tafter").length, 1);
    }
  });

  test("appends once what was under way when the engine was killed", async (stage) => {
    const peer = await stage.peer();
    const payloads = numbered(300);
    const producer = (number: number) => ({ id: peer.node, number });
    const underWay = payloads.map((payload, index) =>
      peer.log.append("news", payload, producer(index + 1))
    );
    const settled = Promise.all(underWay);
    await underWay[20];
    await stage.sabotage.kill();
    await stage.sabotage.restart();
    await settled;
    const { records } = await peer.log.read("news", null);
    // An engine may have lost the last ones that it had acknowledged; nothing is there twice.
    const kept = payloadsOf(records);
    assertEquals(kept, payloads.slice(payloads.length - kept.length));
    assertGreater(kept.length, 0);
  });

  test("refuses what is too much to wait", async (stage) => {
    const peer = await stage.peer({ maxQueued: 10 });
    await peer.log.append("news", "tfirst");
    await stage.sabotage.kill();
    await peer.until(() => peer.broker.status.state === "lost");
    const payloads = numbered(30);
    const settled = Promise.allSettled(payloads.map((each) => peer.log.append("news", each)));
    await peer.until(() => peer.broker.status.queued === 10);
    await stage.sabotage.restart();
    for (const [index, each] of (await settled).entries()) {
      assertEquals([index, each.status], [index, index < 10 ? "fulfilled" : "rejected"]);
      assert(each.status === "fulfilled" || each.reason instanceof BrokerError);
    }
    const { records } = await peer.log.read("news", null);
    const late = payloadsOf(records).filter((payload) => payload !== "tfirst");
    assertEquals(late, payloads.slice(0, 10));
  });

  test("gives up in time what waits for an engine that stays away", async (stage) => {
    const peer = await stage.peer({ publishTimeout: 300 });
    await stage.sabotage.kill();
    await assertRejects(() => peer.log.append("news", "t1"), BrokerError);
    assertEquals(peer.broker.status.queued, 0);
    await stage.sabotage.restart();
    await peer.until(() => peer.broker.status.state === "connected");
    await peer.log.append("news", "t2");
    assert(payloadsOf((await peer.log.read("news", null)).records).includes("t2"));
  });

  test("never throws for a plain message, and carries them again", async (stage) => {
    const [one, two] = [await stage.peer(), await stage.peer()];
    await stage.sabotage.kill();
    for (const payload of numbered(100)) one.broker.publish("news", payload);
    await one.until(() => one.broker.status.state === "lost");
    for (const payload of numbered(100)) one.broker.publish("news", payload);
    await stage.sabotage.restart();
    for (const { broker } of [one, two]) {
      assert(await poll(() => broker.status.state === "connected"));
    }
    const again = () => {
      one.broker.publish("news", "tagain");
      return two.plain.some(([, payload]) => payload === "tagain");
    };
    assert(await poll(again));
  });

  test("can be closed while the engine is away", async (stage) => {
    const peer = await stage.peer();
    await stage.sabotage.kill();
    const waiting = assertRejects(() => peer.log.append("news", "t"), BrokerError);
    await peer.until(() => peer.broker.status.state === "lost");
    await peer.broker.close();
    await waiting;
    assertEquals(peer.broker.status.state, "closed");
    await stage.sabotage.restart();
  });
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `t${index}`);
}

async function appendAll(
  log: Broker["log"],
  topic: string,
  payloads: readonly string[],
): Promise<Appended[]> {
  const appended: Appended[] = [];
  for (const payload of payloads) appended.push(await log.append(topic, payload));
  return appended;
}

function payloadsOf(records: readonly LogRecord[]): string[] {
  return records.map(({ payload }) => payload);
}

function positionsOf({ epoch, records }: LogRead): Position[] {
  return records.map(({ offset }) => ({ epoch, offset }));
}

function idsOf(records: readonly { readonly id: string }[]): string[] {
  return records.map(({ id }) => id).sort();
}

/** That each tells the one before it, and the offsets grow. */
function assertChain(
  records: readonly { readonly offset: number; readonly previous: number }[],
  after: number,
): void {
  let last = after;
  for (const { offset, previous } of records) {
    assertEquals(previous, last);
    assertGreater(offset, previous);
    last = offset;
  }
}

function assertRead(
  read: LogRead,
  { epoch, offset, payloads }: Position & { readonly payloads: readonly string[] },
): void {
  assertEquals({ ...read, records: payloadsOf(read.records) }, {
    epoch,
    top: offset,
    records: payloads,
    whole: true,
  });
}

function assertRefused({ whole, records }: LogRead): void {
  assertEquals([whole, records], [false, []]);
}
