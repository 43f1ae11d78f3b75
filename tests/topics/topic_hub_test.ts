import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Chunk } from "../../src/http/body/chunk.ts";
import { BrokerError } from "../../src/topics/broker/broker_error.ts";
import { MemoryBroker } from "../../src/topics/memory/memory_broker.ts";
import type { TopicOptions } from "../../src/topics/settings.ts";
import { TopicHub } from "../../src/topics/topic_hub.ts";
import { type Subscriber, Topics } from "../../src/topics/topics.ts";
import { fakeClock, settle } from "../support/fake_clock.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { ScriptedEngine } from "../support/scripted_broker.ts";
import { TopicReader } from "../support/topic_reader.ts";

/** A subscriber that keeps what it gets. */
class Collector implements Subscriber {
  readonly received: Chunk[] = [];

  deliver(message: Chunk): undefined {
    this.received.push(message);
  }
}

const TOPICS: Record<string, TopicOptions> = { "chat/*": { history: 10 }, news: {} };

/** Two processes with one engine; they are closed at the end. */
class Stage implements AsyncDisposable {
  readonly engine = new ScriptedEngine();
  readonly broker = this.engine.broker();
  readonly hub = new TopicHub({ topics: TOPICS, broker: this.broker }, { linger: 1 });
  readonly other = new TopicHub({ topics: TOPICS, broker: this.engine.broker() }, { linger: 1 });

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub.close();
    await this.other.close();
  }
}

Deno.test("declaration of a topic is its own, or that of the longest beginning", async () => {
  await using hub = closing(
    new TopicHub({
      topics: {
        "*": { history: 1 },
        "chat/*": { history: 2, ttl: 1_000 },
        "chat/vip/*": { history: 3, presence: true },
        "chat/vip/*x": {},
        "chat/vip/a": { maxBytes: 9 },
      },
    }),
  );
  const history = (topic: string) => hub.declarationOf(topic)?.history;
  assertEquals(["x", "chat/", "chat/a", "chat/vip/b"].map(history), [1, 2, 2, 3]);
  assertEquals(hub.declarationOf("chat/vip/a"), {
    history: 100,
    maxBytes: 9,
    ttl: 3_600_000,
    presence: false,
  });
  assertEquals(new TopicHub({ topics: { a: {} } }).declarationOf("ab"), undefined);
});

Deno.test("publish to a declared topic gives the position of the message", async () => {
  await using stage = new Stage();
  const positions = [
    await stage.hub.publish("news", "one"),
    await stage.other.publish("news", { two: 2 }),
    await stage.hub.publish("news", Uint8Array.of(3)),
  ];
  assertEquals(positions.map((position) => position?.offset), [1, 2, 3]);
  const { entries } = await stage.hub.read("news", { last: 9 });
  assertEquals(entries.map(({ chunk }) => chunk), ["one", '{"two":2}', Uint8Array.of(3)]);
});

Deno.test("publications that are not awaited keep their order, also before the start", async () => {
  await using stage = new Stage();
  const reader = new TopicReader();
  const texts = Array.from({ length: 9 }, (_, number) => String(number));
  for (const text of texts.slice(0, 3)) stage.hub.publish("news", text);
  const following = stage.hub.follow("news", reader, { last: 9 });
  for (const text of texts.slice(3, 6)) stage.hub.publish("news", text);
  await following;
  for (const text of texts.slice(6)) stage.hub.publish("news", text);
  await settle();
  assertEquals(reader.told.slice(1), texts);
});

Deno.test("bytes may change as soon as they were published", async () => {
  await using stage = new Stage();
  const bytes = Uint8Array.of(1, 2);
  const published = stage.hub.publish("news", bytes);
  bytes.fill(9);
  await published;
  const { entries } = await stage.hub.read("news", { last: 1 });
  assertEquals(entries[0]?.chunk, Uint8Array.of(1, 2));
});

Deno.test("publication is refused that a topic could not keep", async () => {
  await using hub = closing(new TopicHub({ topics: { small: { maxBytes: 10 } } }));
  assertThrows(
    () => hub.publish("small", "ééééé"),
    RangeError,
    'Cannot publish 11 bytes to the topic "small": it keeps 10 (maxBytes)',
  );
  assertEquals((await hub.publish("small", "éééé"))?.offset, 1);
  assertThrows(() => hub.publish("small", 7), TypeError, "Cannot write a number");
});

Deno.test("topic that is declared, or that a broker carries, has a name of 1 to 256 bytes", async () => {
  await using stage = new Stage();
  const { hub } = stage;
  const collector = new Collector();
  for (const name of ["", "x".repeat(257), "é".repeat(129), `chat/${"x".repeat(252)}`]) {
    assertThrows(() => hub.publish(name, "a"), RangeError, "and may have 1 to 256");
    assertThrows(() => hub.subscribe(name, collector), RangeError, "as a topic: it has");
  }
  assertThrows(() => hub.publish("\ud800", "a"), TypeError, "is not well-formed Unicode");
  assertThrows(() => hub.publish("chat/\udc00", "a"), TypeError, "is not well-formed Unicode");
  // A caller without types.
  const wrong: unknown = 7;
  assertThrows(() => Reflect.apply(hub.publish, hub, [wrong, "a"]), TypeError, "Cannot use 7");
  await assertRejects(() => hub.follow("", new TopicReader()), RangeError);
  assertEquals((await hub.publish(`chat/${"x".repeat(251)}`, "a"))?.offset, 1);
  assertEquals((await hub.publish("chat/\0 \r\n*>🌪️", "a"))?.offset, 1);
});

for (const broker of [undefined, new MemoryBroker()]) {
  const settings = broker === undefined ? {} : { broker };
  const name = `plain topic takes any name, as ever, with ${broker?.name ?? "no"} broker`;
  Deno.test(name, async () => {
    await using hub = closing(new TopicHub({ topics: TOPICS, ...settings }));
    const collector = new Collector();
    for (const name of ["", "x".repeat(1_000), "\ud800"]) {
      hub.subscribe(name, collector);
      assertEquals(await hub.publish(name, name), undefined);
    }
    assertEquals(collector.received, ["", "x".repeat(1_000), "\ud800"]);
  });
}

Deno.test("broker that throws where it must not is logged, and ends nothing", async () => {
  using records = captureLogs();
  using clock = fakeClock();
  const stage = new Stage();
  const fail = () => {
    throw new Error("gust");
  };
  Object.assign(stage.broker, { publish: fail });
  Object.assign(stage.broker.log, { unfollow: fail });
  await stage.hub.open();
  const [collector, reader] = [new Collector(), new TopicReader()];
  stage.hub.subscribe("plain", collector);
  stage.hub.publish("plain", "one");
  assertEquals(collector.received, ["one"]);
  await stage.hub.follow("news", reader);
  stage.hub.unfollow("news", reader);
  await clock.tick(1_000);
  await stage[Symbol.asyncDispose]();
  await expectLog(records, "error", /Exception in callback publish\(\) of the broker\nError: gust/);
  await expectLog(
    records,
    "error",
    /Exception in callback unfollow\(\) of the broker\nError: gust/,
  );
});

Deno.test("plain message reaches its own process at once, and the others by the broker", async () => {
  await using stage = new Stage();
  await Promise.all([stage.hub.open(), stage.other.open()]);
  const [here, there] = [new Collector(), new Collector()];
  stage.hub.subscribe("plain", here);
  stage.other.subscribe("plain", there);
  for (const message of ["text", { a: 1 }, Uint8Array.of(1)]) stage.hub.publish("plain", message);
  assertEquals(here.received, ["text", '{"a":1}', Uint8Array.of(1)]);
  assertEquals(there.received, here.received);
});

Deno.test("plain message that another program sent malformed is dropped", async () => {
  await using stage = new Stage();
  await Promise.all([stage.hub.open(), stage.other.open()]);
  const collector = new Collector();
  stage.hub.subscribe("plain", collector);
  for (const payload of ["", "x", "b%", "j", "j{", 'j{"a":1}\n{"type":"error"}', "tgood"]) {
    stage.engine.brokers[1]?.publish("plain", payload);
  }
  assertEquals(collector.received, ["good"]);
});

Deno.test("plain message before the start reaches this process, and opens the broker", async () => {
  await using stage = new Stage();
  const collector = new Collector();
  stage.hub.subscribe("plain", collector);
  stage.hub.publish("plain", "early");
  assertEquals(collector.received, ["early"]);
  await settle();
  assertEquals(stage.broker.carried, [["plain", "tearly"]]);
});

Deno.test("plain message is serialised once, also for a broker", async () => {
  await using stage = new Stage();
  let serialised = 0;
  stage.hub.subscribe("plain", new Collector());
  stage.hub.publish("plain", { toJSON: () => ++serialised });
  assertEquals(serialised, 1);
});

Deno.test("plain subscriber of a declared topic gets what is published after it came", async () => {
  await using stage = new Stage();
  const [one, two] = [new Collector(), new Collector()];
  await stage.hub.publish("news", "before");
  stage.hub.subscribe("news", one);
  stage.hub.publish("news", "first");
  await settle();
  stage.hub.subscribe("news", two);
  await stage.other.publish("news", Uint8Array.of(2));
  await stage.other.publish("news", { third: 3 });
  await settle();
  assertEquals(one.received, ["first", Uint8Array.of(2), '{"third":3}']);
  assertEquals(two.received, one.received.slice(1));
});

Deno.test("plain subscriber of a declared topic does not get what it published itself", async () => {
  await using stage = new Stage();
  const [one, two] = [new Collector(), new Collector()];
  for (const collector of [one, two]) stage.hub.subscribe("news", collector);
  await stage.hub.publish("news", "mine", { except: one });
  await stage.hub.publish("news", "mine", { except: two });
  await stage.hub.publish("news", "mine");
  await settle();
  assertEquals([one.received, two.received], [["mine", "mine"], ["mine", "mine"]]);
});

Deno.test("plain subscriber is left out of its own also if the record comes after the answer", async () => {
  await using stage = new Stage();
  const one = new Collector();
  stage.hub.subscribe("news", one);
  await settle();
  stage.broker.late = true;
  await stage.other.publish("news", "same");
  await stage.hub.publish("news", "same", { except: one });
  await stage.hub.publish("news", "later", { except: one });
  await stage.other.publish("news", "of another");
  stage.broker.deliver();
  assertEquals(one.received, ["same", "of another"]);
});

Deno.test("publication that failed leaves nobody out of the next", async () => {
  await using stage = new Stage();
  const one = new Collector();
  stage.hub.subscribe("news", one);
  await settle();
  stage.broker.away = true;
  await assertRejects(() => stage.hub.publish("news", "same", { except: one }), BrokerError);
  stage.broker.away = false;
  await stage.other.publish("news", "same");
  assertEquals(one.received, ["same"]);
});

Deno.test("publication that the broker refuses may be left unhandled", async () => {
  await using stage = new Stage();
  stage.broker.away = true;
  stage.hub.publish("news", "lost");
  await settle();
});

Deno.test("plain subscriber gets messages once the broker is back", async () => {
  using clock = fakeClock();
  const stage = new Stage();
  stage.broker.away = true;
  const collector = new Collector();
  stage.hub.subscribe("news", collector);
  await clock.tick(30_000);
  stage.broker.away = false;
  await clock.tick(5_000);
  await stage.hub.publish("news", "back");
  await settle();
  assertEquals(collector.received, ["back"]);
  stage.hub.leave(collector);
  await clock.tick(1_000);
  assertEquals(stage.broker.followed, []);
  await stage[Symbol.asyncDispose]();
  assertEquals(clock.pending(), 0);
});

Deno.test("subscribers counts those of this process, plain and others", async () => {
  await using stage = new Stage();
  const collector = new Collector();
  const reader = new TopicReader();
  assertEquals(stage.hub.subscribers("news"), 0);
  stage.hub.subscribe("news", collector);
  stage.hub.subscribe("plain", collector);
  await stage.hub.follow("news", reader);
  assertEquals(["news", "plain"].map((topic) => stage.hub.subscribers(topic)), [2, 1]);
  stage.hub.unfollow("news", reader);
  assertEquals(stage.hub.subscribers("news"), 1);
  stage.hub.leave(collector);
  assertEquals(["news", "plain"].map((topic) => stage.hub.subscribers(topic)), [0, 0]);
  assertEquals(stage.hub.size, 0);
});

Deno.test("subscriber that throws is logged, and the others get the message", async () => {
  using records = captureLogs();
  await using stage = new Stage();
  const [bad, good] = [new TopicReader(), new TopicReader()];
  bad.deliver = bad.begin = () => {
    throw new Error("gust");
  };
  await stage.hub.follow("news", bad);
  await stage.hub.follow("news", good);
  await stage.hub.publish("news", "one");
  assertEquals(good.told, ["begin e1.0", "one"]);
  for (let count = 0; count < 2; count++) {
    await expectLog(records, "error", /Exception in a subscriber of the topic "news"\nError: gust/);
  }
});

Deno.test("hub takes plain topics over with those who have subscribed", () => {
  const topics = new Topics();
  const collector = new Collector();
  topics.subscribe("a", collector);
  const place = { topics };
  const hub = TopicHub.of(place);
  assertEquals(Object.is(place.topics, hub), true);
  assertEquals(TopicHub.of(place), hub);
  hub.publish("a", "one");
  assertEquals(collector.received, ["one"]);
});

Deno.test("broker is opened once, and closed once", async () => {
  const stage = new Stage();
  await Promise.all([stage.hub.open(), stage.hub.open(), stage.hub.publish("news", "a")]);
  await Promise.all([stage.hub.close(), stage.hub.close()]);
  assertEquals(stage.broker.life, ["open", "close"]);
  await stage.other.close();
});

Deno.test("hub that was never used closes nothing", async () => {
  const stage = new Stage();
  await stage.hub.close();
  assertEquals(stage.broker.life, []);
});

Deno.test("broker that cannot be opened rejects what waits, and is tried again", async () => {
  await using stage = new Stage();
  const { open } = stage.broker;
  stage.broker.open = () => {
    throw new BrokerError("no engine");
  };
  await assertRejects(() => stage.hub.open(), BrokerError, "no engine");
  await assertRejects(() => stage.hub.publish("news", "a"), BrokerError, "no engine");
  await assertRejects(() => stage.hub.follow("news", new TopicReader()), BrokerError, "no engine");
  stage.hub.publish("plain", "a");
  stage.broker.open = open;
  assertEquals((await stage.hub.publish("news", "a"))?.offset, 1);
});

Deno.test("closed hub rejects what needs the broker, until it is opened again", async () => {
  await using stage = new Stage();
  const reader = new TopicReader();
  await stage.hub.follow("news", reader);
  await stage.hub.close();
  await stage.other.publish("news", "unheard");
  assertEquals(reader.told, ["begin e1.0"]);
  for (
    const attempt of [
      () => stage.hub.publish("news", "a"),
      () => stage.hub.follow("news", reader),
      () => stage.hub.read("news"),
    ]
  ) await assertRejects(attempt, BrokerError, 'the broker "scripted" is closed');
  const collector = new Collector();
  stage.hub.subscribe("plain", collector);
  stage.hub.publish("plain", "local");
  assertEquals(collector.received, ["local"]);
  stage.hub.subscribe("news", collector);
  await settle();
  await stage.hub.open();
  assertEquals((await stage.hub.publish("news", "a"))?.offset, 2);
  assertEquals(collector.received, ["local", "a"]);
});

Deno.test("plain subscriber goes on when the hub is opened again", async () => {
  await using stage = new Stage();
  const collector = new Collector();
  stage.hub.subscribe("news", collector);
  await stage.hub.publish("news", "one");
  await stage.hub.close();
  await stage.hub.open();
  await stage.hub.publish("news", "two");
  assertEquals(collector.received, ["one", "two"]);
});

Deno.test("broker that could not be opened is closed all the same: it may go on trying", async () => {
  const stage = new Stage();
  stage.broker.open = () => Promise.reject(new BrokerError("no engine"));
  await assertRejects(() => stage.hub.open(), BrokerError);
  await stage.hub.close();
  assertEquals(stage.broker.life, ["close"]);
});

Deno.test("memory of a hub that is opened again is a new one", async () => {
  await using hub = closing(new TopicHub({ topics: TOPICS }));
  const first = await hub.publish("news", "a");
  await hub.close();
  await hub.open();
  const second = await hub.publish("news", "a");
  assert(hub.broker instanceof MemoryBroker);
  assertEquals([first?.offset, second?.offset, first?.epoch === second?.epoch], [1, 1, false]);
});

Deno.test("failure to close a broker is logged", async () => {
  using records = captureLogs();
  const stage = new Stage();
  await stage.hub.open();
  stage.broker.close = () => Promise.reject(new Error("gust"));
  await stage.hub.close();
  await expectLog(records, "error", /Cannot close the broker "scripted"\nError: gust/);
});

Deno.test("library declares topics of its own", async () => {
  await using hub = closing(new TopicHub({}));
  hub.declare("\0session/*", { history: 7 });
  assertEquals(hub.declarationOf("\0session/x")?.history, 7);
  assertEquals((await hub.publish("\0session/x", "a"))?.offset, 1);
});

function closing(hub: TopicHub): TopicHub & AsyncDisposable {
  return Object.assign(hub, { [Symbol.asyncDispose]: () => hub.close() });
}
