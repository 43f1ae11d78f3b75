import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { ChatApplication } from "../../examples/chat/chat_application.ts";
import { MessageRate } from "../../examples/chat/message_rate.ts";
import {
  cleanName,
  cleanText,
  type Entry,
  MAX_TEXT_LENGTH,
  parseSaying,
  type Person,
  ROOM,
  TYPING,
  type Welcome,
} from "../../examples/chat/protocol.ts";
import { CHAT_ARGUMENTS, startChat } from "../support/chat_server.ts";
import { NatsEngine } from "../support/nats_engine.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { bothWays, serve } from "../support/serve.ts";
import { serviceTest, startRedis } from "../support/services.ts";
import { type ServerLine, TopicClient } from "../support/topic_client.ts";

// ---- the page

bothWays("chat page allows nothing but the files of the chat", () => new ChatApplication(), async (
  fetch,
) => {
  const response = await fetch("/");
  const { headers } = response;
  assertEquals(response.status, 200);
  assertEquals(headers.get("content-type"), "text/html; charset=UTF-8");
  assertEquals(
    headers.get("content-security-policy"),
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
      "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
      "connect-src 'self'",
  );
  assertEquals(headers.get("x-content-type-options"), "nosniff");
  assertEquals(headers.get("referrer-policy"), "same-origin");
  assertEquals(headers.get("cache-control"), "no-cache");
  const page = await response.text();
  assertEquals(page.match(/<script[^>]*>[^<]|<style|\sstyle=|\son\w+=/g), null);
  assertEquals(page.match(/(?:src|href)="(?!\/static\/|\/topic-client\.js\?)[^"]*"/g), null);
});

bothWays("chat files have versions and may be kept for ever", () => new ChatApplication(), async (
  fetch,
) => {
  const page = await (await fetch("/")).text();
  const urls = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? "");
  assertEquals(new Set(urls).size, 5);
  for (const url of urls) {
    assertMatch(url, /^\/(?:static\/[a-z]+|topic-client)\.(?:css|js|svg)\?v=[\w-]+$/);
    const response = await fetch(url);
    assertEquals(response.status, 200);
    assertMatch(response.headers.get("cache-control") ?? "", /immutable/);
  }
});

bothWays(
  "chat page is answered with 304 when it has not changed",
  () => new ChatApplication(),
  async (
    fetch,
  ) => {
    const etag = (await fetch("/")).headers.get("etag") ?? "";
    assertEquals((await fetch("/", { headers: { "if-none-match": etag } })).status, 304);
  },
);

Deno.test("chat files load nothing from elsewhere", async () => {
  const directory = new URL("../../examples/chat/static/", import.meta.url);
  for await (const { name } of Deno.readDir(directory)) {
    const text = await Deno.readTextFile(new URL(name, directory));
    assertEquals(
      text.replace("http://www.w3.org/2000/svg", "").match(/\/\/[\w-]+\.\w|@import/),
      null,
    );
  }
});

// ---- the room

Deno.test("who comes in is told who they are, who is here and what was said", async () => {
  await using server = serve(new ChatApplication());
  await using ada = await Visitor.join(server.port, " Ada \t Lovelace ");
  const { id, ...rest } = ada.you;
  assertEquals([id, rest], [ada.session, { name: "Ada Lovelace", address: "127.0.0.1" }]);
  assertEquals(ada.subscribed.members, [{ id, info: rest }]);
  ada.say("hello ");
  const said = await ada.entry();
  assertEquals([said.person, said.text], [ada.you, "hello"]);
  assert(Math.abs(Date.parse(said.time) - Date.now()) < 60_000);
  assertEquals((await ada.client.next("ack")).position, ada.position);

  await using bob = await Visitor.join(server.port, "Bob");
  assertEquals(bob.subscribed.members, [ada, bob].map(({ member }) => member));
  assertEquals(await bob.entry(), said);
  assertEquals((await ada.client.next("joined")).member, bob.member);
});

Deno.test("who comes back is the same person, and misses nothing", async () => {
  await using server = serve(new ChatApplication());
  await using bob = await Visitor.join(server.port, "Bob");
  const ada = await Visitor.join(server.port, "Ada");
  await bob.client.next("joined");
  ada.say("one");
  await ada.entry();
  await ada.client.close();
  assertEquals((await bob.entry()).text, "one");
  bob.say("two");
  const missed = await bob.entry();
  await using back = await Visitor.join(server.port, "Ada", {
    token: ada.token,
    after: ada.position,
  });
  assertEquals([back.you, back.subscribed.recovered], [ada.you, true]);
  assertEquals(await back.entry(), missed);
  assertEquals((await bob.client.next()).type, "ack");
});

Deno.test("what a page sends again is said once", async () => {
  await using server = serve(new ChatApplication());
  const ada = await Visitor.join(server.port, "Ada");
  ada.say("once");
  await ada.client.close();
  await using back = await Visitor.join(server.port, "Ada", { token: ada.token });
  back.say("once");
  back.say("twice", 11);
  assertEquals([(await back.entry()).text, (await back.entry()).text], ["once", "twice"]);
});

Deno.test("the room keeps the last 200 messages", async () => {
  const app = new ChatApplication();
  await using server = serve(app);
  for (let number = 1; number <= 250; number++) await app.publish(ROOM, { text: `${number}` });
  await using ada = await Visitor.join(server.port, "Ada");
  const first = await ada.entry();
  let last = first;
  for (let number = 2; number <= 200; number++) last = await ada.entry();
  assertEquals([first.text, last.text], ["51", "250"]);
});

Deno.test("who types is told to those who are there", async () => {
  await using server = serve(new ChatApplication());
  await using ada = await Visitor.join(server.port, "Ada");
  ada.client.send({ type: "subscribe", id: 2, topic: TYPING });
  await ada.client.next("subscribed");
  // What a page says of it counts for nothing.
  ada.client.send({ type: "publish", id: 3, topic: TYPING, data: { id: "x", name: "Eve" } });
  assertEquals((await ada.client.next("message")).data, ada.you);
});

for (const name of ["", "  ", "x".repeat(25), "\u200b\u0000"]) {
  Deno.test(`the room closes with 4400 on the name ${JSON.stringify(name)}`, async () => {
    await using server = serve(new ChatApplication());
    const path = `/room?name=${encodeURIComponent(name)}`;
    const client = await TopicClient.connect(server.port, { path });
    const { code, reason } = await client.closed();
    assertEquals(code, 4400);
    assertMatch(reason ?? "", /^(Tell us what to call you|A name has 24 characters at most)\.$/);
  });
}

Deno.test("the room answers 400 to a name that is not UTF-8", async () => {
  await using server = serve(new ChatApplication());
  using socket = await RawWebSocket.connect(server.port, "/room?name=%ff");
  assertEquals(socket.response.status, 400);
});

Deno.test("the room answers what it does not take with an error, and goes on", async () => {
  await using server = serve(new ChatApplication());
  await using ada = await Visitor.join(server.port, "Ada");
  const cases: readonly [code: number, request: Record<string, unknown>][] = [
    [403, { type: "subscribe", topic: "elsewhere" }],
    [403, { type: "publish", topic: "elsewhere", data: { key: "k", text: "hi" } }],
    [404, { type: "message", data: "hi" }],
    [400, { type: "publish", topic: ROOM, data: "" }],
    [400, { type: "publish", topic: ROOM, data: ["hi"] }],
    [400, { type: "publish", topic: ROOM, base64: "e30=" }],
    [400, { type: "publish", topic: ROOM, data: { text: "no key" } }],
    [400, { type: "publish", topic: ROOM, data: { key: "k", text: " \u200b" } }],
    [400, { type: "publish", topic: ROOM, data: { key: "k", text: { toString: 1 } } }],
    [400, { type: "publish", topic: ROOM, data: { key: "k".repeat(65), text: "hi" } }],
    [400, { type: "publish", topic: ROOM, data: { key: "k", text: "x".repeat(2_001) } }],
  ];
  for (const [index, [code, request]] of cases.entries()) {
    const answer = await ada.client.ask({ ...request, id: index + 2 });
    assertEquals([answer.type, answer.code], ["error", code], JSON.stringify(request));
  }
  ada.say("well", 20);
  const { key, text, person } = await ada.entry();
  assertEquals([key, text, person], ["20", "well", ada.you]);
});

Deno.test("the room refuses pages of other sites", async () => {
  await using server = serve(new ChatApplication());
  using socket = await RawWebSocket.connect(server.port, "/room?name=Eve", {
    headers: { Origin: "https://elsewhere.example" },
  });
  assertEquals(socket.response.status, 403);
});

Deno.test("who writes too fast is asked to wait, and cut off who does not", async () => {
  await using server = serve(new ChatApplication({ messageRate: { burst: 2, perSecond: 0 } }));
  await using ada = await Visitor.join(server.port, "Ada");
  for (const id of [10, 11]) {
    ada.say("one", id);
    await ada.entry();
    await ada.client.next("ack");
  }
  for (let id = 12; id < 62; id++) {
    ada.say("two", id);
    const { code, message } = await ada.client.next("error");
    assertEquals([code, message], [429, "That was a bit fast. Wait a moment."]);
  }
  ada.say("two", 62);
  assertEquals((await ada.client.closed()).code, 4429);
});

Deno.test("a message rate lets a burst pass, and then as many as time allows", () => {
  const rate = new MessageRate({ burst: 3, perSecond: 2 }, 1_000);
  assertEquals([1, 2, 3, 4].map(() => rate.allows(1_000)), [true, true, true, false]);
  assertEquals([1_499, 1_500, 1_501].map((now) => rate.allows(now)), [false, true, false]);
  assertEquals([1, 2, 3, 4].map(() => rate.allows(9_000)), [true, true, true, false]);
});

// ---- what is said

Deno.test("names are one line, texts keep their lines, and neither hides characters", () => {
  assertEquals(cleanName("  Ada\n\tLovelace\u202e "), "Ada Lovelace");
  assertEquals(cleanText(" a \r\nb\rc\u0000\u2066d\n\n"), "a\nb\ncd");
  assertEquals(cleanText("👩‍🚀 ok"), "👩‍🚀 ok");
});

Deno.test("a message is read, or it is null: whatever a page publishes", () => {
  fc.assert(fc.property(fc.oneof(fc.array(fc.anything()), fc.uint8Array()), (data) => {
    assertEquals(parseSaying(data), null);
  }));
  const saying = fc.record({
    key: fc.oneof(fc.string({ maxLength: 80 }), fc.anything()),
    text: fc.oneof(fc.string({ unit: "binary", maxLength: 2_500 }), fc.anything()),
  });
  fc.assert(fc.property(saying, (data) => {
    const parsed = parseSaying(data);
    if (parsed === null) return;
    const { key, text } = parsed;
    assert(key === data.key && key.length <= 64);
    assertEquals(parseSaying(data.text)?.text, text);
    assert(text !== "" && text === text.trim() && text.length <= MAX_TEXT_LENGTH);
    // deno-lint-ignore no-control-regex -- what must not be there
    assert(!/[\x00-\x09\x0b-\x1f\u202e]/.test(text));
  }));
});

// ---- the program

Deno.test("the chat says in one line that its port is in use, and ends with 1", async () => {
  await using chat = await startChat();
  const { code, stderr } = await run(`${chat.port}`);
  assertEquals([code, stderr], [
    1,
    `Cannot listen on port ${chat.port}: another program does; set PORT to a free one\n`,
  ]);
});

Deno.test("the chat says in one line that PORT is no port, and ends with 1", async () => {
  for (const port of ["65536", "http", "", "-1"]) {
    const { code, stderr } = await run(port);
    assertEquals([code, stderr.trimEnd().split("\n").length], [1, 1]);
    assertStringIncludes(stderr, `Cannot listen on port "${port}"`);
  }
});

Deno.test("the chat says in one line what of BROKER it cannot use, and ends with 1", async () => {
  const refused = [
    [{ BROKER: "redis://127.0.0.1:1" }, "Cannot share a room without COOKIE_SECRET"],
    [
      { BROKER: "amqp://user:hunter2@host", COOKIE_SECRET: "secret" },
      "Cannot use BROKER: it must",
    ],
    [{ BROKER: "nonsense", COOKIE_SECRET: "secret" }, "Cannot use BROKER: it must"],
    [{ BROKER: "redis://", COOKIE_SECRET: "secret" }, "Cannot use"],
  ] as const;
  for (const [env, start] of refused) {
    const { code, stderr } = await run("0", env);
    assertEquals([code, stderr.trimEnd().split("\n").length], [1, 1], stderr);
    assertStringIncludes(stderr, start);
    assert(!stderr.includes("hunter2"));
  }
});

for (const service of ["redis-server", "nats-server"] as const) {
  serviceTest(service, "two processes of the chat are one room", async () => {
    await using broker = service === "redis-server" ? await startRedis() : await NatsEngine.start();
    const scheme = service === "redis-server" ? "redis" : "nats";
    const env = { BROKER: `${scheme}://127.0.0.1:${broker.port}`, COOKIE_SECRET: "a secret" };
    await using one = await startChat({ env });
    await using two = await startChat({ env });
    await using ada = await Visitor.join(one.port, "Ada");
    const bob = await Visitor.join(two.port, "Bob");
    assertEquals((await ada.client.next("joined")).member, bob.member);
    assert(Array.isArray(bob.subscribed.members));
    assertEquals(
      new Set(bob.subscribed.members),
      new Set([ada, bob].map(({ member }) => member)),
    );
    bob.say("hello");
    const said = await bob.entry();
    assertEquals(await ada.entry(), said);
    await bob.client.close();
    await using back = await Visitor.join(one.port, "Bob", { token: bob.token });
    assertEquals([back.you, await back.entry()], [bob.you, said]);
  });
}

/** A client of the room that has come in. */
class Visitor implements AsyncDisposable {
  readonly client: TopicClient;
  readonly you: Person;
  /** How the room answered. */
  readonly subscribed: ServerLine;
  /** Where it is in the room. */
  position: unknown;

  constructor(client: TopicClient, you: Person, subscribed: ServerLine) {
    this.client = client;
    this.you = you;
    this.subscribed = subscribed;
    this.position = subscribed.position;
  }

  static async join(
    port: number,
    name: string,
    { token = null, after }: { readonly token?: string | null; readonly after?: unknown } = {},
  ): Promise<Visitor> {
    const from = after === undefined ? { last: 200 } : { after };
    const client = await TopicClient.connect(port, {
      path: `/room?name=${encodeURIComponent(name)}`,
      token,
      lines: [{ type: "subscribe", id: 1, topic: ROOM, presence: true, ...from }],
    });
    const { data } = await client.next("message");
    assert(isWelcome(data));
    return new Visitor(client, data.you, await client.next("subscribed"));
  }

  get session(): unknown {
    return this.client.welcome.session;
  }

  get token(): string {
    return String(this.client.welcome.token);
  }

  get member(): { id: string; info: { name: string; address: string } } {
    const { id, name, address } = this.you;
    return { id, info: { name, address } };
  }

  say(text: string, id = 10): void {
    this.client.send({ type: "publish", id, topic: ROOM, data: { key: `${id}`, text } });
  }

  /** The next message of the room. */
  async entry(): Promise<Entry> {
    const { type, position, data } = await this.client.next();
    if (type === "ack") return await this.entry();
    this.position = position;
    if (type === "message" && isEntry(data)) return data;
    throw new Error(`Cannot read an entry: got ${type} ${JSON.stringify(data)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}

function isWelcome(data: unknown): data is Welcome {
  return typeof data === "object" && data !== null && "you" in data;
}

function isEntry(data: unknown): data is Entry {
  return typeof data === "object" && data !== null && "text" in data;
}

/** Runs the program, which is expected to end by itself. */
async function run(
  port: string,
  env: Record<string, string> = {},
): Promise<{ code: number; stderr: string }> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...CHAT_ARGUMENTS],
    env: { ...env, PORT: port, NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}
