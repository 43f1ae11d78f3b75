import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { Application, partsOf } from "../../src/web/application.ts";
import { BrokerError } from "../../src/topics/broker/broker_error.ts";
import type { TopicSettings } from "../../src/topics/settings.ts";
import { EventStreamHandler } from "../../src/web/event_stream_handler.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { websocketConnect } from "../../src/websocket/client/websocket_connect.ts";
import { EventReader } from "../support/event_reader.ts";
import { Journal } from "../support/journal.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { poll } from "../support/poll.ts";
import { ScriptedEngine } from "../support/scripted_broker.ts";
import { serve } from "../support/serve.ts";

class Page extends RequestHandler {
  override get() {
    this.write("page");
  }
}

class Stream extends EventStreamHandler {
  override open(topic: string) {
    this.subscribe(topic);
    this.send({ data: "open" });
  }
}

class Socket extends WebSocketHandler {
  override open(topic: string) {
    this.subscribe(topic);
    this.writeMessage("open");
  }

  override async onMessage(message: string) {
    const position = await this.publish(String(this.pathArgs[0]), message);
    this.writeMessage({ offset: position?.offset ?? null });
  }
}

const ROUTES = [
  ["/", Page],
  ["/stream/:topic", Stream],
  ["/socket/:topic", Socket],
] as const;

function application(settings: TopicSettings = {}): Application {
  return new Application(ROUTES, settings);
}

/** Opens a stream of the application and reads past its first event. */
async function openStream(app: Application, topic = "news"): Promise<EventReader> {
  const reader = new EventReader(await app.fetch(new Request(`http://localhost/stream/${topic}`)));
  assertEquals(await reader.next(), { data: "open" });
  return reader;
}

// ---- settings

Deno.test("settings of topics are checked when the application is made", () => {
  const wrong: [settings: Record<string, unknown>, message: string][] = [
    [{ topics: [] }, 'Cannot use [] as the setting "topics": expected an object such as'],
    [{ topics: { "": {} } }, 'Cannot declare the topic "": expected a name'],
    [{ topics: { "a*b": {} } }, 'Cannot declare the topic "a*b"'],
    [{ topics: { a: { histroy: 1 } } }, 'Unknown option of the topic "a" "histroy"'],
    [{ topics: { a: { history: 0 } } }, 'Cannot use 0 as the option of the topic "a" "history"'],
    [{ topics: { a: { ttl: Infinity } } }, "expected a number of milliseconds above 0"],
    [{ topics: { a: 7 } }, 'Cannot read any option of the topic "a" from 7'],
    [{ broker: "redis://" }, 'Cannot use "redis://" as the setting "broker": expected a broker'],
  ];
  for (const [settings, message] of wrong) {
    assertThrows(() => Reflect.construct(Application, [[], settings]), TypeError, message);
  }
});

// ---- the start and the end

Deno.test("application without topics loads none, and publishes to nobody", async () => {
  const app = application();
  assertEquals(await app.publish("news", "a"), undefined);
  assertEquals(app.subscribers("news"), 0);
  assertEquals(app.broker.name, "memory");
  assertEquals(app.broker.status.state, "idle");
  assertThrows(() => app.publish("news", Symbol.iterator as never), TypeError, "Cannot write");
  await assertRejects(() => app.presence("news"), TypeError, 'the setting "topics" declares none');
  await app.fetch(new Request("http://localhost/"));
  assertEquals(partsOf(app).topics, undefined);
});

Deno.test("publish before the start opens the broker, and keeps what it was given", async () => {
  const broker = new ScriptedEngine().broker();
  const app = application({ topics: { news: {} }, broker });
  const bytes = Uint8Array.of(1);
  const list = ["one"];
  const published = [
    app.publish("news", bytes),
    app.publish("news", list),
    app.publish("news", "text"),
  ];
  bytes[0] = 9;
  list.push("two");
  const positions = await Promise.all(published);
  assertEquals(positions.map((position) => position?.offset), [1, 2, 3]);
  assertEquals(broker.life, ["open"]);
  const { records } = await broker.log.read("news", null);
  assertEquals(records.map(({ payload }) => payload), ["bAQ==", 'j["one"]', "ttext"]);
  await partsOf(app).topicKit.end();
});

Deno.test("publish before the start rejects what cannot be published, later what can at once", async () => {
  const app = application({ topics: { small: { maxBytes: 3 } } });
  assertThrows(() => app.publish("small", new Map()), TypeError, "Cannot write");
  await assertRejects(() => app.publish("small", "large"), RangeError, "it keeps 3 (maxBytes)");
  assertThrows(() => app.publish("small", "large"), RangeError, "it keeps 3 (maxBytes)");
});

Deno.test("broker is open before the first request, and with several servers once", async () => {
  const broker = new ScriptedEngine().broker();
  const opening = Promise.withResolvers<void>();
  const { open } = broker;
  broker.open = async (context) => {
    await opening.promise;
    open.call(broker, context);
  };
  const app = application({ broker });
  {
    await using one = serve(app);
    await using two = serve(app);
    const answers = [fetch(one.origin), fetch(two.origin)];
    assertEquals(await Promise.race([answers[0], Promise.resolve("waits")]), "waits");
    opening.resolve();
    for (const answer of answers) assertEquals(await (await answer).text(), "page");
    assertEquals(broker.life, ["open"]);
    assertEquals(app.broker, broker);
  }
  assertEquals(broker.life, ["open", "close"]);
});

Deno.test("broker is opened for the first fetch, where nothing listens", async () => {
  const broker = new ScriptedEngine().broker();
  const app = application({ broker });
  assertEquals(await (await app.fetch(new Request("http://localhost/"))).text(), "page");
  assertEquals(broker.life, ["open"]);
});

Deno.test("broker is closed when the callbacks of onShutdown are done", async () => {
  const broker = new ScriptedEngine().broker();
  const app = application({ topics: { news: {} }, broker });
  app.onShutdown(async () => {
    await app.publish("news", "the last");
    broker.life.push("callback");
  });
  for (let round = 0; round < 2; round++) {
    await using server = serve(app);
    await (await fetch(server.origin)).text();
  }
  assertEquals(broker.life, ["open", "callback", "close", "open", "close"]);
});

Deno.test("broker that cannot be opened keeps the application from starting", async () => {
  using records = captureLogs();
  const broker = new ScriptedEngine().broker();
  const { open } = broker;
  broker.open = () => Promise.reject(new BrokerError("wrong password"));
  const app = application({ broker });
  const response = await app.fetch(new Request("http://localhost/"));
  assertEquals(response.status, 503);
  await expectLog(records, "error", /Cannot start the application.*\n.*wrong password/);
  broker.open = open;
  assertEquals(await (await app.fetch(new Request("http://localhost/"))).text(), "page");
});

Deno.test("broker of a mounted application is opened for its first request, and closed at the end", async () => {
  const broker = new ScriptedEngine().broker();
  const inner = new Application([["/inner/", Page]], { broker });
  const outer = new Application([["/", Page], ["/inner/*", inner]]);
  for (let round = 1; round < 3; round++) {
    await using server = serve(outer);
    await (await fetch(server.origin)).text();
    assertEquals(broker.life.length, 2 * round - 2);
    assertEquals(await (await fetch(`${server.origin}/inner/`)).text(), "page");
    assertEquals(broker.life.length, 2 * round - 1);
    assertEquals(await (await fetch(`${server.origin}/inner/`)).text(), "page");
  }
  assertEquals(broker.life, ["open", "close", "open", "close"]);
});

Deno.test("broker that cannot be opened ends the server that listens", async () => {
  using records = captureLogs();
  const broker = new ScriptedEngine().broker();
  broker.open = () => Promise.reject(new BrokerError("wrong password"));
  await using server = application({ broker }).listen(0, { handleSignals: false });
  await assertRejects(() => server.finished, BrokerError, "wrong password");
  await expectLog(records, "error", /Cannot start the application/);
});

// ---- who is told

Deno.test("one publish reaches WebSockets and event streams", async () => {
  const app = application();
  await using server = serve(app);
  await using socket = await websocketConnect(`ws://127.0.0.1:${server.port}/socket/news`);
  assertEquals(await socket.readMessage(), "open");
  await using stream = new EventReader(await fetch(`${server.origin}/stream/news`));
  assertEquals(await stream.next(), { data: "open" });
  assertEquals(app.subscribers("news"), 2);
  for (const message of ["two\nlines", { a: [1] }, Uint8Array.of(1, 2, 255)]) {
    assertEquals(await app.publish("news", message), undefined);
  }
  assertEquals(await stream.next(), { data: "two\nlines" });
  assertEquals(await stream.next(), { data: '{"a":[1]}' });
  assertEquals(await stream.next(), { event: "bytes", data: "AQL/" });
  assertEquals(await socket.readMessage(), "two\nlines");
  assertEquals(await socket.readMessage(), '{"a":[1]}');
  assertEquals(await socket.readMessage(), Uint8Array.of(1, 2, 255));
});

Deno.test("declared topic reaches both as well, and a socket does not get its own", async () => {
  const app = application({ topics: { news: { history: 5 } } });
  await using server = serve(app);
  const url = `ws://127.0.0.1:${server.port}/socket/news`;
  await using one = await websocketConnect(url);
  await using two = await websocketConnect(url);
  for (const socket of [one, two]) assertEquals(await socket.readMessage(), "open");
  await using stream = new EventReader(await fetch(`${server.origin}/stream/news`));
  assertEquals(await stream.next(), { data: "open" });
  assertEquals(app.subscribers("news"), 3);
  await one.writeMessage("from one");
  assertEquals(await one.readMessage(), '{"offset":1}');
  assertEquals((await app.publish("news", "from the application"))?.offset, 2);
  for (const text of ["from one", "from the application"]) {
    assertEquals(await two.readMessage(), text);
    assertEquals(await stream.next(), { data: text });
  }
  assertEquals(await one.readMessage(), "from the application");
});

Deno.test("what is published reaches the other process of the same broker", async () => {
  const engine = new ScriptedEngine();
  const topics = { news: {} };
  const [here, there] = [engine.broker(), engine.broker()].map((broker) =>
    application({ topics, broker })
  );
  assert(here !== undefined && there !== undefined);
  for (const topic of ["news", "plain"]) {
    await using stream = await openStream(there, topic);
    await here.publish(topic, "a gust");
    assertEquals(await stream.next(), { data: "a gust" });
  }
  for (const app of [here, there]) await partsOf(app).topicKit.end();
});

Deno.test("event stream that subscribes first gets what is published right after it", async () => {
  const journal = new Journal();
  class First extends EventStreamHandler {
    override open() {
      this.subscribe("news");
      this.application.publish("news", "first");
      journal.add("open");
    }
  }
  const app = new Application([["/", First]]);
  await using stream = new EventReader(await app.fetch(new Request("http://localhost/")));
  assertEquals(await stream.next(), { data: "first" });
});

Deno.test("event of a message is made once for all streams", async () => {
  const app = application();
  const streams = await Promise.all(Array.from({ length: 3 }, () => openStream(app)));
  assert(await poll(() => app.subscribers("news") === 3));
  let serialised = 0;
  app.publish("news", { toJSON: () => ++serialised });
  for (const stream of streams) assertEquals(await stream.next(), { data: "1" });
  assertEquals(serialised, 1);
  for (const stream of streams) await stream[Symbol.asyncDispose]();
  assert(await poll(() => app.subscribers("news") === 0));
});

Deno.test("event stream leaves a topic, or all when it ends", async () => {
  const open: Stream[] = [];
  class Kept extends Stream {
    override open(topic: string) {
      super.open(topic);
      this.subscribe("other");
      open.push(this);
    }
    override onClose() {
      this.subscribe("news");
    }
  }
  const app = new Application([["/stream/:topic", Kept]]);
  const stream = await openStream(app);
  assert(await poll(() => app.subscribers("news") === 1));
  const [handler] = open;
  assert(handler !== undefined);
  handler.unsubscribe("news");
  handler.unsubscribe("never");
  assertEquals([app.subscribers("news"), app.subscribers("other")], [0, 1]);
  handler.close();
  assertEquals(app.subscribers("other"), 0);
  handler.subscribe("news");
  handler.unsubscribe("news");
  assertEquals(app.subscribers("news"), 0);
  assertEquals(await stream.next(), null);
});

Deno.test("event stream cannot subscribe before it is open", async () => {
  using records = captureLogs();
  class Early extends EventStreamHandler {
    override prepare() {
      this.unsubscribe("news");
      this.subscribe("news");
    }
  }
  const app = new Application([["/", Early]]);
  assertEquals((await app.fetch(new Request("http://localhost/"))).status, 500);
  await expectLog(records, "error", /Cannot subscribe\(\): the stream is not open yet; use open/);
});

Deno.test("event stream that is too slow for its topic is cut off, and leaves it", async () => {
  using records = captureLogs();
  class Small extends Stream {
    override get maxBufferedBytes() {
      return 100;
    }
  }
  const app = new Application([["/stream/:topic", Small]]);
  const response = await app.fetch(new Request("http://localhost/stream/news"));
  assert(await poll(() => app.subscribers("news") === 1));
  for (let count = 0; count < 20; count++) app.publish("news", "x".repeat(20));
  assertEquals(app.subscribers("news"), 0);
  await expectLog(records, "info", /Cutting off a client that is too slow/);
  await response.body?.cancel().catch(() => {});
});

Deno.test("handler that subscribes to what cannot be a topic fails by itself", async () => {
  using records = captureLogs();
  const app = application({ topics: { "*": {} } });
  const long = "x".repeat(257);
  const response = await app.fetch(new Request(`http://localhost/stream/${long}`));
  await assertRejects(() => response.text());
  const { message } = await expectLog(records, "error", /Uncaught exception GET/);
  assertMatch(message, /RangeError: Cannot use "x+"\.\.\. as a topic: it has 257 bytes/);
});

Deno.test("presence of a topic is told by the application", async () => {
  const app = application({ topics: { room: { presence: true }, news: {} } });
  assertEquals(await app.presence("room"), []);
  await assertRejects(() => app.presence("news"), TypeError, "declare it with presence: true");
});
