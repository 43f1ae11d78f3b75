import { assert, assertEquals, assertMatch } from "@std/assert";
import { TopicStreamHandler } from "../../../src/topics/handlers/topic_stream_handler.ts";
import type { Position } from "../../../src/topics/broker/position.ts";
import { Application } from "../../../src/web/application.ts";
import { EventReader } from "../../support/event_reader.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { poll } from "../../support/poll.ts";
import { bothWays, type Fetch, serve } from "../../support/serve.ts";
import { SharedEngine } from "../../support/shared_engine.ts";

class Open extends TopicStreamHandler {
  override canSubscribe(): boolean | PromiseLike<boolean> {
    return true;
  }
  override canPublish(_topic: string, _data: unknown): boolean | PromiseLike<boolean> {
    return true;
  }
}

const SETTINGS = {
  topics: { "log/*": { history: 10 }, "room/*": { presence: true }, small: { maxBytes: 100 } },
};

function appOf(handler: typeof TopicStreamHandler = Open): Application {
  return new Application([["/topics/(.*)", handler]], SETTINGS);
}

function text(position: Position | undefined): string {
  return `${position?.epoch}.${position?.offset}`;
}

const EVENTS = { accept: "text/event-stream" };
const JSON_TYPE = { "content-type": "application/json" };

async function streamOf(fetch: Fetch, path: string, headers = {}): Promise<EventReader> {
  return new EventReader(await fetch(path, { headers: { ...EVENTS, ...headers } }));
}

async function json(response: Response | Promise<Response>): Promise<Record<string, unknown>> {
  const answer = await response;
  assertEquals(answer.status, 200);
  return await answer.json();
}

// ---- JSON

Deno.test("GET gives the position, and after it what has come since", async () => {
  const app = appOf();
  await using server = serve(app);
  const get = (query = "") => json(fetch(`${server.origin}/topics/log/a${query}`));
  const { position, messages } = await get();
  assertMatch(String(position), /^\w+\.0$/);
  assertEquals(messages, []);
  const first = text(await app.publish("log/a", { n: 1 }));
  const second = text(await app.publish("log/a", new Uint8Array([1])));
  assertEquals(await get(`?after=${position}`), {
    position: second,
    recovered: true,
    messages: [{ position: first, data: { n: 1 } }, { position: second, base64: "AQ==" }],
  });
  assertEquals(await get(`?last=1`), {
    position: second,
    messages: [{ position: second, base64: "AQ==" }],
  });
  assertEquals(await get(`?after=${second}`), { position: second, recovered: true, messages: [] });
  assertEquals(await get(`?after=other.1`), { position: second, recovered: false, messages: [] });
  assertEquals(await get(`?after=${second}0`), {
    position: second,
    recovered: false,
    messages: [],
  });
});

Deno.test("GET with wait answers with the next message", async () => {
  const app = appOf();
  await using server = serve(app);
  const { position } = await json(fetch(`${server.origin}/topics/log/a`));
  const waiting = fetch(`${server.origin}/topics/log/a?after=${position}&wait=10000`);
  assert(await poll(() => app.subscribers("log/a") === 1));
  const published = text(await app.publish("log/a", "x"));
  assertEquals(await json(waiting), {
    position: published,
    recovered: true,
    messages: [{ position: published, data: "x" }],
  });
  assertEquals(app.subscribers("log/a"), 0);
});

Deno.test("GET with wait gives up when its time is over", async () => {
  class Hasty extends Open {
    override get maxWait() {
      return 20;
    }
  }
  await using server = serve(appOf(Hasty));
  const { position } = await json(fetch(`${server.origin}/topics/log/a`));
  assertEquals(await json(fetch(`${server.origin}/topics/log/a?after=${position}&wait=999999`)), {
    position,
    recovered: true,
    messages: [],
  });
});

Deno.test("GET that waits ends when the server shuts down, and when the client leaves", async () => {
  const app = appOf();
  const server = serve(app);
  const { position } = await json(fetch(`${server.origin}/topics/log/a`));
  const url = `${server.origin}/topics/log/a?after=${position}&wait=60000`;
  const leaver = new AbortController();
  const left = fetch(url, { signal: leaver.signal }).then(() => "answered", () => "left");
  assert(await poll(() => app.subscribers("log/a") === 1));
  leaver.abort();
  assertEquals(await left, "left");
  assert(await poll(() => app.subscribers("log/a") === 0));
  const waiting = json(fetch(url));
  assert(await poll(() => app.subscribers("log/a") === 1));
  await server.server.shutdown();
  assertEquals(await waiting, { position, recovered: true, messages: [] });
});

bothWays("bad requests are refused", () => appOf(), async (fetch) => {
  const gets: [path: string, status: number][] = [
    ["/topics/log/a?after=1", 400],
    ["/topics/log/a?after=", 400],
    ["/topics/log/a?after=x.-1", 400],
    [`/topics/log/a?after=${"x".repeat(1_000)}.1`, 400],
    ["/topics/log/a?last=-1", 400],
    ["/topics/log/a?last=1e3", 400],
    ["/topics/log/a?wait=soon", 400],
    ["/topics/", 404],
    [`/topics/${"x".repeat(257)}`, 404],
    ["/topics/%00session/x", 404],
    ["/topics/plain", 404],
  ];
  for (const [path, status] of gets) {
    assertEquals([path, (await fetch(path)).status], [path, status]);
  }
  const id = await fetch("/topics/log/a", { headers: { ...EVENTS, "last-event-id": "nonsense" } });
  assertEquals(id.status, 400);
});

bothWays(
  "nobody may read or publish unless the class says so",
  () => appOf(TopicStreamHandler),
  async (fetch) => {
    const post = { method: "POST", headers: JSON_TYPE, body: '"x"' };
    const requests: RequestInit[] = [{}, { headers: EVENTS }, { method: "HEAD" }, post];
    for (const init of requests) assertEquals((await fetch("/topics/log/a", init)).status, 403);
  },
);

// ---- POST

bothWays("POST publishes, and twice with the same number once", () => appOf(), async (fetch) => {
  const post = (body: BodyInit, headers: Record<string, string> = {}) =>
    fetch("/topics/log/a", { method: "POST", headers: { ...JSON_TYPE, ...headers }, body });
  const producer = { "topic-producer": "me", "topic-number": "1" };
  const first = await json(post('{"n":1}', producer));
  assertEquals(await json(post('{"n":1}', producer)), first);
  await post('"two"', { ...producer, "topic-number": "2" });
  await post("\x01", { "content-type": "application/octet-stream" });
  const { messages } = await json(fetch("/topics/log/a?last=10"));
  assert(Array.isArray(messages));
  assertEquals(messages.map(({ data, base64 }) => data ?? base64), [{ n: 1 }, "two", "AQ=="]);
});

bothWays("POST of anything else is refused", () => appOf(), async (fetch) => {
  const posts: [topic: string, body: string, headers: Record<string, string>, status: number][] = [
    ["log/a", "{", JSON_TYPE, 400],
    ["log/a", "5", JSON_TYPE, 400],
    ["log/a", "null", JSON_TYPE, 400],
    ["log/a", "", JSON_TYPE, 400],
    ["log/a", "[".repeat(2_000) + "]".repeat(2_000), JSON_TYPE, 400],
    ["log/a", '"x"', { "content-type": "text/plain" }, 415],
    ["log/a", '"x"', { ...JSON_TYPE, "topic-producer": "me" }, 400],
    ["log/a", '"x"', { ...JSON_TYPE, "topic-number": "1" }, 400],
    ["log/a", '"x"', { ...JSON_TYPE, "topic-producer": "me", "topic-number": "0" }, 400],
    ["log/a", '"x"', { ...JSON_TYPE, "topic-producer": "a b", "topic-number": "1" }, 400],
    ["log/a", '"x"', { ...JSON_TYPE, "topic-producer": "x".repeat(129), "topic-number": "1" }, 400],
    ["small", `"${"x".repeat(200)}"`, JSON_TYPE, 413],
  ];
  for (const [topic, body, headers, status] of posts) {
    const response = await fetch(`/topics/${topic}`, { method: "POST", headers, body });
    assertEquals([body, headers, response.status], [body, headers, status]);
  }
});

bothWays("POST to a plain topic has no position", () => appOf(), async (fetch) => {
  for (const body of ['"x"', '\ufeff"x"']) {
    const init = { method: "POST", headers: JSON_TYPE, body };
    assertEquals(await json(fetch("/topics/plain", init)), {});
  }
});

bothWays("HEAD answers as GET, and does not wait", () => appOf(), async (fetch) => {
  const plain = await fetch("/topics/log/a?wait=60000", { method: "HEAD" });
  assertEquals([plain.status, plain.headers.get("content-type")], [200, "application/json"]);
  const events = await fetch("/topics/log/a", { method: "HEAD", headers: EVENTS });
  assertEquals([events.status, events.headers.get("content-type")], [200, "text/event-stream"]);
});

Deno.test("POST needs the XSRF token where the application asks for it", async () => {
  using records = captureLogs();
  const app = new Application([["/topics/(.*)", Open]], { ...SETTINGS, xsrfCookies: true });
  await using server = serve(app);
  const response = await fetch(`${server.origin}/topics/log/a`, {
    method: "POST",
    headers: JSON_TYPE,
    body: '"x"',
  });
  await response.body?.cancel();
  assertEquals(response.status, 403);
  await expectLog(records, "warning", /_xsrf/);
});

Deno.test("lost broker is a 503 with Retry-After", async () => {
  using records = captureLogs();
  const engine = new SharedEngine();
  const broker = engine.broker();
  await using server = serve(new Application([["/topics/(.*)", Open]], { ...SETTINGS, broker }));
  await json(fetch(`${server.origin}/topics/log/a`));
  engine.isLost = true;
  const post = { method: "POST", headers: JSON_TYPE, body: '"x"' };
  for (const init of [{}, { headers: EVENTS }, post]) {
    const response = await fetch(`${server.origin}/topics/log/b`, init);
    await response.body?.cancel();
    assertEquals([response.status, response.headers.get("retry-after")], [503, "1"]);
  }
  for (let i = 0; i < 3; i++) await expectLog(records, "warning", /503/);
});

// ---- events

Deno.test("event stream begins with its position, and has the messages as events", async () => {
  const app = appOf();
  await using server = serve(app);
  const get: Fetch = (path, init) => fetch(server.origin + path, init);
  await using events = await streamOf(get, "/topics/log/a");
  const subscribed = await events.next();
  const position = subscribed?.id ?? "";
  const data = JSON.stringify({ position });
  assertEquals(subscribed, { event: "subscribed", id: position, data });
  const epoch = position.split(".")[0];
  await app.publish("log/a", { n: 1 });
  await app.publish("log/a", "a\nb");
  assertEquals(await events.next(), { id: `${epoch}.1`, data: '{"n":1}' });
  assertEquals(await events.next(), { id: `${epoch}.2`, data: '"a\\nb"' });
});

Deno.test("event stream that comes back has what it missed", async () => {
  const app = appOf();
  await using server = serve(app);
  const first = text(await app.publish("log/a", "1"));
  const second = text(await app.publish("log/a", new Uint8Array([2])));
  const get: Fetch = (path, init) => fetch(server.origin + path, init);
  await using events = await streamOf(get, "/topics/log/a?after=other.1", {
    "last-event-id": first,
  });
  assertEquals(await events.next(), {
    event: "subscribed",
    id: first,
    data: JSON.stringify({ position: first, recovered: true }),
  });
  assertEquals(await events.next(), { event: "bytes", id: second, data: "Ag==" });
  await using refused = await streamOf(get, "/topics/log/a?after=other.1");
  assertEquals(await refused.next(), {
    event: "subscribed",
    id: second,
    data: JSON.stringify({ position: second, recovered: false }),
  });
});

Deno.test("the runtime's own EventSource recovers what it has missed", async () => {
  class Cut extends Open {
    static current: Cut | undefined;
    override open() {
      Cut.current = this;
      void this.send({ retry: 1 });
    }
  }
  const app = appOf(Cut);
  await using server = serve(app);
  const source = new EventSource(`${server.origin}/topics/log/a`);
  const received: string[] = [];
  source.onmessage = ({ data }) => void received.push(data);
  for (let n = 1; n <= 30; n++) {
    assert(await poll(() => app.subscribers("log/a") === 1));
    if (n % 10 === 0) Cut.current?.close();
    await app.publish("log/a", { n });
  }
  assert(await poll(() => received.length >= 30));
  source.close();
  assertEquals(received, Array.from({ length: 30 }, (_, i) => `{"n":${i + 1}}`));
  assert(await poll(() => app.subscribers("log/a") === 0));
});

Deno.test("plain topic is an event stream without positions", async () => {
  const app = appOf();
  await using server = serve(app);
  const get: Fetch = (path, init) => fetch(server.origin + path, init);
  {
    await using events = await streamOf(get, "/topics/plain");
    assertEquals(await events.next(), { event: "subscribed", data: "{}" });
    app.publish("plain", { n: 1 });
    app.publish("plain", "x");
    app.publish("plain", new Uint8Array([1]));
    assertEquals(await events.next(), { data: '{"n":1}' });
    assertEquals(await events.next(), { data: '"x"' });
    assertEquals(await events.next(), { event: "bytes", data: "AQ==" });
  }
  assert(await poll(() => app.subscribers("plain") === 0));
});

Deno.test("event stream with presence tells who is there, who comes and who leaves", async () => {
  class Named extends Open {
    override getPresence() {
      const id = this.getQueryArgument("name", null);
      return id === null ? null : { id, info: { name: id } };
    }
  }
  const app = appOf(Named);
  await using server = serve(app);
  const get: Fetch = (path, init) => fetch(server.origin + path, init);
  await using ada = await streamOf(get, "/topics/room/1?presence&name=ada");
  assertEquals((await ada.next())?.event, "subscribed");
  const members = [{ id: "ada", info: { name: "ada" } }];
  assertEquals(await ada.next(), { event: "present", data: JSON.stringify({ members }) });
  await using _bob = await streamOf(get, "/topics/room/1?name=bob");
  const member = { id: "bob", info: { name: "bob" } };
  assertEquals(await ada.next(), { event: "joined", data: JSON.stringify({ member }) });
  assertEquals((await app.presence("room/1")).map(({ id }) => id).sort(), ["ada", "bob"]);
});

Deno.test("hook open runs after the subscription, and may send events of its own", async () => {
  class Greeting extends Open {
    override async open() {
      await this.send({ event: "hello", data: "you" });
    }
  }
  await using server = serve(appOf(Greeting));
  const get: Fetch = (path, init) => fetch(server.origin + path, init);
  await using events = await streamOf(get, "/topics/log/a");
  assertEquals((await events.next())?.event, "subscribed");
  assertEquals(await events.next(), { event: "hello", data: "you" });
});

Deno.test("hook that fails is a 500", async () => {
  class Broken extends TopicStreamHandler {
    override canSubscribe(): boolean {
      throw new Error("broken");
    }
  }
  using records = captureLogs();
  await using server = serve(appOf(Broken));
  const response = await fetch(`${server.origin}/topics/log/a`, { headers: EVENTS });
  await response.body?.cancel();
  assertEquals(response.status, 500);
  await expectLog(records, "error", /broken/);
});

for (
  const [kind, path, headers] of [
    ["an event stream", "log/a", EVENTS],
    ["an event stream of a plain topic", "plain", EVENTS],
    ["a request that would wait", "log/a?wait=60000", {}],
  ] as const
) {
  Deno.test(`client that leaves while canSubscribe is asked leaves no trace: ${kind}`, async () => {
    const asked = Promise.withResolvers<AbortSignal>();
    const answer = Promise.withResolvers<boolean>();
    class Slow extends Open {
      override canSubscribe() {
        asked.resolve(this.signal);
        return answer.promise;
      }
    }
    const app = appOf(Slow);
    await using server = serve(app);
    const leaving = new AbortController();
    const init = { headers, signal: leaving.signal };
    const left = fetch(`${server.origin}/topics/${path}`, init).catch(() => null);
    const signal = await asked.promise;
    leaving.abort();
    assertEquals(await left, null);
    assert(await poll(() => signal.aborted));
    answer.resolve(true);
    // What would follow the topic does so within a few turns of the loop.
    await app.publish("log/b", "x");
    await new Promise((resolve) => setTimeout(resolve, 20));
    assertEquals([app.subscribers("log/a"), app.subscribers("plain")], [0, 0]);
  });
}
