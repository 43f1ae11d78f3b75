import { assert, assertEquals, assertMatch } from "@std/assert";
import { nextIteration } from "../../../src/concurrent/loop/next_iteration.ts";
import { TopicHandler } from "../../../src/topics/handlers/topic_handler.ts";
import type { TopicOptions } from "../../../src/topics/settings.ts";
import { Application } from "../../../src/web/application.ts";
import { HTTPError } from "../../../src/web/http_error.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { poll } from "../../support/poll.ts";
import { RawWebSocket } from "../../support/raw_websocket.ts";
import { serve } from "../../support/serve.ts";
import { TopicClient } from "../../support/topic_client.ts";

class Open extends TopicHandler {
  override canSubscribe(): boolean | PromiseLike<boolean> {
    return true;
  }
  override canPublish(_topic: string, _data: unknown): boolean | PromiseLike<boolean> {
    return true;
  }
}

const TOPICS: Readonly<Record<string, TopicOptions>> = {
  "log/*": { history: 10 },
  "room/*": { presence: true },
  "small": { maxBytes: 100 },
};

function appOf(handler: typeof TopicHandler = Open): Application {
  return new Application([["/topics", handler]], {
    topics: TOPICS,
    cookieSecret: "cookie-secret of these tests",
  });
}

// ---- hello

Deno.test("hello is answered with a session, a token and how often to ping", async () => {
  await using server = serve(appOf());
  await using client = await TopicClient.connect(server.port);
  const { session, token, ...rest } = client.welcome;
  assertEquals(rest, { type: "welcome", resumed: false, pingInterval: 25_000 });
  assertMatch(String(session), /^[0-9a-f-]{36}$/);
  assertEquals(typeof token, "string");
});

Deno.test("ping is answered", async () => {
  await using server = serve(appOf());
  await using client = await TopicClient.connect(server.port);
  assertEquals(await client.ask({ type: "ping" }), { type: "pong" });
});

const MALFORMED: [name: string, frame: string | Uint8Array, reason: RegExp][] = [
  ["no JSON", "hello", /not JSON/],
  ["an empty frame", "", /not JSON/],
  ["an empty line", '{"type":"ping"}\n', /not JSON/],
  ["a JSON array", "[]", /not a JSON object/],
  ["null", "null", /not a JSON object/],
  ["bytes", new Uint8Array([1]), /text frame/],
  ["no type", "{}", /no id/],
  ["no id", '{"type":"subscribe","topic":"t"}', /no id/],
  ["an id of 0", '{"type":"subscribe","topic":"t","id":0}', /no id/],
  ["an id of 1.5", '{"type":"subscribe","topic":"t","id":1.5}', /no id/],
  ["an id that is text", '{"type":"subscribe","topic":"t","id":"1"}', /no id/],
  ["JSON nested a million deep", `{"data":${"[".repeat(1e6)}${"]".repeat(1e6)}}`, /1000 deep/],
  ["a second hello", '{"type":"hello"}', /once/],
  ["too many lines", '{"type":"ping"}\n'.repeat(4_096) + '{"type":"ping"}', /4096 lines/],
];

for (const [name, frame, reason] of MALFORMED) {
  Deno.test(`frame with ${name} closes the connection with 4400`, async () => {
    await using server = serve(appOf());
    await using client = await TopicClient.connect(server.port);
    client.raw(frame);
    const closed = await client.closed();
    assertEquals(closed.code, 4400);
    assertMatch(closed.reason ?? "", reason);
  });
}

Deno.test("first line that is no hello closes the connection with 4400", async () => {
  await using server = serve(appOf());
  await using client = await TopicClient.silent(server.port);
  client.send({ type: "subscribe", id: 1, topic: "log/a" });
  assertEquals(await client.closed(), { code: 4400, reason: "Say hello first" });
});

Deno.test("client that may take for ever to say hello may do so", async () => {
  class Patient extends Open {
    override get helloTimeout() {
      return Infinity;
    }
  }
  await using server = serve(appOf(Patient));
  await using client = await TopicClient.silent(server.port);
  // A timer that was set for ever would have been due in the turn of the loop after the one that opened it.
  await new Promise((resolve) => setTimeout(resolve, 20));
  client.send({ type: "hello" });
  await client.next("welcome");
});

Deno.test("client that does not say hello in time is closed with 4400", async () => {
  class Impatient extends Open {
    override get helloTimeout() {
      return 20;
    }
  }
  await using server = serve(appOf(Impatient));
  await using client = await TopicClient.silent(server.port);
  assertEquals(await client.closed(), { code: 4400, reason: "No hello came within 20 ms" });
});

Deno.test("client without the subprotocol is closed with 4400, and refused if it offers others", async () => {
  using records = captureLogs();
  await using server = serve(appOf());
  await using client = await TopicClient.silent(server.port, { protocols: [] });
  assertEquals(await client.closed(), {
    code: 4400,
    reason: "Offer the subprotocol gustnado.v1.json",
  });
  const failed = await TopicClient.silent(server.port, { protocols: ["graphql-ws"] }).then(
    () => null,
    (error) => error.code,
  );
  assertEquals(failed, 400);
  await expectLog(records, "warning", /Offer the subprotocol gustnado.v1.json/);
});

for (
  const [much, lines] of [
    ["much", numbers(1_000).map((n) => ({ type: "subscribe", id: n, topic: `log/${n}` }))],
    [
      "large messages",
      numbers(20).map((id) => ({ type: "publish", id, topic: "log/a", data: "x".repeat(100_000) })),
    ],
  ] as const
) {
  Deno.test(`client that sends ${much} at once lets others in between`, async () => {
    let turn = 0;
    let isOver = false;
    const count = () => {
      turn++;
      if (!isOver) nextIteration(count);
    };
    const turns = new Set<number>();
    const note = () => turns.add(turn).size > 0;
    class Counting extends Open {
      override canSubscribe = note;
      override canPublish = note;
    }
    await using server = serve(appOf(Counting));
    await using client = await TopicClient.connect(server.port);
    count();
    client.send(...lines);
    await client.take(lines.length);
    isOver = true;
    assert(turns.size >= 5, `all was done in ${turns.size} turns`);
  });
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

// ---- subscribe

Deno.test("subscription to an empty topic has its position, and messages follow it", async () => {
  const app = appOf();
  await using server = serve(app);
  await using client = await TopicClient.connect(server.port);
  const subscribed = await client.ask({ type: "subscribe", id: 1, topic: "log/a" });
  const epoch = String(subscribed.position).split(".")[0];
  assertEquals(subscribed, { type: "subscribed", id: 1, topic: "log/a", position: `${epoch}.0` });
  await app.publish("log/a", { n: 1 });
  await app.publish("log/a", "two");
  await app.publish("log/a", new Uint8Array([3]));
  assertEquals(await client.take(3), [
    { type: "message", topic: "log/a", position: `${epoch}.1`, data: { n: 1 } },
    { type: "message", topic: "log/a", position: `${epoch}.2`, data: "two" },
    { type: "message", topic: "log/a", position: `${epoch}.3`, base64: "Aw==" },
  ]);
});

Deno.test("subscription after a position gets all that was missed, in one frame", async () => {
  const app = appOf();
  await using server = serve(app);
  const first = await app.publish("log/a", "1");
  await app.publish("log/a", "2");
  await app.publish("log/a", "3");
  await using client = await TopicClient.connect(server.port);
  const after = `${first?.epoch}.${first?.offset}`;
  client.send({ type: "subscribe", id: 1, topic: "log/a", after, last: 1 });
  const [subscribed, ...messages] = await client.take(3);
  assertEquals([subscribed?.recovered, subscribed?.position], [true, after]);
  assertEquals(messages.map(({ data }) => data), ["2", "3"]);
  assertEquals(client.frames, 2);
});

Deno.test("subscription after a position that is not kept gets nothing, and is told so", async () => {
  const app = appOf();
  await using server = serve(app);
  const position = await app.publish("log/a", "1");
  await using client = await TopicClient.connect(server.port);
  for (const [id, after] of ["other.1", `${position?.epoch}.99`].entries()) {
    const line = await client.ask({ type: "subscribe", id: id + 1, topic: "log/a", after });
    assertEquals(line.recovered, false);
    assertEquals(line.position, `${position?.epoch}.1`);
  }
});

Deno.test("subscription with last gets so many of the last messages", async () => {
  const app = appOf();
  await using server = serve(app);
  for (const n of [1, 2, 3]) await app.publish("log/a", `${n}`);
  await using client = await TopicClient.connect(server.port);
  client.send({ type: "subscribe", id: 1, topic: "log/a", last: 2 });
  const [subscribed, ...messages] = await client.take(3);
  assertEquals(subscribed?.recovered, undefined);
  assertEquals(messages.map(({ data }) => data), ["2", "3"]);
});

Deno.test("plain topic is followed without a position", async () => {
  const app = appOf();
  await using server = serve(app);
  await using client = await TopicClient.connect(server.port);
  const subscribed = await client.ask({ type: "subscribe", id: 1, topic: "plain" });
  assertEquals(subscribed, { type: "subscribed", id: 1, topic: "plain" });
  app.publish("plain", { n: 1 });
  app.publish("plain", "text");
  app.publish("plain", new Uint8Array([1]));
  assertEquals(await client.take(3), [
    { type: "message", topic: "plain", data: { n: 1 } },
    { type: "message", topic: "plain", data: "text" },
    { type: "message", topic: "plain", base64: "AQ==" },
  ]);
  assertEquals(await client.ask({ type: "publish", id: 2, topic: "plain", data: "own" }), {
    type: "message",
    topic: "plain",
    data: "own",
  });
  assertEquals(await client.next(), { type: "ack", id: 2 });
  assertEquals(await client.ask({ type: "unsubscribe", id: 3, topic: "plain" }), {
    type: "ack",
    id: 3,
  });
  assertEquals(app.subscribers("plain"), 0);
});

Deno.test("subscribing twice begins anew, and every message comes once", async () => {
  const app = appOf();
  await using server = serve(app);
  await using client = await TopicClient.connect(server.port);
  client.send(
    { type: "subscribe", id: 1, topic: "log/a" },
    { type: "subscribe", id: 2, topic: "log/a" },
    { type: "subscribe", id: 3, topic: "plain" },
    { type: "subscribe", id: 4, topic: "plain" },
  );
  const ids = (await client.take(4)).map(({ type, id }) => `${type} ${id}`);
  assertEquals(ids.sort(), ["subscribed 1", "subscribed 2", "subscribed 3", "subscribed 4"]);
  await app.publish("log/a", "once");
  app.publish("plain", "once");
  client.send({ type: "ping" });
  assertEquals((await client.take(3)).map(({ type }) => type), ["message", "message", "pong"]);
});

Deno.test("topic is left by unsubscribing, also one that was never followed", async () => {
  const app = appOf();
  await using server = serve(app);
  await using client = await TopicClient.connect(server.port);
  client.send(
    { type: "subscribe", id: 1, topic: "log/a" },
    { type: "unsubscribe", id: 2, topic: "log/a" },
    { type: "unsubscribe", id: 3, topic: "never" },
  );
  const lines = await client.take(3);
  assertEquals(lines.map(({ id }) => id).sort(), [1, 2, 3]);
  assertEquals(app.subscribers("log/a"), 0);
  await app.publish("log/a", "unheard");
  assertEquals(await client.ask({ type: "ping" }), { type: "pong" });
});

Deno.test("nobody may follow or publish unless the class says so", async () => {
  await using server = serve(appOf(TopicHandler));
  await using client = await TopicClient.connect(server.port);
  assertEquals(await client.ask({ type: "subscribe", id: 1, topic: "log/a" }), {
    type: "error",
    id: 1,
    code: 403,
    message: "Not allowed",
  });
  assertEquals(await client.ask({ type: "publish", id: 2, topic: "log/a", data: "x" }), {
    type: "error",
    id: 2,
    code: 403,
    message: "Not allowed",
  });
  assertEquals((await client.ask({ type: "message", id: 3, data: "x" })).code, 404);
});

Deno.test("only true lets in, whatever a hook gives", async () => {
  for (const value of [1, "true", {}, null, undefined, Promise.resolve(1)]) {
    class Odd extends TopicHandler {
      override canSubscribe() {
        return value as boolean;
      }
    }
    await using server = serve(appOf(Odd));
    await using client = await TopicClient.connect(server.port);
    assertEquals((await client.ask({ type: "subscribe", id: 1, topic: "log/a" })).code, 403);
  }
});

const REFUSED: [name: string, line: object, code: number, message: RegExp][] = [
  ["an unknown type", { type: "shout" }, 404, /type/],
  ["no topic", { type: "subscribe" }, 400, /topic/],
  ["a topic that is no text", { type: "subscribe", topic: 5 }, 400, /must be a string/],
  ["an empty topic", { type: "subscribe", topic: "" }, 400, /0 bytes/],
  ["a topic of 257 bytes", { type: "subscribe", topic: "x".repeat(257) }, 400, /257 bytes/],
  ["a topic of 86 × 3 bytes", { type: "subscribe", topic: "€".repeat(86) }, 400, /258 bytes/],
  ["half a surrogate pair", { type: "subscribe", topic: "\ud800" }, 400, /not well-formed/],
  ["a topic of the library's", { type: "subscribe", topic: "\0session/x" }, 400, /library/],
  ["to publish to one", { type: "publish", topic: "\0session/x", data: "" }, 400, /library/],
  ["a malformed position", { type: "subscribe", topic: "log/a", after: "1" }, 400, /malformed/],
  [
    "a position that is a number",
    { type: "subscribe", topic: "log/a", after: 1 },
    400,
    /malformed/,
  ],
  ["a negative last", { type: "subscribe", topic: "log/a", last: -1 }, 400, /last/],
  ["a last that is text", { type: "subscribe", topic: "log/a", last: "1" }, 400, /last/],
  ["nothing to publish", { type: "publish", topic: "log/a" }, 400, /neither/],
  ["a number to publish", { type: "publish", topic: "log/a", data: 5 }, 400, /a string/],
  ["null to publish", { type: "publish", topic: "log/a", data: null }, 400, /a string/],
  ["malformed base64", { type: "publish", topic: "log/a", base64: "?" }, 400, /base64/],
  [
    "a message that is too large",
    { type: "publish", topic: "small", data: "x".repeat(101) },
    413,
    /small/,
  ],
];

for (const [name, line, code, message] of REFUSED) {
  Deno.test(`request with ${name} is an error ${code}, and the connection stays`, async () => {
    await using server = serve(appOf());
    await using client = await TopicClient.connect(server.port);
    const answer = await client.ask({ ...line, id: 7 });
    assertEquals([answer.type, answer.id, answer.code], ["error", 7, code]);
    assertMatch(String(answer.message), message);
    assertEquals(await client.ask({ type: "ping" }), { type: "pong" });
  });
}

Deno.test("topics may have any name of 1 to 256 bytes", async () => {
  const app = appOf();
  await using server = serve(app);
  await using client = await TopicClient.connect(server.port);
  const names = [" ", "*", ">", "a.b", "\0", 'log/\n"\\', "log/💨", "€".repeat(85), "__proto__"];
  for (const [i, topic] of names.entries()) {
    const subscribed = await client.ask({ type: "subscribe", id: i + 1, topic });
    assertEquals([subscribed.type, subscribed.topic], ["subscribed", topic]);
    await app.publish(topic, "here");
    const { type, data, topic: its } = await client.next();
    assertEquals([type, data, its], ["message", "here", topic]);
  }
});

Deno.test("id of a publication that does not grow is an error 400", async () => {
  await using server = serve(appOf());
  await using client = await TopicClient.connect(server.port);
  assertEquals((await client.ask({ type: "publish", id: 5, topic: "log/a", data: "x" })).id, 5);
  for (const id of [5, 4]) {
    const { code, message } = await client.ask({ type: "publish", id, topic: "log/a", data: "y" });
    assertEquals([code, message], [400, "The id has to be above 5"]);
  }
  assertEquals((await client.ask({ type: "subscribe", id: 1, topic: "log/a" })).id, 1);
});

Deno.test("more subscriptions than allowed are an error 429", async () => {
  class Few extends Open {
    override get maxSubscriptions() {
      return 2;
    }
  }
  await using server = serve(appOf(Few));
  await using client = await TopicClient.connect(server.port);
  const ask = (id: number, topic: string) => client.ask({ type: "subscribe", id, topic });
  assertEquals((await ask(1, "log/a")).type, "subscribed");
  assertEquals((await ask(2, "plain")).type, "subscribed");
  assertEquals((await ask(3, "log/c")).code, 429);
  assertEquals((await ask(4, "log/a")).type, "subscribed");
  assertEquals((await client.ask({ type: "unsubscribe", id: 5, topic: "plain" })).type, "ack");
  assertEquals((await ask(6, "log/c")).type, "subscribed");
});

Deno.test("client that asks for 100,000 topics gets a thousand", async () => {
  const app = appOf();
  await using server = serve(app);
  await using client = await TopicClient.connect(server.port);
  const counts = new Map<unknown, number>();
  for (let sent = 0; sent < 100_000; sent += 4_000) {
    client.send(...Array.from({ length: 4_000 }, (_, i) => ({
      type: "subscribe",
      id: sent + i + 1,
      topic: `plain/${sent + i}`,
    })));
    for (const { type } of await client.take(4_000)) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  assertEquals([counts.get("subscribed"), counts.get("error")], [1_000, 99_000]);
});

// ---- publish

Deno.test("publication is acknowledged with its position, and reaches its publisher too", async () => {
  await using server = serve(appOf());
  await using client = await TopicClient.connect(server.port);
  await client.ask({ type: "subscribe", id: 1, topic: "log/a" });
  client.send({ type: "publish", id: 2, topic: "log/a", base64: "AQID" });
  const [message, ack] = await client.take(2);
  assertEquals([message?.base64, ack?.type, ack?.id], ["AQID", "ack", 2]);
  assertEquals(message?.position, ack?.position);
});

Deno.test("client that subscribes and publishes in one frame gets what it has published", async () => {
  await using server = serve(appOf());
  await using client = await TopicClient.connect(server.port);
  client.send(
    { type: "subscribe", id: 1, topic: "log/a" },
    { type: "subscribe", id: 2, topic: "plain" },
    { type: "publish", id: 3, topic: "log/a", data: "x" },
    { type: "publish", id: 4, topic: "plain", data: "y" },
  );
  const lines = await client.take(6);
  assertEquals(lines.map(({ type, id }) => `${type} ${id}`).toSorted(), [
    "ack 3",
    "ack 4",
    "message undefined",
    "message undefined",
    "subscribed 1",
    "subscribed 2",
  ]);
});

Deno.test("onPublish says what is published", async () => {
  class Signed extends Open {
    override async onPublish(_topic: string, data: string | Uint8Array | object) {
      await Promise.resolve();
      return { from: "ada", data };
    }
  }
  await using server = serve(appOf(Signed));
  await using client = await TopicClient.connect(server.port);
  await client.ask({ type: "subscribe", id: 1, topic: "log/a" });
  client.send({ type: "publish", id: 2, topic: "log/a", data: { from: "bob" } });
  assertEquals((await client.next("message")).data, { from: "ada", data: { from: "bob" } });
});

Deno.test("publications of a connection keep their order, however long their hooks take", async () => {
  class Slow extends Open {
    override async canPublish(_topic: string, data: string | Uint8Array | object) {
      if (data === "0") await new Promise((resolve) => setTimeout(resolve, 20));
      return true;
    }
  }
  await using server = serve(appOf(Slow));
  await using client = await TopicClient.connect(server.port);
  await client.ask({ type: "subscribe", id: 1, topic: "log/a" });
  client.send(
    ...[0, 1, 2].map((n) => ({ type: "publish", id: n + 2, topic: "log/a", data: `${n}` })),
  );
  const lines = await client.take(6);
  const messages = lines.filter(({ type }) => type === "message");
  assertEquals(messages.map(({ data }) => data), ["0", "1", "2"]);
});

Deno.test("application without declared topics has plain ones, and messages run once", async () => {
  class Echo extends Open {
    override onMessage(data: unknown) {
      return data;
    }
  }
  const app = new Application([["/topics", Echo]]);
  await using server = serve(app);
  await using client = await TopicClient.connect(server.port);
  assertEquals((await client.ask({ type: "subscribe", id: 1, topic: "t" })).position, undefined);
  assertEquals(await app.publish("t", "x"), undefined);
  assertEquals((await client.next()).data, "x");
  assertEquals((await client.ask({ type: "message", id: 2, data: 5 })).data, 5);
});

Deno.test("limit that fails is an error page", async () => {
  class Broken extends Open {
    override get maxUnanswered(): number {
      throw new Error("no limit");
    }
  }
  using records = captureLogs();
  await using server = serve(appOf(Broken));
  const code = await TopicClient.silent(server.port).then(() => null, (error) => error.code);
  assertEquals(code, 500);
  await expectLog(records, "error", /no limit/);
});

// ---- messages

Deno.test("message reaches the handler, whose answer is in the acknowledgement", async () => {
  class Echo extends Open {
    override async onMessage(data: unknown) {
      await Promise.resolve();
      return data === "nothing" ? undefined : data;
    }
  }
  await using server = serve(appOf(Echo));
  await using client = await TopicClient.connect(server.port);
  for (const [i, data] of [1, null, "x", [1], { a: 1 }].entries()) {
    const id = i + 1;
    assertEquals(await client.ask({ type: "message", id, data }), { type: "ack", id, data });
  }
  assertEquals(await client.ask({ type: "message", id: 8, base64: "AQ==" }), {
    type: "ack",
    id: 8,
    base64: "AQ==",
  });
  assertEquals(await client.ask({ type: "message", id: 9, data: "nothing" }), {
    type: "ack",
    id: 9,
  });
});

Deno.test("hook that fails is logged, is an error 500, and the connection stays", async () => {
  class Broken extends TopicHandler {
    override canSubscribe(): boolean {
      throw new Error("canSubscribe is broken");
    }
    override canPublish(topic: string): boolean {
      if (topic === "log/a") throw new Error("canPublish is broken");
      return true;
    }
    override onPublish(): object {
      return 5 as unknown as object;
    }
    override onMessage(data: unknown): unknown {
      if (data === "bigint") return 5n;
      throw new Error("onMessage is broken");
    }
  }
  using records = captureLogs();
  await using server = serve(appOf(Broken));
  await using client = await TopicClient.connect(server.port);
  const lines: [object, RegExp][] = [
    [{ type: "subscribe", topic: "log/a" }, /canSubscribe is broken/],
    [{ type: "publish", topic: "log/a", data: "x" }, /canPublish is broken/],
    [{ type: "publish", topic: "log/b", data: "x" }, /Cannot write a number/],
    [{ type: "message", data: "x" }, /onMessage is broken/],
    [{ type: "message", data: "bigint" }, /BigInt/],
  ];
  for (const [i, [line, pattern]] of lines.entries()) {
    const answer = await client.ask({ ...line, id: i + 1 });
    assertEquals(answer, { type: "error", id: i + 1, code: 500, message: "Internal error" });
    await expectLog(records, "error", pattern);
  }
});

Deno.test("HTTPError of a hook tells the client its reason, and is not logged", async () => {
  class Refusing extends Open {
    override onMessage(): unknown {
      throw new HTTPError(418, { reason: "Teapot" });
    }
  }
  using _records = captureLogs();
  await using server = serve(appOf(Refusing));
  await using client = await TopicClient.connect(server.port);
  const { code, message } = await client.ask({ type: "message", id: 1, data: 1 });
  assertEquals([code, message], [418, "Teapot"]);
});

// ---- the server's side

Deno.test("server can subscribe its client and send to it alone", async () => {
  class Greeter extends TopicHandler {
    override async open() {
      await this.subscribe("log/a", { last: 1 });
      this.send({ hello: this.session });
      this.writeMessage(new Uint8Array([1]));
      await this.publish("log/a", "live");
    }
    override onMessage() {
      this.unsubscribe("log/a");
    }
  }
  const app = appOf(Greeter);
  await using server = serve(app);
  await app.publish("log/a", "before");
  await using client = await TopicClient.connect(server.port);
  const [subscribed, before, direct, bytes, live] = await client.take(5);
  assertEquals([subscribed?.type, subscribed?.id, before?.data], [
    "subscribed",
    undefined,
    "before",
  ]);
  assertEquals(direct, { type: "message", data: { hello: client.welcome.session } });
  assertEquals(bytes, { type: "message", base64: "AQ==" });
  assertEquals(live?.data, "live");
  await client.ask({ type: "message", id: 1, data: null });
  assert(await poll(() => app.subscribers("log/a") === 0));
});

Deno.test("hook open that fails closes the connection with 1011", async () => {
  class Broken extends TopicHandler {
    override open() {
      throw new Error("no entry");
    }
  }
  using records = captureLogs();
  await using server = serve(appOf(Broken));
  await using client = await TopicClient.connect(server.port);
  assertEquals((await client.closed()).code, 1011);
  await expectLog(records, "error", /no entry/);
});

Deno.test("server that shuts down asks clients to come back at different times", async () => {
  const server = serve(appOf());
  const clients = await Promise.all(
    Array.from({ length: 10 }, () => TopicClient.connect(server.port)),
  );
  const closed = Promise.all(clients.map((client) => client.closed()));
  await server.server.shutdown();
  const delays = (await closed).map(({ code, reason }) => {
    assertEquals(code, 4100);
    return Number(reason);
  });
  assert(delays.every((delay) => Number.isInteger(delay) && delay >= 0 && delay < 2_000));
  assert(new Set(delays).size > 1);
});

Deno.test("client that floods is closed with 4429", async () => {
  class Stuck extends Open {
    gate = Promise.withResolvers<void>();
    override async onMessage() {
      await this.gate.promise;
    }
    override onClose() {
      this.gate.resolve();
    }
    override get inboxMessages() {
      return 10;
    }
    override get maxUnanswered() {
      return 5;
    }
  }
  await using server = serve(appOf(Stuck));
  await using client = await TopicClient.connect(server.port);
  for (let id = 1; id <= 16; id++) client.send({ type: "message", id, data: id });
  assertEquals(await client.closed(), { code: 4429, reason: "Too many messages" });
});

Deno.test("client that does not read is closed with a code to come back", async () => {
  class Small extends Open {
    override get maxBufferedBytes() {
      return 100_000;
    }
  }
  const app = appOf(Small);
  await using server = serve(app);
  const headers = { "sec-websocket-protocol": "gustnado.v1.json" };
  using client = await RawWebSocket.connect(server.port, "/topics", { headers });
  await client.send(1, '{"type":"hello"}\n{"type":"subscribe","id":1,"topic":"log/a"}');
  assert(await poll(() => app.subscribers("log/a") === 1));
  const gust = "x".repeat(100_000);
  for (let i = 0; i < 300; i++) await app.publish("log/a", gust);
  let frame = await client.receive();
  while (frame !== null && frame.closeCode === null) frame = await client.receive();
  assertEquals(frame?.closeCode, 4101);
});
