import { assert, assertEquals, assertGreater, assertMatch, assertNotEquals } from "@std/assert";
import { assertRejects } from "@std/assert";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, headers, type NatsConnection } from "@nats-io/transport-node";
import type { LogRecord, TopicLimits } from "../../../src/topics/broker/broker.ts";
import { BrokerError } from "../../../src/topics/broker/broker_error.ts";
import { BrokerPeer } from "../../support/broker_peer.ts";
import { NatsEngine } from "../../support/nats_engine.ts";
import { poll } from "../../support/poll.ts";
import { serviceTest } from "../../support/services.ts";

const COMMON: TopicLimits = { history: 5_000, maxBytes: 4_000_000, ttl: 60_000 };

/** A server, what is open of it until the test is over, and a client that is no broker. */
class Stage implements AsyncDisposable {
  readonly engine: NatsEngine;
  readonly #stack = new AsyncDisposableStack();

  private constructor(engine: NatsEngine) {
    this.engine = this.#stack.use(engine);
  }

  static async start(): Promise<Stage> {
    return new Stage(await NatsEngine.start());
  }

  async peer(limits: TopicLimits = COMMON): Promise<BrokerPeer> {
    const peer = new BrokerPeer(this.engine.broker(), () => limits);
    this.#stack.defer(() => peer.broker.close());
    await peer.open();
    return peer;
  }

  async stranger(): Promise<NatsConnection> {
    const connection = await connect({ servers: `127.0.0.1:${this.engine.port}` });
    this.#stack.defer(() => connection.close());
    return connection;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

function payloadsOf(records: readonly LogRecord[]): string[] {
  return records.map(({ payload }) => payload);
}

function assertChain(records: readonly LogRecord[]): void {
  for (const [index, { previous }] of records.entries()) {
    assertEquals(previous, records[index - 1]?.offset ?? previous);
  }
}

serviceTest("nats-server", "2,000 appends of two processes have one order at both", async () => {
  await using stage = await Stage.start();
  const peers = [await stage.peer(), await stage.peer()];
  for (const { log } of peers) await log.follow("news");
  const sent = peers.map(({ log }, from) =>
    Promise.all(
      Array.from({ length: 1_000 }, (_, index) => log.append("news", `t${from}.${index}`)),
    )
  );
  const positions = (await Promise.all(sent)).flat().map(({ position }) => position.offset);
  assertEquals(new Set(positions).size, 2_000);
  const { records } = await peers[0]!.log.read("news", null);
  assertEquals(new Set(payloadsOf(records)).size, 2_000);
  assertChain(records);
  for (const [from, peer] of peers.entries()) {
    await peer.until(() => peer.records("news").length >= 2_000);
    assertEquals(peer.records("news"), records);
    const own = payloadsOf(records).filter((payload) => payload.startsWith(`t${from}.`));
    assertEquals(own, Array.from({ length: 1_000 }, (_, index) => `t${from}.${index}`));
  }
});

serviceTest(
  "nats-server",
  "what other programs publish is ignored and counted, and breaks no chain",
  async () => {
    await using stage = await Stage.start();
    const peer = await stage.peer();
    await peer.log.follow("news");
    await peer.presence.changes("news");
    const first = await peer.log.append("news", "t1");
    await peer.presence.join("news", { node: peer.node, id: "ann", info: "1" });
    const stranger = await stage.stranger();
    const forged = headers();
    forged.set("Nats-Stream", "gustnado-log");
    forged.set("Nats-Sequence", "99999999999999999999");
    forged.set("Nats-Last-Sequence", "-1");
    const garbage: [string, string | Uint8Array][] = [
      ["gustnado.log.news", "not an envelope"],
      ["gustnado.log.news", new Uint8Array([0xff, 0xfe])],
      ["gustnado.log.news", ""],
      ["gustnado.live.news", "tforged"],
      ["gustnado.presence.news.x.y", "not JSON"],
      ["gustnado.present.news.x.y", "1"],
      ["gustnado.plain.x.news", "not an envelope"],
      ["gustnado.plain.x.=zz", "t"],
      ["gustnado.plain.x.news", "b not base64"],
    ];
    for (const [subject, payload] of garbage) stranger.publish(subject, payload);
    stranger.publish("gustnado.live.news", "tforged", { headers: forged });
    await stranger.flush();
    assert(await poll(() => peer.broker.status.ignored === garbage.length + 1));
    const top = await peer.log.top("news");
    assertEquals(top, first.position);
    const second = await peer.log.append("news", "t2");
    await peer.until(() => peer.records("news").length === 2);
    assertEquals(peer.records("news").at(-1)?.previous, first.position.offset);
    const after = await peer.log.read("news", first.position);
    assertEquals([after.whole, payloadsOf(after.records)], [true, ["t2"]]);
    assertEquals(after.records, peer.records("news").slice(1));
    const all = await peer.log.read("news", null);
    assertEquals(all.records, peer.records("news"));
    assertEquals(all.top, second.position.offset);
    stranger.publish("gustnado.log.news", "garbage at the end");
    await stranger.flush();
    assertEquals((await peer.log.read("news", second.position)).whole, true);
    assertEquals((await peer.presence.list("news")).records.map(({ id }) => id), ["ann"]);
    await peer.until(() => peer.changes("news").length === 1);
  },
);

serviceTest(
  "nats-server",
  "a topic that only other programs published to has a position",
  async () => {
    await using stage = await Stage.start();
    const peer = await stage.peer();
    await peer.log.top("other");
    const stranger = await stage.stranger();
    for (let count = 0; count < 3; count++) stranger.publish("gustnado.log.news", "garbage");
    await stranger.flush();
    const top = await peer.log.top("news");
    const { records, whole } = await peer.log.read("news", null);
    assertEquals([records, whole], [[], true]);
    await peer.log.append("news", "t1");
    assertEquals(payloadsOf((await peer.log.read("news", top)).records), ["t1"]);
  },
);

serviceTest("nats-server", "a quiet topic recovers while others are busy", async () => {
  await using stage = await Stage.start();
  const peer = await stage.peer({ history: 10, maxBytes: 1_000_000, ttl: 60_000 });
  const empty = await peer.log.top("empty");
  const { position } = await peer.log.append("quiet", "t1");
  await Promise.all(Array.from({ length: 500 }, (_, at) => peer.log.append("busy", `t${at}`)));
  for (const [topic, after] of [["empty", empty], ["quiet", position]] as const) {
    const read = await peer.log.read(topic, after);
    assertEquals(read, { epoch: after.epoch, top: after.offset, records: [], whole: true });
  }
});

serviceTest(
  "nats-server",
  "a message whose forerunner is older than the ttl is no loss",
  async () => {
    await using stage = await Stage.start();
    const peer = await stage.peer({ history: 10, maxBytes: 1_000_000, ttl: 500 });
    const { position } = await peer.log.append("news", "t1");
    const outdated = async () => (await peer.log.read("news", null)).records.length === 0;
    assert(await poll(outdated));
    await peer.log.append("news", "t2");
    const { whole, records } = await peer.log.read("news", position);
    assertEquals([whole, payloadsOf(records)], [true, ["t2"]]);
  },
);

serviceTest("nats-server", "a server that comes back empty begins another epoch", async () => {
  await using stage = await Stage.start();
  const [one, two] = [await stage.peer(), await stage.peer()];
  for (const { log, presence } of [one, two]) {
    await log.follow("news");
    await presence.changes("news");
  }
  const { position } = await one.log.append("news", "tbefore");
  await stage.engine.forget();
  await stage.engine.restart();
  for (const peer of [one, two]) await peer.until(() => peer.interrupted() > 0);
  const after = await one.log.append("news", "tafter");
  assertNotEquals(after.position.epoch, position.epoch);
  for (const peer of [one, two]) {
    assertEquals((await peer.log.read("news", position)).whole, false);
    await peer.until(() => payloadsOf(peer.records("news")).includes("tafter"));
    assertEquals(peer.epochs("news").at(-1), after.position.epoch);
  }
});

serviceTest(
  "nats-server",
  "a stream that is deleted is made again, and is another epoch",
  async () => {
    await using stage = await Stage.start();
    const [one, two] = [await stage.peer(), await stage.peer()];
    for (const { log } of [one, two]) await log.follow("news");
    const { position } = await one.log.append("news", "t1");
    await one.log.append("news", "t2");
    const manager = await jetstreamManager(await stage.stranger());
    await manager.streams.delete("gustnado-log");
    const after = await one.log.append("news", "t3");
    assertNotEquals(after.position.epoch, position.epoch);
    assertEquals((await one.log.read("news", position)).whole, false);
    await two.until(() => two.interrupted() > 0);
    assertEquals((await two.log.read("news", position)).whole, false);
    await two.log.append("news", "t4");
    await two.until(() => payloadsOf(two.records("news")).includes("t4"));
    assertEquals(two.epochs("news").at(-1), after.position.epoch);
  },
);

serviceTest(
  "nats-server",
  "a newer version lets the stream keep more, an older one not less",
  async () => {
    await using stage = await Stage.start();
    const old = await stage.peer({ history: 3, maxBytes: 1_000_000, ttl: 60_000 });
    await old.log.append("news", "t0");
    const manager = await jetstreamManager(await stage.stranger());
    const config = async () => (await manager.streams.info("gustnado-log")).config;
    assertEquals((await config()).max_msgs_per_subject, 4);
    const young = await stage.peer({ history: 50, maxBytes: 1_000_000, ttl: 3_600_000 });
    await young.log.top("news");
    assert(await poll(async () => (await config()).max_msgs_per_subject === 51));
    assertEquals((await config()).max_age, 7_200_000 * 1e6);
    await stage.peer({ history: 3, maxBytes: 1_000_000, ttl: 60_000 }).then(({ log }) =>
      log.top("x")
    );
    assertEquals((await config()).max_msgs_per_subject, 51);
    for (let count = 1; count < 10; count++) await old.log.append("news", `t${count}`);
    assertEquals((await old.log.read("news", null)).records.length, 3);
  },
);

serviceTest(
  "nats-server",
  "the server keeps little more of a topic than the topic does",
  async () => {
    await using stage = await Stage.start();
    const limits = (topic: string): TopicLimits =>
      topic === "few"
        ? { history: 10, maxBytes: 1_000_000, ttl: 60_000 }
        : { history: 1_000, maxBytes: 10_000, ttl: 60_000 };
    const peer = new BrokerPeer(stage.engine.broker(), limits);
    await peer.open();
    for (let count = 0; count < 100; count++) {
      await peer.log.append("few", "t");
      await peer.log.append("large", `t${"x".repeat(1_000)}`);
    }
    const manager = await jetstreamManager(await stage.stranger());
    const kept = async (topic: string) => {
      const subject = `gustnado.log.${topic}`;
      const { state } = await manager.streams.info("gustnado-log", { subjects_filter: subject });
      return state.subjects?.[subject] ?? 0;
    };
    assert(await poll(async () => await kept("few") <= 21 && await kept("large") <= 21));
    assertGreater(await kept("few"), 10);
    assertEquals((await peer.log.read("few", null)).records.length, 10);
    assertEquals((await peer.log.read("large", null)).records.length, 9);
    await peer.broker.close();
  },
);

serviceTest("nats-server", "a stream that another program has made otherwise is told", async () => {
  await using stage = await Stage.start();
  const manager = await jetstreamManager(await stage.stranger());
  await manager.streams.add({ name: "theirs", subjects: ["gustnado.log.*"] });
  const peer = await stage.peer();
  const { message } = await assertRejects(() => peer.log.append("news", "t"), BrokerError);
  assertMatch(message, /Cannot use the stream "gustnado-log" of NATS: subjects overlap/);
  await manager.streams.delete("theirs");
  assert(await poll(() => peer.log.append("news", "t").then(() => true, () => false)));
});

serviceTest(
  "nats-server",
  "nothing acknowledged is lost, doubled or out of order over three kills",
  async () => {
    await using stage = await Stage.start();
    const [one, two] = [await stage.peer(), await stage.peer()];
    const acknowledged: Promise<unknown>[] = [];
    let sent = 0;
    const publish = () => {
      for (const { log } of [one, two]) acknowledged.push(log.append("news", `t${sent++}`));
    };
    for (let kill = 0; kill < 3; kill++) {
      const timer = setInterval(publish, 2);
      const goal = sent + 100;
      assert(await poll(() => sent > goal));
      await stage.engine.kill();
      await stage.engine.restart();
      for (const { broker } of [one, two]) {
        assert(
          await poll(() => broker.status.state === "connected"),
        );
      }
      clearInterval(timer);
    }
    await Promise.all(acknowledged);
    const payloads = payloadsOf((await one.log.read("news", null)).records);
    assertEquals(payloads.length, sent);
    assertEquals(new Set(payloads).size, sent);
    for (const parity of [0, 1]) {
      const own = payloads.map((payload) => Number(payload.slice(1))).filter((n) =>
        n % 2 === parity
      );
      assertEquals(own, own.toSorted((a, b) => a - b));
    }
  },
);

serviceTest("nats-server", "what took a record away is itself taken away", async () => {
  await using stage = await Stage.start();
  const peer = await stage.peer();
  const manager = await jetstreamManager(await stage.stranger());
  await peer.presence.join("room", { node: peer.node, id: "ann", info: "1" });
  await peer.presence.leave("room", { node: peer.node, id: "ann" });
  await peer.presence.bury(peer.node);
  const count = async () => (await manager.streams.info("gustnado-presence")).state.messages;
  assertEquals(await count(), 1);
});
