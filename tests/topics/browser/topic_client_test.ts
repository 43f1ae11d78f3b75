import { assert, assertEquals, assertGreater, assertRejects, assertThrows } from "@std/assert";
import { TopicClient } from "../../../src/topics/browser/topic_client.ts";
import type { TopicClientOptions } from "../../../src/topics/browser/topic_client_options.ts";
import { TopicError } from "../../../src/topics/browser/topic_error.ts";
import { TopicSubscription } from "../../../src/topics/browser/topic_subscription.ts";
import { poll } from "../../support/poll.ts";
import { heard, ScriptedTopics } from "../../support/scripted_topics.ts";

/** Attempts follow each other quickly. */
const QUICK: TopicClientOptions = { maxDelay: 20 };

async function until(condition: () => boolean): Promise<void> {
  assert(await poll(condition), `never came true: ${condition}`);
}

/** A client that has subscribed to `t`, whose position is `e.5`. */
async function subscribed(server: ScriptedTopics, options: TopicClientOptions = QUICK) {
  const client = new TopicClient(server.url, options);
  const topic = client.subscribe("t");
  const connection = await server.welcome();
  const { id } = await connection.expect("subscribe", { topic: "t" });
  connection.send({ type: "subscribed", id, topic: "t", position: "e.5" });
  await until(() => topic.position === "e.5");
  return { client, topic, connection };
}

function message(position: string, data: unknown) {
  return { type: "message", topic: "t", position, data };
}

// ---- connecting

Deno.test("greeting, subscriptions and publications go in one frame", async () => {
  await using server = new ScriptedTopics();
  using client = new TopicClient(server.url);
  client.subscribe("a", { last: 3, presence: true });
  client.subscribe("b", { after: "e.1", last: 3 });
  client.publish("a", { text: "hi" });
  const connection = await server.connection();
  const hello = await connection.expect("hello");
  assertEquals("token" in hello, false);
  const a = { id: 1, topic: "a", last: 3, presence: true, after: undefined };
  await connection.expect("subscribe", a);
  await connection.expect("subscribe", { id: 2, topic: "b", after: "e.1", last: undefined });
  await connection.expect("publish", { id: 3, topic: "a", data: { text: "hi" } });
  assertEquals(connection.frames, [4]);
});

Deno.test("a client tells how it is", async () => {
  await using server = new ScriptedTopics();
  using client = new TopicClient(server.url, QUICK);
  const events = heard(client, "open", "close");
  const states: string[] = [client.state];
  client.addEventListener("state", () => states.push(client.state));
  (await server.welcome()).close(4000);
  await server.welcome(2, { resumed: true });
  await until(() => events.length === 3);
  assertEquals(events, [
    ["open", { resumed: false }],
    ["close", { code: 4000, reason: "" }],
    ["open", { resumed: true }],
  ]);
  client.close();
  assertEquals(states, ["connecting", "open", "waiting", "connecting", "open", "closed"]);
});

Deno.test("a client that comes back gives the newest token, or says that it has none", async () => {
  await using server = new ScriptedTopics();
  using _client = new TopicClient(server.url, QUICK);
  const first = await server.connection(1);
  await first.expect("hello", { token: undefined });
  first.close(1011);
  const second = await server.welcome(2);
  second.send({ type: "token", token: "t2" });
  second.close(4000);
  const third = await server.connection(3);
  await third.expect("hello", { token: "t2" });
});

Deno.test("a URL that is none is an error at once", () => {
  assertThrows(() => new TopicClient("/topics"), TypeError);
});

Deno.test("where there is no WebSocket, the error names the option", () => {
  const { WebSocket } = globalThis;
  try {
    Reflect.deleteProperty(globalThis, "WebSocket");
    assertThrows(() => new TopicClient("ws://localhost/"), TypeError, "the option WebSocket");
  } finally {
    globalThis.WebSocket = WebSocket;
  }
});

// ---- subscriptions

Deno.test("messages come with their positions, several in a frame, bytes as bytes", async () => {
  await using server = new ScriptedTopics();
  const { client, topic, connection } = await subscribed(server);
  using _ = client;
  const events = heard(topic, "message");
  const bytes = { type: "message", topic: "t", position: "e.8", base64: "AP+A" };
  connection.send(message("e.6", { text: "hi" }), message("e.7", null), bytes);
  await until(() => events.length === 3);
  assertEquals(events, [
    ["message", { text: "hi" }, "e.6"],
    ["message", null, "e.7"],
    ["message", Uint8Array.of(0, 255, 128), "e.8"],
  ]);
  assertEquals(topic.position, "e.8");
});

Deno.test("a message that came already is dropped", async () => {
  await using server = new ScriptedTopics();
  const { client, topic, connection } = await subscribed(server);
  using _ = client;
  const events = heard(topic, "message");
  connection.send(message("e.5", "old"), message("e.6", "new"), message("e.6", "again"));
  connection.send(message("e.10", "ten"), message("e.9", "nine"), message("f.1", "other epoch"));
  await until(() => events.length === 3);
  assertEquals(events.map(([, data]) => data), ["new", "ten", "other epoch"]);
});

Deno.test("a plain topic has no position, and nothing of it is dropped", async () => {
  await using server = new ScriptedTopics();
  using client = new TopicClient(server.url, QUICK);
  const topic = client.subscribe("p");
  const events = heard(topic, "message", "subscribed", "lost");
  const connection = await server.welcome();
  const { id } = await connection.expect("subscribe");
  connection.send({ type: "subscribed", id, topic: "p" });
  for (const data of [1, 1]) connection.send({ type: "message", topic: "p", data });
  await until(() => events.length === 3);
  assertEquals(events, [["subscribed"], ["message", 1], ["message", 1]]);
  assertEquals(topic.position, null);
  connection.close(4000);
  await (await server.welcome(2)).expect("subscribe", { topic: "p", after: undefined });
});

Deno.test("after a cut all topics go on from their positions", async () => {
  await using server = new ScriptedTopics();
  const { client, topic, connection } = await subscribed(server);
  using _ = client;
  const events = heard(topic, "message", "subscribed", "lost");
  connection.send(message("e.6", "six"));
  await until(() => events.length === 1);
  connection.close(4000);
  const second = await server.welcome(2, { resumed: true });
  const { id } = await second.expect("subscribe", { topic: "t", after: "e.6" });
  second.send(
    { type: "subscribed", id, topic: "t", position: "e.6", recovered: true },
    message("e.7", "seven"),
  );
  await until(() => events.length === 3);
  assertEquals(events, [["message", "six", "e.6"], ["subscribed"], ["message", "seven", "e.7"]]);
});

Deno.test("what was lost is told, whenever that is", async () => {
  await using server = new ScriptedTopics();
  const { client, topic, connection } = await subscribed(server);
  using _ = client;
  const events = heard(topic, "message", "subscribed", "lost");
  connection.send({ type: "lost", topic: "t", position: "e.9" }, message("e.9", "had"));
  await until(() => topic.position === "e.9");
  connection.close(4000);
  const second = await server.welcome(2);
  const { id } = await second.expect("subscribe", { after: "e.9" });
  second.send({ type: "subscribed", id, topic: "t", position: "f.2", recovered: false });
  await until(() => events.length === 3);
  assertEquals(events, [["lost"], ["lost"], ["subscribed"]]);
  assertEquals(topic.position, "f.2");
});

Deno.test("a subscription that is refused tells why, and is over", async () => {
  await using server = new ScriptedTopics();
  using client = new TopicClient(server.url, QUICK);
  const events = heard(client.subscribe("t"), "error", "message");
  const connection = await server.welcome();
  const { id } = await connection.expect("subscribe");
  connection.send({ type: "error", id, code: 403, message: "Not allowed" }, message("e.1", "no"));
  await until(() => events.length === 1);
  const error = events[0]?.[1];
  assert(error instanceof TopicError);
  assertEquals([error.code, error.message], [403, "Not allowed"]);
  client.subscribe("t");
  await connection.expect("subscribe", { topic: "t" });
});

Deno.test("nothing comes after unsubscribe(), and the topic can begin anew", async () => {
  await using server = new ScriptedTopics();
  const { client, topic, connection } = await subscribed(server);
  using _ = client;
  const events = heard(topic, "message");
  assertThrows(() => client.subscribe("t"), Error, "Cannot subscribe to t twice");
  topic.unsubscribe();
  topic.unsubscribe();
  const again = client.subscribe("t");
  const later = heard(again, "message");
  const { id } = await connection.expect("unsubscribe", { topic: "t" });
  const { id: next } = await connection.expect("subscribe", { topic: "t", after: undefined });
  connection.send(message("e.6", "for the first"));
  connection.send({ type: "ack", id });
  connection.send({ type: "subscribed", id: next, topic: "t", position: "e.6" });
  connection.send(message("e.7", "for the second"));
  await until(() => later.length === 1);
  assertEquals([events, later], [[], [["message", "for the second", "e.7"]]]);
});

Deno.test("the server can subscribe the client", async () => {
  await using server = new ScriptedTopics();
  using client = new TopicClient(server.url, QUICK);
  const connection = await server.welcome();
  const events: unknown[] = [];
  client.addEventListener("subscribed", ({ detail: topic }) => {
    topic.addEventListener("message", ({ data }) => events.push([topic.topic, data]));
  });
  connection.send({ type: "subscribed", topic: "t", position: "e.1" }, message("e.2", "hi"));
  await until(() => events.length === 1);
  assertEquals(events, [["t", "hi"]]);
});

Deno.test("what the server subscribed the client to it does not ask for when it is back", async () => {
  await using server = new ScriptedTopics();
  using client = new TopicClient(server.url, QUICK);
  const first = await server.welcome();
  const begun = told(client, "subscribed");
  first.send({ type: "subscribed", topic: "t", position: "e.5" });
  const [[, topic] = []] = await begun;
  assert(topic instanceof TopicSubscription);
  const events = heard(topic, "lost", "message");
  first.close(4000);
  const second = await server.welcome(2);
  // With messages that the client had before it was cut off, and one that it had not.
  second.send({ type: "subscribed", topic: "t", position: "e.3" });
  second.send(message("e.4", 4), message("e.5", 5), message("e.6", 6));
  await until(() => topic.position === "e.6");
  assertEquals([second.lines, events], [[], [["message", 6, "e.6"]]]);
  second.close(4000);
  const third = await server.welcome(3);
  third.send({ type: "subscribed", topic: "t", position: "e.8" }, message("e.9", 9));
  await until(() => topic.position === "e.9");
  assertEquals(events.slice(1), [["lost"], ["message", 9, "e.9"]]);
});

Deno.test("a position is no use in a plain topic, which is told as a loss", async () => {
  await using server = new ScriptedTopics();
  using client = new TopicClient(server.url, QUICK);
  const topic = client.subscribe("p", { after: "e.5" });
  const events = heard(topic, "lost", "subscribed");
  const connection = await server.welcome();
  const { id } = await connection.expect("subscribe", { after: "e.5" });
  connection.send({ type: "subscribed", id, topic: "p" });
  await until(() => events.length === 2);
  assertEquals([events, topic.position], [[["lost"], ["subscribed"]], null]);
});

Deno.test("a position of the future is given up with what is lost", async () => {
  await using server = new ScriptedTopics();
  using client = new TopicClient(server.url, QUICK);
  const topic = client.subscribe("t", { after: "e.50" });
  const events = heard(topic, "lost", "message");
  const connection = await server.welcome();
  const { id } = await connection.expect("subscribe", { after: "e.50" });
  connection.send({ type: "subscribed", id, topic: "t", position: "e.5", recovered: false });
  connection.send(message("e.6", 6));
  await until(() => events.length === 2);
  assertEquals(events, [["lost"], ["message", 6, "e.6"]]);
});

Deno.test("a subscription that has to wait for a broker is asked for again", async () => {
  await using server = new ScriptedTopics();
  using client = new TopicClient(server.url, QUICK);
  const topic = client.subscribe("t");
  const events = heard(topic, "error");
  const connection = await server.welcome();
  const { id } = await connection.expect("subscribe");
  connection.send({ type: "error", id, code: 503, message: "No broker" });
  await connection.expect("subscribe", { id, topic: "t" });
  connection.send({ type: "subscribed", id, topic: "t", position: "e.0" });
  await until(() => topic.position === "e.0");
  assertEquals(events, []);
});

// ---- publications and messages

Deno.test("a publication gets its position, a message its reply", async () => {
  await using server = new ScriptedTopics();
  using client = new TopicClient(server.url);
  const published = client.publish("t", Uint8Array.of(0, 255, 128));
  const sent = [client.send("a"), client.send("b"), client.send("c")];
  const connection = await server.welcome();
  const { id } = await connection.expect("publish", { base64: "AP+A" });
  connection.send({ type: "ack", id, position: "e.1" });
  connection.send({ type: "ack", id: id + 1, data: [1] }, { type: "ack", id: id + 2 });
  connection.send({ type: "ack", id: id + 3, base64: "/w==" });
  assertEquals(await published, "e.1");
  assertEquals(await Promise.all(sent), [[1], undefined, Uint8Array.of(255)]);
  assertEquals(client.queued, 0);
});

Deno.test("what has no answer is sent again, in order, with the same ids, and first", async () => {
  await using server = new ScriptedTopics();
  const { client, connection } = await subscribed(server);
  using _ = client;
  const results = ["a", "b", "c"].map((data) => client.publish("t", data));
  const ids = [];
  for (const data of ["a", "b", "c"]) ids.push((await connection.expect("publish", { data })).id);
  connection.send({ type: "ack", id: ids[1], position: "e.7" });
  assertEquals(await results[1], "e.7");
  connection.close(4000);
  await told(client, "close");
  const late = client.publish("t", "d");
  const second = await server.welcome(2, { resumed: true });
  await second.expect("publish", { id: ids[0], data: "a" });
  await second.expect("publish", { id: ids[2], data: "c" });
  await second.expect("subscribe", { after: "e.5" });
  const { id } = await second.expect("publish", { data: "d" });
  for (const each of [ids[0], ids[2], id]) {
    second.send({ type: "ack", id: each, position: `e.${each}` });
  }
  const positions: unknown[] = await Promise.all([results[0], results[2], late]);
  assertEquals(positions, [ids[0], ids[2], id].map((each) => `e.${each}`));
});

Deno.test("a refusal rejects, and says which", async () => {
  await using server = new ScriptedTopics();
  using client = new TopicClient(server.url);
  const refused = client.publish("t", "no");
  const connection = await server.welcome();
  const { id } = await connection.expect("publish");
  connection.send({ type: "error", id, code: 403, message: "Not allowed" });
  const error = await assertRejects(() => refused, TopicError, "Not allowed");
  assertEquals([error.code, error.name], [403, "TopicError"]);
});

Deno.test("what a broker cannot take now is sent again later, before what follows", async () => {
  await using server = new ScriptedTopics();
  using client = new TopicClient(server.url);
  const first = client.publish("t", "a");
  const connection = await server.welcome();
  const { id } = await connection.expect("publish", { data: "a" });
  connection.send({ type: "error", id, code: 503, message: "No broker" });
  connection.send({ type: "message", data: "the error is there" });
  const [[, text] = []] = await told(client, "message");
  assertEquals(text, "the error is there");
  const second = client.publish("t", "b");
  await connection.expect("publish", { id, data: "a" });
  const { id: next } = await connection.expect("publish", { data: "b" });
  connection.send({ type: "ack", id, position: "e.1" }, { type: "ack", id: next });
  assertEquals(await Promise.all([first, second]), ["e.1", undefined]);
});

async function told(target: EventTarget, type: string): Promise<unknown[][]> {
  const events = heard(target, type);
  await until(() => events.length > 0);
  return events;
}

Deno.test("the queue is bounded, and says so", async () => {
  await using server = new ScriptedTopics();
  using client = new TopicClient(server.url, { maxQueued: 2 });
  client.publish("t", "a");
  client.send("b");
  const error = await assertRejects(() => client.publish("t", "c"), TopicError, "2 wait");
  assertEquals([error.code, client.queued], [0, 2]);
});

Deno.test("a burst is sent bit by bit, as the answers come", async () => {
  await using server = new ScriptedTopics();
  using client = new TopicClient(server.url);
  const results = Array.from({ length: 200 }, (_, number) => client.publish("t", number));
  const connection = await server.welcome();
  await until(() => connection.lines.length >= 64);
  assertEquals(connection.lines.length, 64);
  for (let number = 0; number < 200; number++) {
    const { id } = await connection.expect("publish", { data: number });
    connection.send({ type: "ack", id, position: `e.${number}` });
  }
  assertEquals((await Promise.all(results)).at(-1), "e.199");
});

Deno.test("what cannot be JSON rejects", async () => {
  await using server = new ScriptedTopics();
  using client = new TopicClient<Record<string, unknown>>(server.url);
  await assertRejects(() => client.publish("t", undefined), TypeError, "Cannot send undefined");
  await assertRejects(() => client.publish("t", 1n), TypeError);
  assertEquals(client.queued, 0);
});

Deno.test("a message to the client alone is told by the client", async () => {
  await using server = new ScriptedTopics();
  using client = new TopicClient(server.url);
  const events = heard(client, "message", "error");
  const connection = await server.welcome();
  connection.send({ type: "message", data: { hi: 1 } });
  connection.send({ type: "error", code: 429, message: "Slower" });
  await until(() => events.length === 2);
  assertEquals(events[0], ["message", { hi: 1 }]);
  const error = events[1]?.[1];
  assert(error instanceof TopicError);
  assertEquals([error.code, error.message], [429, "Slower"]);
});

// ---- presence

Deno.test("who is there is a map, and what changes is told, after a cut too", async () => {
  await using server = new ScriptedTopics();
  using client = new TopicClient(server.url, QUICK);
  const topic = client.subscribe("t", { presence: true });
  const events = heard(topic, "join", "leave", "members");
  const connection = await server.welcome();
  const { id } = await connection.expect("subscribe", { presence: true });
  const [ada, bob, eve] = ["ada", "bob", "eve"].map((id) => ({ id, info: { name: id } }));
  connection.send({ type: "subscribed", id, topic: "t", position: "e.0", members: [ada] });
  connection.send({ type: "joined", topic: "t", member: bob, position: "x.2" });
  connection.send({ type: "joined", topic: "t", member: { id: "bob", info: 1 }, position: "x.3" });
  connection.send({ type: "left", topic: "t", member: { id: "ada", info: null }, position: "x.4" });
  await until(() => events.length === 8);
  assertEquals(events, [
    ["join", ada],
    ["members"],
    ["join", bob],
    ["members"],
    ["join", { id: "bob", info: 1 }],
    ["members"],
    ["leave", ada],
    ["members"],
  ]);
  assertEquals([...topic.members], [["bob", 1]]);
  events.length = 0;
  connection.close(4000);
  const second = await server.welcome(2);
  const { id: next } = await second.expect("subscribe", { presence: true, after: "e.0" });
  second.send({
    ...{ type: "subscribed", id: next, topic: "t", position: "e.0", recovered: true },
    members: [{ id: "bob", info: 1 }, eve],
  });
  second.send({ type: "present", topic: "t", members: [eve], position: "y.9" });
  await until(() => events.length === 4);
  assertEquals(events, [["join", eve], ["members"], ["leave", { id: "bob", info: 1 }], [
    "members",
  ]]);
});

// ---- the end, and what is malformed

for (const code of [1000, 1002, 1003, 1007, 1008, 1009, 1010, 4400, 4403, 4429, 4499]) {
  Deno.test(`a client that is closed with ${code} stays away`, async () => {
    await using server = new ScriptedTopics();
    using client = new TopicClient(server.url, QUICK);
    const waiting = client.publish("t", "a");
    (await server.welcome()).close(code, "Enough");
    const error = await assertRejects(() => waiting, TopicError, "Enough");
    assertEquals([error.code, client.state], [code, "closed"]);
    await assertRejects(() => client.publish("t", "b"), TopicError, "Cannot send");
    assertEquals(server.connections.length, 1);
  });
}

for (const code of [1001, 1011, 1012, 1013, 3000, 4000, 4099, 4100, 4300]) {
  Deno.test(`a client that is closed with ${code} comes back`, async () => {
    await using server = new ScriptedTopics();
    using client = new TopicClient(server.url, QUICK);
    (await server.welcome()).close(code, "5");
    await server.welcome(2);
    await until(() => client.state === "open");
  });
}

Deno.test("a client comes back when the server said", async () => {
  await using server = new ScriptedTopics();
  using _client = new TopicClient(server.url, QUICK);
  const connection = await server.welcome();
  const start = performance.now();
  connection.close(4100, "300");
  await server.connection(2);
  assertGreater(performance.now() - start, 299);
});

Deno.test("after close() a client can connect again, and its topics go on", async () => {
  await using server = new ScriptedTopics();
  const { client, topic, connection } = await subscribed(server);
  using _ = client;
  const waiting = client.publish("t", "a");
  client.close();
  client.close();
  await assertRejects(() => waiting, TopicError, "The connection is closed");
  await until(() => connection.closedWith !== undefined);
  assertEquals(connection.closedWith, 1000);
  client.connect();
  const second = await server.welcome(2);
  const { id } = await second.expect("subscribe", { topic: "t", after: "e.5" });
  second.send({ type: "subscribed", id, topic: "t", position: "e.6", recovered: true });
  await until(() => topic.position === "e.6");
});

const FOREIGN: readonly (readonly [string, string | Uint8Array])[] = [
  ["no JSON", "Welcome to the echo server"],
  ["null", "null"],
  ["bytes", Uint8Array.of(1, 2, 3)],
  ["an empty line", '{"type":"pong"}\n'],
  ["a position that is a number", '{"type":"message","topic":"t","position":7,"data":1}'],
  ["members that are no list", '{"type":"present","topic":"t","members":{"a":1}}'],
  ["members that are nobody", '{"type":"present","topic":"t","members":[null]}'],
  ["base64 that is none", '{"type":"message","topic":"t","position":"e.6","base64":"*"}'],
];

for (const [name, frame] of FOREIGN) {
  Deno.test(`a frame that is malformed (${name}) is like a cut`, async () => {
    await using server = new ScriptedTopics();
    const { client, connection } = await subscribed(server);
    using _ = client;
    const events = heard(client, "close");
    connection.sendText(frame);
    await (await server.welcome(2)).expect("subscribe", { topic: "t" });
    assertEquals(events, [["close", { code: 1006, reason: "A frame is malformed" }]]);
  });
}

Deno.test("lines of types that nobody knows are passed over", async () => {
  await using server = new ScriptedTopics();
  const { client, topic, connection } = await subscribed(server);
  using _ = client;
  connection.send({ type: "news" }, { type: "news", topic: "t" }, { type: "message", topic: "u" });
  connection.send({ type: "ack", id: 99 }, { type: "subscribed", id: 99, topic: "t" });
  connection.send({ type: "error", id: 99, code: 503 }, message("e.6", "hi"));
  await until(() => topic.position === "e.6");
  assertEquals(client.state, "open");
});

Deno.test("nothing of a frame is told after close() by one of its listeners", async () => {
  await using server = new ScriptedTopics();
  const { client, topic, connection } = await subscribed(server);
  const events = heard(topic, "message");
  topic.addEventListener("message", () => client.close());
  connection.send(message("e.6", "a"), message("e.7", "b"));
  await until(() => client.state === "closed");
  assertEquals(events.length, 1);
});

// ---- connections that are dead

Deno.test("a silent connection is asked, and given up without an answer", async () => {
  await using server = new ScriptedTopics();
  using _client = new TopicClient(server.url, QUICK);
  const connection = await server.welcome(1, { pingInterval: 300 });
  for (let times = 0; times < 3; times++) {
    await connection.expect("ping");
    connection.send({ type: "pong" });
  }
  assertEquals(server.connections.length, 1);
  await connection.expect("ping");
  const start = performance.now();
  await server.connection(2);
  assertGreater(performance.now() - start, 250);
  await until(() => connection.closedWith !== undefined);
  assertEquals(connection.closedWith, 4000);
});

for (const type of ["online", "pageshow", "visibilitychange"]) {
  Deno.test(`at "${type}" a client that waits connects, and one that is open asks`, async () => {
    await using server = new ScriptedTopics();
    using client = new TopicClient(server.url);
    const connection = await server.welcome();
    await until(() => client.state === "open");
    globalThis.dispatchEvent(new Event(type));
    await connection.expect("ping");
    connection.close(4100, "60000");
    await until(() => client.state === "waiting");
    globalThis.dispatchEvent(new Event(type));
    await server.connection(2);
  });
}

Deno.test("a page that is left closes, and is back when it is shown again", async () => {
  await using server = new ScriptedTopics();
  const { client, connection } = await subscribed(server);
  using _ = client;
  globalThis.dispatchEvent(new Event("pagehide"));
  assertEquals(client.state, "waiting");
  await until(() => connection.closedWith !== undefined);
  assertEquals([connection.closedWith, server.connections.length], [4000, 1]);
  globalThis.dispatchEvent(new Event("pageshow"));
  const second = await server.welcome(2);
  await second.expect("subscribe", { after: "e.5" });
});
