import { assert, assertEquals, assertRejects } from "@std/assert";
import { BrokerError } from "../../../src/topics/broker/broker_error.ts";
import { TopicHub } from "../../../src/topics/topic_hub.ts";
import type { TopicOptions } from "../../../src/topics/settings.ts";
import { type FakeClock, fakeClock, settle } from "../../support/fake_clock.ts";
import { type ScriptedBroker, ScriptedEngine } from "../../support/scripted_broker.ts";
import { TopicReader } from "../../support/topic_reader.ts";

/** A hub on an engine that a test has in its hands. */
class Stage implements AsyncDisposable {
  readonly clock: FakeClock = fakeClock();
  readonly engine = new ScriptedEngine();
  readonly broker: ScriptedBroker = this.engine.broker();
  readonly hub: TopicHub;

  constructor(options: TopicOptions = { history: 100 }) {
    this.hub = new TopicHub({ topics: { "a*": options }, broker: this.broker });
  }

  /** Publishes from elsewhere. */
  publish(...texts: string[]): void {
    for (const text of texts) this.engine.append("a", `t${text}`);
  }

  async follow(options = {}): Promise<TopicReader> {
    const reader = new TopicReader();
    await this.hub.follow("a", reader, options);
    return reader;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub.close();
    await this.clock.tick(20_000);
    const timers = this.clock.pending();
    this.clock[Symbol.dispose]();
    assertEquals(timers, 0, "timers are left");
  }
}

function at(offset: number, epoch = "e1"): { after: { epoch: string; offset: number } } {
  return { after: { epoch, offset } };
}

Deno.test("subscriber begins at the position of the topic, also of an empty one", async () => {
  await using stage = new Stage();
  const early = await stage.follow();
  stage.publish("one");
  const late = await stage.follow();
  stage.publish("two");
  assertEquals(early.told, ["begin e1.0", "one", "two"]);
  assertEquals(late.told, ["begin e1.1", "two"]);
});

Deno.test("subscriber that comes back gets what it missed, and then what is live", async () => {
  await using stage = new Stage();
  stage.publish("one", "two", "three");
  const reader = await stage.follow(at(1));
  stage.publish("four");
  assertEquals(reader.told, ["begin e1.1 recovered", "two", "three", "four"]);
});

Deno.test("recovery is refused from another epoch, from the future, and from before what is kept", async () => {
  await using stage = new Stage();
  stage.publish("one", "two", "three");
  stage.engine.log("a").records.splice(0, 2);
  for (const options of [at(1, "other"), at(9), at(0), at(1)]) {
    assertEquals((await stage.follow(options)).told, ["begin e1.3 refused"]);
  }
  assertEquals((await stage.follow(at(2))).told, ["begin e1.2 recovered", "three"]);
});

Deno.test("log that calls itself whole, and is not, is not believed", async () => {
  await using stage = new Stage();
  stage.publish("one", "two", "three", "four");
  stage.engine.log("a").records.splice(2, 1);
  const reader = await stage.follow(at(1));
  assertEquals(reader.told, ["begin e1.4 refused"]);
  stage.publish("five");
  assertEquals(reader.told, ["begin e1.4 refused", "five"]);
});

Deno.test("last begins with as many as there are, and at the position before them", async () => {
  await using stage = new Stage();
  assertEquals((await stage.follow({ last: 2 })).told, ["begin e1.0"]);
  stage.publish("one", "two", "three");
  assertEquals((await stage.follow({ last: 2 })).told, ["begin e1.1", "two", "three"]);
  assertEquals((await stage.follow({ last: 9 })).told, ["begin e1.0", "one", "two", "three"]);
});

Deno.test("last reads the log where the feed came later", async () => {
  await using stage = new Stage();
  stage.publish("one", "two", "three");
  const reader = await stage.follow({ last: 2 });
  stage.publish("four");
  assertEquals(reader.told, ["begin e1.1", "two", "three", "four"]);
});

Deno.test("records that come twice are delivered once", async () => {
  await using stage = new Stage();
  const reader = await stage.follow();
  stage.broker.twice = true;
  stage.publish("one", "two");
  assertEquals(reader.told, ["begin e1.0", "one", "two"]);
});

Deno.test("records that were lost on the way are read from the log before the next is delivered", async () => {
  await using stage = new Stage();
  const reader = await stage.follow();
  stage.publish("one");
  stage.broker.drops = 2;
  stage.publish("two", "three", "four");
  assertEquals(reader.told, ["begin e1.0", "one"]);
  await settle();
  assertEquals(reader.told, ["begin e1.0", "one", "two", "three", "four"]);
});

Deno.test("offsets that do not grow by one are no gap", async () => {
  await using stage = new Stage();
  const reader = await stage.follow();
  for (const text of ["one", "two"]) stage.engine.append("a", `t${text}`, 7);
  assertEquals(reader.told, ["begin e1.0", "one", "two"]);
  assertEquals(stage.broker.reads, 0);
});

Deno.test("gap that the log cannot fill is told, and what is live goes on", async () => {
  await using stage = new Stage();
  const reader = await stage.follow();
  stage.broker.drops = 2;
  stage.publish("one", "two");
  stage.engine.log("a").records.splice(0, 2);
  stage.publish("three");
  await settle();
  stage.publish("four");
  assertEquals(reader.told, ["begin e1.0", "lost e1.3", "four"]);
});

Deno.test("log that begins anew is told as a loss, with its own position", async () => {
  await using stage = new Stage();
  const reader = await stage.follow();
  stage.publish("one");
  stage.engine.forget("a");
  stage.publish("two");
  await settle();
  stage.publish("three");
  assertEquals(reader.told, ["begin e1.0", "one", "lost e2.1", "three"]);
});

Deno.test("record of a log that is over is dropped, and asked about once", async () => {
  await using stage = new Stage();
  const reader = await stage.follow();
  stage.broker.late = true;
  stage.publish("one");
  stage.engine.forget("a");
  stage.broker.interrupt();
  await settle();
  stage.broker.late = false;
  stage.publish("two");
  stage.broker.hand("a", "e1", { offset: 5, previous: 4, payload: "told" });
  await settle();
  stage.publish("three");
  assertEquals(reader.told, ["begin e1.0", "lost e2.0", "two", "three"]);
  assertEquals(stage.broker.reads, 2);
});

Deno.test("interruption has every topic read from where it is", async () => {
  await using stage = new Stage();
  const reader = await stage.follow();
  const other = new TopicReader();
  await stage.hub.follow("ab", other);
  stage.broker.drops = 2;
  stage.publish("one");
  stage.engine.append("ab", "telse");
  stage.broker.interrupt();
  await settle();
  assertEquals([reader.told, other.told], [["begin e1.0", "one"], ["begin e2.0", "else"]]);
});

Deno.test("interruption during a read has the log read once more", async () => {
  await using stage = new Stage();
  const reader = await stage.follow();
  stage.broker.slow = true;
  stage.broker.interrupt();
  await settle();
  stage.broker.drops = 1;
  stage.publish("one");
  stage.broker.interrupt();
  stage.broker.slow = false;
  stage.broker.answer();
  await stage.clock.tick(100);
  assertEquals(reader.told, ["begin e1.0", "one"]);
});

Deno.test("interruption during the start has the log read after it", async () => {
  await using stage = new Stage();
  stage.broker.slow = true;
  const following = stage.follow();
  await settle();
  stage.broker.drops = 1;
  stage.publish("one");
  stage.broker.interrupt();
  stage.broker.slow = false;
  stage.broker.answer();
  const reader = await following;
  await settle();
  assertEquals(reader.told, ["begin e1.0", "one"]);
});

Deno.test("gap is read again with growing pauses while the engine is away", async () => {
  await using stage = new Stage();
  const reader = await stage.follow();
  stage.broker.drops = 1;
  stage.publish("one");
  let tries = 0;
  const { read } = stage.broker.log;
  stage.broker.log.read = (topic, after) => {
    tries++;
    return read(topic, after);
  };
  stage.broker.away = true;
  stage.broker.interrupt();
  await stage.clock.tick(60_000);
  assert(tries > 5 && tries < 40, `${tries} reads in a minute`);
  stage.broker.away = false;
  await stage.clock.tick(5_000);
  assertEquals(reader.told, ["begin e1.0", "one"]);
});

Deno.test("broker that is back has the log read at once", async () => {
  await using stage = new Stage();
  const reader = await stage.follow();
  stage.broker.away = true;
  stage.broker.drops = 1;
  stage.publish("one");
  stage.broker.interrupt();
  await stage.clock.tick(60_000);
  stage.broker.away = false;
  stage.broker.interrupt();
  await settle();
  assertEquals(reader.told, ["begin e1.0", "one"]);
});

Deno.test("broker that hands over what its log does not have is believed in the end", async () => {
  await using stage = new Stage();
  const reader = await stage.follow();
  stage.broker.hand("a", "e1", { offset: 9, previous: 8, payload: "tnine" });
  await stage.clock.tick(60_000);
  assertEquals(reader.told, ["begin e1.0", "lost e1.8", "nine"]);
  assert(stage.broker.reads < 10, `${stage.broker.reads} reads`);
});

Deno.test("flood during a read of the log is bounded, and nothing is missing after it", async () => {
  await using stage = new Stage({ history: 10_000 });
  const reader = await stage.follow();
  stage.broker.slow = true;
  stage.broker.drops = 1;
  const texts = Array.from({ length: 3_000 }, (_, number) => String(number));
  for (const [index, text] of texts.entries()) {
    stage.publish(text);
    if (index === 5) await settle();
  }
  stage.broker.slow = false;
  stage.broker.answer();
  await stage.clock.tick(1_000);
  assertEquals(reader.told.slice(1), texts);
});

Deno.test("flood of large messages during a read is bounded: what is let go is read, too", async () => {
  await using stage = new Stage({ history: 10_000, maxBytes: 1e9 });
  const reader = await stage.follow();
  stage.broker.slow = true;
  stage.broker.drops = 1;
  const large = "x".repeat(1_000_000);
  const texts = Array.from({ length: 30 }, (_, number) => number + large);
  for (const [index, text] of texts.entries()) {
    stage.publish(text);
    if (index === 1) await settle();
  }
  stage.broker.slow = false;
  stage.broker.answer();
  await stage.clock.tick(1_000);
  assert(reader.told.slice(1).every((text, index) => text === texts[index]));
  assertEquals([reader.told.length, stage.broker.reads], [31, 2]);
});

Deno.test("what comes while a subscriber is led up is neither left out nor delivered twice", async () => {
  await using stage = new Stage();
  stage.publish("one", "two");
  await stage.follow();
  for (const late of [false, true]) {
    const { top } = stage.engine.log("a");
    const reader = new TopicReader();
    stage.broker.slow = true;
    stage.broker.late = late;
    // The feed began after the second: what is before has to be read.
    const following = stage.hub.follow("a", reader, at(1));
    await settle();
    stage.publish("live", "live too");
    stage.broker.answer();
    await following;
    stage.broker.late = false;
    stage.broker.deliver();
    stage.publish("after");
    assertEquals(reader.told.length, 1 + top - 1 + 3);
    assertEquals(reader.told.slice(0, 2), ["begin e1.1 recovered", "two"]);
    assertEquals(reader.told.slice(-3), ["live", "live too", "after"]);
    // Forgotten here, so that the second round reads again.
    stage.hub.unfollow("a", reader);
    await stage.clock.tick(3_600_000);
  }
});

Deno.test("read that is ahead of what is live is delivered to everybody, once", async () => {
  await using stage = new Stage();
  stage.publish("one");
  const first = await stage.follow();
  stage.broker.late = true;
  stage.publish("two");
  const second = await stage.follow(at(0));
  stage.broker.deliver();
  assertEquals(first.told, ["begin e1.1", "two"]);
  assertEquals(second.told, ["begin e1.0 recovered", "one", "two"]);
});

Deno.test("entry that comes in the turn in which a subscriber begins is not left out", async () => {
  await using stage = new Stage();
  stage.publish("one");
  stage.broker.slow = true;
  const following = stage.follow({ last: 2 });
  await settle();
  stage.broker.interrupt();
  stage.broker.answer(1);
  await settle();
  stage.publish("two");
  // The reads for what is live and for the subscriber are answered together.
  stage.broker.answer(2);
  const reader = await following;
  await settle();
  assertEquals(reader.told, ["begin e1.0", "one", "two"]);
});

Deno.test("subscriber that leaves while it is led up gets nothing", async () => {
  await using stage = new Stage();
  stage.publish("one");
  await stage.follow();
  stage.broker.slow = true;
  const reader = new TopicReader();
  const following = stage.hub.follow("a", reader, at(0));
  await settle();
  stage.hub.unfollow("a", reader);
  stage.broker.answer();
  await following;
  stage.publish("two");
  assertEquals(reader.told, []);
});

Deno.test("subscriber that follows again begins anew, and gets nothing twice", async () => {
  await using stage = new Stage();
  const reader = await stage.follow();
  stage.publish("one");
  await stage.hub.follow("a", reader, at(0));
  stage.publish("two");
  assertEquals(reader.told, ["begin e1.0", "one", "begin e1.0 recovered", "one", "two"]);
});

Deno.test("thousand that come back at once cost the log one read", async () => {
  await using stage = new Stage();
  stage.publish("one", "two", "three");
  const readers = await Promise.all(Array.from({ length: 1_000 }, () => stage.follow(at(1))));
  assertEquals(stage.broker.reads, 1);
  for (const reader of readers) {
    assertEquals(reader.told, ["begin e1.1 recovered", "two", "three"]);
  }
  await stage.follow(at(2));
  await stage.follow(at(1));
  assertEquals(stage.broker.reads, 1);
});

Deno.test("many that come back at once with positions of their own cost the log few reads", async () => {
  await using stage = new Stage({ history: 200 });
  const texts = Array.from({ length: 200 }, (_, number) => String(number));
  stage.publish(...texts);
  // Every position once, in an order that is none.
  const positions = texts.map((_, index) => index * 77 % 200);
  stage.broker.slow = true;
  const following = positions.map((offset) => stage.follow(at(offset)));
  await settle();
  stage.broker.answer();
  await settle();
  stage.broker.slow = false;
  stage.broker.answer();
  const readers = await Promise.all(following);
  for (const [index, { told }] of readers.entries()) {
    assertEquals(told.slice(1), texts.slice(positions[index]));
  }
  assert(stage.broker.reads <= 3, `${stage.broker.reads} reads`);
});

Deno.test("read that a shorter one waits for and that is refused says nothing of the shorter one", async () => {
  await using stage = new Stage();
  stage.publish("one", "two", "three");
  stage.engine.log("a").records.shift();
  const [old, young] = await Promise.all([stage.follow(at(0)), stage.follow(at(1))]);
  assertEquals(old.told, ["begin e1.3 refused"]);
  assertEquals(young.told, ["begin e1.1 recovered", "two", "three"]);
});

Deno.test("feed that is behind the log catches up for one who was told more elsewhere", async () => {
  await using stage = new Stage();
  const first = await stage.follow();
  stage.broker.drops = 1;
  stage.publish("one");
  const following = stage.follow(at(1));
  await stage.clock.tick(1_000);
  const second = await following;
  stage.publish("two");
  assertEquals(first.told, ["begin e1.0", "one", "two"]);
  assertEquals(second.told, ["begin e1.1 recovered", "two"]);
});

Deno.test("follow rejects while the engine is away, and works when it is back", async () => {
  await using stage = new Stage();
  stage.broker.away = true;
  await assertRejects(() => stage.follow(), BrokerError, "away");
  stage.broker.away = false;
  const reader = await stage.follow();
  stage.publish("one");
  assertEquals(reader.told, ["begin e1.0", "one"]);
});

Deno.test("catch-up that the engine cannot answer rejects, and leaves nobody behind", async () => {
  await using stage = new Stage();
  stage.publish("one");
  await stage.follow();
  stage.broker.away = true;
  const reader = new TopicReader();
  await assertRejects(() => stage.hub.follow("a", reader, at(0)), BrokerError);
  stage.broker.away = false;
  stage.publish("two");
  assertEquals(reader.told, []);
  assertEquals(stage.hub.subscribers("a"), 1);
});

Deno.test("topic is followed for five seconds after its last subscriber, in case it comes back", async () => {
  await using stage = new Stage();
  const reader = await stage.follow();
  stage.hub.unfollow("a", reader);
  await stage.clock.tick(4_000);
  stage.publish("one");
  assertEquals((await stage.follow(at(0))).told, ["begin e1.0 recovered", "one"]);
  assertEquals(stage.broker.reads, 0);
});

Deno.test("topic that nobody came back to is followed no more", async () => {
  await using stage = new Stage();
  const reader = await stage.follow();
  stage.hub.unfollow("a", reader);
  await stage.clock.tick(5_000);
  assertEquals(stage.broker.followed, []);
  stage.publish("one");
  assertEquals((await stage.follow(at(0))).told, ["begin e1.0 recovered", "one"]);
  assertEquals(stage.broker.reads, 1);
});

Deno.test("entry that makes a subscriber publish reaches everybody before what it published", async () => {
  await using stage = new Stage();
  const answering = new TopicReader();
  const { deliver } = answering;
  answering.deliver = (entry) => {
    deliver.call(answering, entry);
    if (entry.chunk === "question") stage.publish("answer");
  };
  await stage.hub.follow("a", answering);
  const reader = await stage.follow();
  stage.publish("question");
  assertEquals(reader.told, ["begin e1.0", "question", "answer"]);
  assertEquals(answering.told, ["begin e1.0", "question", "answer"]);
});

Deno.test("what a subscriber publishes as it begins comes after its beginning", async () => {
  await using stage = new Stage();
  const reader = new TopicReader();
  const { begin } = reader;
  reader.begin = (topic, catchUp) => {
    stage.publish("I am here");
    begin.call(reader, topic, catchUp);
  };
  await stage.hub.follow("a", reader);
  assertEquals(reader.told, ["begin e1.0", "I am here"]);
});

Deno.test("read gives what follow would begin with", async () => {
  await using stage = new Stage();
  stage.publish("one", "two");
  const texts = async (options = {}) => {
    const { position, recovered, entries } = await stage.hub.read("a", options);
    return [position.offset, recovered, entries.map(({ chunk }) => chunk)];
  };
  for (let round = 0; round < 2; round++) {
    assertEquals(await texts(), [2, null, []]);
    assertEquals(await texts(at(1)), [1, true, ["two"]]);
    assertEquals(await texts({ last: 1 }), [1, null, ["two"]]);
    assertEquals(await texts(at(1, "other")), [2, false, []]);
    await stage.follow();
  }
});

Deno.test("read after the last position of a live topic does not ask the log", async () => {
  await using stage = new Stage();
  await stage.follow();
  stage.publish("one");
  const { reads } = stage.broker;
  assertEquals((await stage.hub.read("a", at(1))).entries, []);
  assertEquals((await stage.hub.read("a", at(0))).entries.length, 1);
  assertEquals(stage.broker.reads, reads);
});

Deno.test("last messages that the feed has are not read from the log", async () => {
  await using stage = new Stage();
  stage.publish("before");
  await stage.follow();
  stage.publish("one", "two");
  const { reads } = stage.broker;
  const reader = await stage.follow({ last: 2 });
  assertEquals([reader.told, stage.broker.reads], [["begin e1.1", "one", "two"], reads]);
});

Deno.test("topic that is not declared cannot be followed or read", async () => {
  await using stage = new Stage();
  await assertRejects(
    () => stage.hub.follow("plain", new TopicReader()),
    TypeError,
    'Cannot follow the topic "plain": it keeps no history; name it in the setting "topics"',
  );
  await assertRejects(() => stage.hub.read("plain"), TypeError, "Cannot read the topic");
});
