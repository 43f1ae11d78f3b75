import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { load } from "../../src/load/load.ts";
import type { LoadOptions } from "../../src/load/load_options.ts";
import { TopicHandler } from "../../src/topics/handlers/topic_handler.ts";
import { Application } from "../../src/web/application.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { serve, type ServedApplication } from "../support/serve.ts";

const QUICK: LoadOptions = { sockets: 10, rate: 200, seconds: 0.2, settle: 100 };

class Room extends WebSocketHandler {
  override open() {
    this.subscribe("room");
  }
  override onMessage(message: string | Uint8Array) {
    this.publish("room", `{"said":${JSON.stringify(message)}}`);
  }
}

function urlOf(server: ServedApplication, path = "/ws"): string {
  return `ws://127.0.0.1:${server.port}${path}`;
}

function serveSocket(handler: typeof WebSocketHandler): ServedApplication {
  return serve(new Application([["/ws", handler]]));
}

Deno.test("what is published arrives at every socket, and is measured", async () => {
  await using server = serveSocket(Room);
  const report = await load(urlOf(server), QUICK);
  const { connect, delivery, ...counts } = report;
  assertEquals(counts, {
    ok: true,
    ...{ sockets: 10, connected: 10, published: 40, refused: 0, expected: 400, delivered: 400 },
    ...{ lost: 0, doubles: 0, outOfOrder: 0, lostNotices: 0, reconnects: 0 },
  });
  // The one that publishes connects, too.
  assertEquals([connect.count, delivery.count], [11, 400]);
  const { p50, p90, p99, max } = delivery;
  assert(p50 !== null && p90 !== null && p99 !== null && max !== null);
  assert(0 < p50 && p50 <= p90 && p90 <= p99 && p99 <= max && max < 5_000);
});

Deno.test("messages may be wrapped, and sockets may have to greet first", async () => {
  class Guarded extends Room {
    override open() {}
    override onMessage(message: string | Uint8Array) {
      const { type, text } = JSON.parse(String(message));
      if (type === "hello") super.open();
      else super.onMessage(text);
    }
  }
  await using server = serveSocket(Guarded);
  const words = { greeting: '{"type":"hello"}', message: '{"type":"say","text":"$"}' };
  const report = await load(urlOf(server), { ...QUICK, ...words, sockets: 2 });
  // Nothing tells when a greeting has been heard: the first may come before.
  assert(report.delivered > 70, JSON.stringify(report));
});

Deno.test("echo expects each message at its own socket", async () => {
  class Echo extends WebSocketHandler {
    override onMessage(message: string | Uint8Array) {
      this.writeMessage(message);
    }
  }
  await using server = serveSocket(Echo);
  const { ok, published, delivered } = await load(urlOf(server), { ...QUICK, echo: true });
  assertEquals({ ok, published, delivered }, { ok: true, published: 40, delivered: 40 });
});

/** Passes messages on as a function says. */
function faulty(pass: (count: number, message: string) => readonly string[]): typeof Room {
  let count = 0;
  return class extends Room {
    override onMessage(message: string | Uint8Array) {
      for (const each of pass(++count, String(message))) this.publish("room", each);
    }
  };
}

Deno.test("messages that do not arrive are lost", async () => {
  await using server = serveSocket(faulty((count, text) => count % 10 === 0 ? [] : [text]));
  const { ok, lost, expected } = await load(urlOf(server), QUICK);
  assertEquals({ ok, lost, expected }, { ok: false, lost: 40, expected: 400 });
});

Deno.test("messages that arrive twice are doubles", async () => {
  await using server = serveSocket(faulty((count, text) => count === 7 ? [text, text] : [text]));
  const { ok, lost, doubles } = await load(urlOf(server), QUICK);
  assertEquals({ ok, lost, doubles }, { ok: false, lost: 0, doubles: 10 });
});

Deno.test("messages that arrive after a later one are out of order", async () => {
  let kept = "";
  const swap = faulty((count, text) => {
    if (count === 5) kept = text;
    return count === 5 ? [] : count === 6 ? [text, kept] : [text];
  });
  await using server = serveSocket(swap);
  const { ok, lost, outOfOrder } = await load(urlOf(server), QUICK);
  assertEquals({ ok, lost, outOfOrder }, { ok: false, lost: 0, outOfOrder: 10 });
});

Deno.test("messages of others, and nonsense, are none of the load", async () => {
  await using server = serveSocket(faulty((_, text) => ["load", text, "load.1.", "{"]));
  assert((await load(urlOf(server), QUICK)).ok);
});

Deno.test("publishing by POST, one after the other", async () => {
  class Door extends RequestHandler {
    override post() {
      if (this.request.header("x-key") !== "open") return this.setStatus(403);
      this.application.publish("room", this.request.text());
    }
  }
  await using server = serve(new Application([["/ws", Room], ["/door", Door]]));
  const post = `${server.origin}/door`;
  const report = await load(urlOf(server), { ...QUICK, post, headers: { "X-Key": "open" } });
  assertEquals([report.ok, report.delivered], [true, 400]);
  const refused = await load(urlOf(server), { ...QUICK, post });
  assertEquals([refused.ok, refused.refused, refused.lost], [false, 40, 0]);
});

Deno.test("sockets that are closed come back, and what they missed is lost", async () => {
  const open = new Set<WebSocketHandler>();
  let count = 0;
  class Closing extends Room {
    override open() {
      open.add(this);
      super.open();
    }
    override onMessage(message: string | Uint8Array) {
      super.onMessage(message);
      // The publisher stays, and goes on.
      if (++count === 10) { for (const each of open) if (each !== this) each.close(4000); }
    }
  }
  await using server = serveSocket(Closing);
  const report = await load(urlOf(server), { ...QUICK, rate: 1_000, seconds: 0.3 });
  assertEquals([report.ok, report.reconnects, report.refused], [false, 10, 0]);
  assert(report.lost > 0 && report.delivered > 1_000, JSON.stringify(report));
});

Deno.test("sockets that are sent away stay away", async () => {
  let connections = 0;
  class Away extends Room {
    override open() {
      super.open();
      if (++connections === 3) this.close(4403);
    }
  }
  await using server = serveSocket(Away);
  const { ok, reconnects, lost } = await load(urlOf(server), QUICK);
  assertEquals([ok, reconnects, lost], [false, 0, 40]);
});

// ---- gustnado.v1.json

/** Keeps the messages of one topic; drops its connections when it has got a number of them. */
class TopicServer extends WebSocketHandler<TopicApplication> {
  #follows = false;

  override selectSubprotocol() {
    return "gustnado.v1.json";
  }
  override open() {
    this.application.open.add(this);
  }
  override onClose() {
    this.application.open.delete(this);
  }
  override onMessage(message: string | Uint8Array) {
    for (const line of String(message).split("\n")) this.#hear(JSON.parse(line));
  }

  #hear(line: Record<string, unknown>) {
    const { messages, answered, dropAt } = this.application;
    if (line.type === "hello") this.writeMessage({ type: "welcome", session: "s", token: "t" });
    if (line.type === "subscribe") this.#subscribe(line);
    if (line.type !== "publish") return;
    const key = String(line.data);
    if (!answered.has(key)) {
      answered.add(key);
      messages.push(key);
      for (const each of this.application.open) each.tell(messages.length);
    }
    if (messages.length === dropAt && answered.size === dropAt) {
      answered.add("dropped");
      for (const each of this.application.open) each.close(4000);
      return;
    }
    this.writeMessage({ type: "ack", id: line.id, position: `e.${messages.length}` });
  }

  #subscribe({ id, topic, after }: Record<string, unknown>) {
    this.#follows = true;
    const offset = Number(String(after ?? `e.${this.application.messages.length}`).slice(2));
    this.writeMessage({ type: "subscribed", id, topic, position: `e.${offset}` });
    for (let each = offset + 1; each <= this.application.messages.length; each++) this.tell(each);
  }

  tell(offset: number) {
    const data = this.application.messages[offset - 1];
    if (!this.#follows) return;
    this.writeMessage({ type: "message", topic: "t", position: `e.${offset}`, data });
  }
}

class TopicApplication extends Application {
  readonly open: Set<TopicServer> = new Set();
  readonly messages: string[] = [];
  readonly answered: Set<string> = new Set();
  readonly dropAt: number;

  constructor(dropAt = Infinity) {
    super([["/ws", TopicServer]]);
    this.dropAt = dropAt;
  }
}

Deno.test("topic is followed and published to", async () => {
  await using server = serve(new TopicApplication());
  const report = await load(urlOf(server), { ...QUICK, topic: "t" });
  assertEquals([report.ok, report.delivered, report.reconnects], [true, 400, 0]);
});

Deno.test("topic whose messages come with more than was sent is measured, too", async () => {
  class Signed extends TopicHandler {
    override canSubscribe() {
      return true;
    }
    override canPublish() {
      return true;
    }
    override onPublish(_topic: string, text: string | Uint8Array | object) {
      return { from: this.session, text };
    }
  }
  const topics = { t: { history: 100 } };
  await using server = serve(new Application([["/ws", Signed]], { topics }));
  const report = await load(urlOf(server), { ...QUICK, topic: "t", settle: 2_000 });
  assertEquals([report.ok, report.delivered], [true, 400]);
});

Deno.test("topic that all sockets lose for a moment loses nothing", async () => {
  await using server = serve(new TopicApplication(20));
  const report = await load(urlOf(server), { ...QUICK, topic: "t", settle: 1_000 });
  assertEquals([report.ok, report.delivered, report.reconnects], [true, 400, 11]);
});

Deno.test("topic that may not be followed is no success", async () => {
  class Refusing extends TopicServer {
    override onMessage(message: string | Uint8Array) {
      for (const line of String(message).split("\n")) {
        const { type, id } = JSON.parse(line);
        if (type === "hello") this.writeMessage({ type: "welcome", session: "s", token: "t" });
        else this.writeMessage({ type: "error", id, code: 403, message: "No" });
      }
    }
  }
  class Closed extends Application {
    readonly open = new Set();
    constructor() {
      super([["/ws", Refusing]]);
    }
  }
  await using server = serve(new Closed());
  const report = await load(urlOf(server), { ...QUICK, topic: "t" });
  assertEquals([report.ok, report.connected, report.published], [false, 0, 0]);
});

Deno.test("server that cannot be reached is no success, and takes no time", async () => {
  await using server = serveSocket(Room);
  const report = await load(urlOf(server, "/nowhere"), QUICK);
  assertEquals([report.ok, report.connected, report.published], [false, 0, 0]);
});

const WRONG: [options: object, message: string][] = [
  [{ sockets: 0 }, '"sockets"'],
  [{ rate: 0 }, '"rate"'],
  [{ seconds: Infinity }, '"seconds"'],
  [{ clients: 1 }, 'Unknown option "clients"'],
  [{ subprotocol: "gustnado.v1.json" }, "without a topic"],
  [{ topic: "t", subprotocol: "other" }, "another subprotocol"],
  [{ topic: "t", greeting: "hello" }, "its own language"],
  [{ topic: "t", echo: true }, "Cannot use echo"],
];

for (const [options, message] of WRONG) {
  Deno.test(`load refuses ${JSON.stringify(options)}`, async () => {
    const error = await assertRejects(() => load("ws://localhost:9", options), TypeError);
    assertStringIncludes(error.message, message);
  });
}
