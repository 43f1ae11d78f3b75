import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { ChatApplication } from "../../examples/chat/chat_application.ts";
import { MessageRate } from "../../examples/chat/message_rate.ts";
import {
  cleanName,
  cleanText,
  type Entry,
  MAX_NAME_LENGTH,
  MAX_TEXT_LENGTH,
  parseClientMessage,
  type ServerMessage,
} from "../../examples/chat/protocol.ts";
import { CHAT_ARGUMENTS, startChat } from "../support/chat_server.ts";
import { OPCODE, RawWebSocket } from "../support/raw_websocket.ts";
import { bothWays, serve } from "../support/serve.ts";

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
  assertEquals(page.match(/(?:src|href)="(?!\/static\/)[^"]*"/g), null);
});

bothWays("chat files have versions and may be kept for ever", () => new ChatApplication(), async (
  fetch,
) => {
  const page = await (await fetch("/")).text();
  const urls = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? "");
  assertEquals(new Set(urls).size, 3);
  for (const url of urls) {
    assertMatch(url, /^\/static\/[a-z]+\.(?:css|js|svg)\?v=[\w-]+$/);
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

Deno.test("who joins is told who they are, who is here and what was said", async () => {
  await using server = serve(new ChatApplication());
  using ada = await Visitor.join(server.port, " Ada \t Lovelace ");
  assertEquals(ada.welcome.you.name, "Ada Lovelace");
  assertEquals(ada.welcome.you.address, "127.0.0.1");
  assertEquals([ada.welcome.people, ada.welcome.history], [[ada.welcome.you], []]);
  assertEquals((await ada.entry()).kind, "joined");
  await ada.say("hello");
  const said = await ada.entry();
  assertEquals([said.kind, said.person, said.text], ["said", ada.welcome.you, "hello"]);
  assert(Math.abs(Date.parse(said.time) - Date.now()) < 60_000);
  using bob = await Visitor.join(server.port, "Bob");
  assertEquals(bob.welcome.people, [ada.welcome.you, bob.welcome.you]);
  assertEquals(bob.welcome.history, [said]);
});

Deno.test("who leaves is seen off by the others, and who never joined is not", async () => {
  const app = new ChatApplication();
  await using server = serve(app);
  using ada = await Visitor.join(server.port, "Ada");
  assertEquals((await ada.entry()).kind, "joined");
  using silent = await RawWebSocket.connect(server.port, "/room");
  await silent.close();
  const bob = await Visitor.join(server.port, "Bob");
  assertEquals((await ada.entry()).person.name, "Bob");
  bob[Symbol.dispose]();
  const left = await ada.entry();
  assertEquals([left.kind, left.person.name, left.text], ["left", "Bob", ""]);
  assertEquals(app.room.people.map(({ name }) => name), ["Ada"]);
});

Deno.test("the room keeps the last 200 messages, and no comings and goings", () => {
  const { room } = new ChatApplication();
  const person = { id: "1", name: "Ada", address: "192.0.2.1" };
  room.join(person);
  for (let number = 1; number <= 250; number++) room.say(person, `${number}`);
  room.leave(person);
  assertEquals(room.history.length, 200);
  assertEquals([room.history.at(0)?.text, room.history.at(-1)?.text], ["51", "250"]);
});

for (
  const [what, message] of [
    ["text that is not JSON", "hello"],
    ["bytes", new Uint8Array([123, 125])],
    ["null", "null"],
    ["an array", "[]"],
    ["an unknown type", '{"type":"__proto__"}'],
    ["a message of somebody who has not joined", '{"type":"say","text":"hi"}'],
    ["a name that is too long", JSON.stringify({ type: "join", name: "x".repeat(25) })],
    ["a name that cannot be seen", JSON.stringify({ type: "join", name: " \u200b\u0000" })],
    ["a name that is no text", '{"type":"join","name":{"toString":1}}'],
  ] as const
) {
  Deno.test(`the room closes with 1008 on ${what}`, async () => {
    await using server = serve(new ChatApplication());
    using socket = await RawWebSocket.connect(server.port, "/room");
    await socket.send(typeof message === "string" ? OPCODE.text : OPCODE.binary, message);
    assertEquals((await socket.receive())?.closeCode, 1008);
  });
}

Deno.test("the room closes with 1008 on a second join and on a text that is too long", async () => {
  await using server = serve(new ChatApplication());
  for (const bad of [{ type: "join", name: "Eve" }, { type: "say", text: "x".repeat(2_001) }]) {
    using ada = await Visitor.join(server.port, "Ada");
    await ada.entry();
    await ada.socket.send(OPCODE.text, JSON.stringify(bad));
    assertEquals((await ada.socket.receive())?.closeCode, 1008);
  }
});

Deno.test("the room refuses pages of other sites", async () => {
  await using server = serve(new ChatApplication());
  using socket = await RawWebSocket.connect(server.port, "/room", {
    headers: { Origin: "https://elsewhere.example" },
  });
  assertEquals(socket.response.status, 403);
});

Deno.test("who writes too fast is asked to wait, and cut off who does not", async () => {
  await using server = serve(new ChatApplication({ messageRate: { burst: 2, perSecond: 0 } }));
  using ada = await Visitor.join(server.port, "Ada");
  await ada.entry();
  await ada.say("one");
  assertEquals((await ada.entry()).text, "one");
  for (let number = 1; number <= 50; number++) {
    await ada.say("two");
    const { type, ...rest } = await ada.next();
    assertEquals([type, rest], ["refused", {
      reason: "That was a bit fast. Wait a moment.",
      text: "two",
    }]);
  }
  await ada.say("two");
  assertEquals((await ada.socket.receive())?.closeCode, 1008);
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

Deno.test("a message is read, or it is null: whatever a client sends", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), (message) => {
    assertEquals(parseClientMessage(message), null);
  }));
  const typed = fc.record({
    type: fc.constantFrom("join", "say"),
    name: fc.oneof(fc.string({ unit: "binary", maxLength: 40 }), fc.anything()),
    text: fc.oneof(fc.string({ unit: "binary", maxLength: 2_500 }), fc.anything()),
  });
  fc.assert(fc.property(typed, (message) => {
    const parsed = parseClientMessage(JSON.stringify(message));
    const text = parsed?.type === "join" ? parsed.name : parsed?.text ?? "-";
    assert(text !== "" && text === text.trim());
    assert(text.length <= (parsed?.type === "join" ? MAX_NAME_LENGTH : MAX_TEXT_LENGTH));
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

/** A client of the room that has joined. */
class Visitor implements Disposable {
  readonly socket: RawWebSocket;
  readonly welcome: ServerMessage & { readonly type: "welcome" };

  constructor(socket: RawWebSocket, welcome: ServerMessage & { readonly type: "welcome" }) {
    this.socket = socket;
    this.welcome = welcome;
  }

  static async join(port: number, name: string): Promise<Visitor> {
    const socket = await RawWebSocket.connect(port, "/room");
    await socket.send(OPCODE.text, JSON.stringify({ type: "join", name }));
    const welcome = await receive(socket);
    if (welcome.type === "welcome") return new Visitor(socket, welcome);
    throw new Error(`Cannot join: got ${JSON.stringify(welcome)}`);
  }

  say(text: string): Promise<void> {
    return this.socket.send(OPCODE.text, JSON.stringify({ type: "say", text }));
  }

  next(): Promise<ServerMessage> {
    return receive(this.socket);
  }

  async entry(): Promise<Entry> {
    const message = await this.next();
    if (message.type === "entry") return message.entry;
    throw new Error(`Cannot read an entry: got ${JSON.stringify(message)}`);
  }

  [Symbol.dispose](): void {
    this.socket[Symbol.dispose]();
  }
}

async function receive(socket: RawWebSocket): Promise<ServerMessage> {
  return JSON.parse((await socket.receive())?.text ?? "null");
}

/** Runs the program, which is expected to end by itself. */
async function run(port: string): Promise<{ code: number; stderr: string }> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...CHAT_ARGUMENTS],
    env: { PORT: port, NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}
