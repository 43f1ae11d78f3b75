import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { TopicClient } from "../../../src/topics/browser/topic_client.ts";
import type { TopicClientOptions } from "../../../src/topics/browser/topic_client_options.ts";
import { TopicError } from "../../../src/topics/browser/topic_error.ts";
import type { TopicSubscription } from "../../../src/topics/browser/topic_subscription.ts";
import { poll } from "../../support/poll.ts";
import { heard } from "../../support/scripted_topics.ts";
import { TopicSite } from "../../support/topic_site.ts";

async function until(condition: () => boolean): Promise<void> {
  assert(await poll(condition), `never came true: ${condition}`);
}

/** A client of the site, whose attempts follow each other quickly. */
function clientOf(site: TopicSite, options: TopicClientOptions = {}, name = "ada"): TopicClient {
  return new TopicClient(`${site.origin}/topics?name=${name}`, { maxDelay: 50, ...options });
}

/** A client whose WebSocket is never open. */
function streamingClientOf(site: TopicSite): TopicClient {
  site.isBlocked = true;
  const fallback = (topic: string) => `${site.origin}/stream/${topic}?name=ada`;
  return clientOf(site, { fallback });
}

function messagesOf(topic: TopicSubscription): unknown[] {
  const messages: unknown[] = [];
  topic.addEventListener("message", ({ data }) => messages.push(data));
  return messages;
}

Deno.test("a client that is cut again and again has every message once, in order", async () => {
  await using site = new TopicSite();
  using client = clientOf(site);
  const topic = client.subscribe("log/a");
  const messages = messagesOf(topic);
  const lost = heard(topic, "lost");
  await until(() => topic.position !== null);
  const numbers = Array.from({ length: 300 }, (_, number) => `${number}`);
  for (const [at, number] of numbers.entries()) {
    await site.app.publish("log/a", number);
    if (at % 50 === 25) site.proxy.down();
    if (at % 50 === 45) site.proxy.up();
  }
  site.proxy.up();
  await until(() => messages.length >= numbers.length);
  assertEquals([messages, lost], [numbers, []]);
});

Deno.test("what a client publishes and sends in spite of cuts is done once, in order", async () => {
  await using site = new TopicSite();
  using client = clientOf(site);
  using reader = clientOf(site);
  const topic = reader.subscribe("log/a");
  const messages = messagesOf(topic);
  await until(() => topic.position !== null);
  const results: Promise<unknown>[] = [];
  const numbers = Array.from({ length: 100 }, (_, number) => `${number}`);
  for (const [at, number] of numbers.entries()) {
    results.push(client.publish("log/a", number), client.send(number));
    if (at % 20 === 10) {
      await until(() => client.state === "open");
      site.proxy.cut();
    }
  }
  await Promise.all(results);
  await until(() => messages.length >= numbers.length);
  assertEquals(messages, numbers);
  assertEquals(site.told, numbers);
});

Deno.test("a client that was away for too long is told so, and goes on", async () => {
  await using site = new TopicSite();
  using client = clientOf(site);
  const topic = client.subscribe("short");
  const messages = messagesOf(topic);
  const lost = heard(topic, "lost");
  await until(() => topic.position !== null);
  site.proxy.down();
  for (let number = 0; number < 20; number++) await site.app.publish("short", `${number}`);
  site.proxy.up();
  await until(() => lost.length === 1);
  await site.app.publish("short", "later");
  await until(() => messages.length === 1);
  assertEquals(messages, ["later"]);
});

Deno.test("what is published while the broker is lost waits, and comes once, in order", async () => {
  await using site = new TopicSite();
  using client = clientOf(site);
  const topic = client.subscribe("log/a");
  const messages = messagesOf(topic);
  await client.publish("log/a", "first");
  let refusals = 0;
  Object.defineProperty(site.engine, "isLost", { get: () => ++refusals <= 6 });
  const texts = Array.from({ length: 20 }, (_, number) => `${number}`);
  const results: Promise<unknown>[] = texts.map((text) => client.publish("log/a", text));
  results.push(client.send("to the handler"));
  const late = client.subscribe("log/b");
  await Promise.all(results);
  await until(() => messages.length === 21 && late.position !== null);
  assertGreater(refusals, 6);
  assertEquals([messages, site.told], [["first", ...texts], ["to the handler"]]);
});

Deno.test("when servers are replaced nothing is lost, and nothing is done twice", async () => {
  await using site = new TopicSite();
  using client = clientOf(site, { maxDelay: 500 });
  const opened = heard(client, "open");
  const topic = client.subscribe("log/a");
  const messages = messagesOf(topic);
  const lost = heard(topic, "lost");
  const texts = Array.from({ length: 60 }, (_, number) => `${number}`);
  const results: Promise<unknown>[] = [];
  for (const [at, text] of texts.entries()) {
    results.push(client.publish("log/a", text), client.send(text));
    if (at % 20 === 10) {
      await until(() => opened.length > at / 20);
      await site.replace();
    }
  }
  await Promise.all(results);
  await until(() => messages.length === texts.length);
  assertEquals([messages, site.told, lost], [texts, texts, []]);
  assertEquals(opened.map(([, detail]) => detail), [
    { resumed: false },
    ...Array.from({ length: 3 }, () => ({ resumed: true })),
  ]);
});

Deno.test("clients see each other come and go", async () => {
  await using site = new TopicSite();
  using ada = clientOf(site, {}, "ada");
  const room = ada.subscribe("room", { presence: true });
  const events = heard(room, "join");
  using bob = clientOf(site, {}, "bob");
  const other = bob.subscribe("room", { presence: true });
  await until(() => room.members.size === 2 && other.members.size === 2);
  assertEquals([...room.members].toSorted(), [["ada", { here: true }], ["bob", { here: true }]]);
  assertEquals(events.length, 2);
});

Deno.test("a refusal of the handler reaches who asked", async () => {
  await using site = new TopicSite();
  using client = clientOf(site);
  const events = heard(client.subscribe("secret"), "error");
  const error = await assertRejects(() => client.publish("secret", "a"), TopicError);
  assertEquals(error.code, 403);
  await until(() => events.length === 1);
});

Deno.test("bytes go both ways", async () => {
  await using site = new TopicSite();
  using client = clientOf(site);
  const topic = client.subscribe("log/b");
  const messages = messagesOf(topic);
  await client.publish("log/b", Uint8Array.of(0, 200));
  await until(() => messages.length === 1);
  assertEquals(messages, [Uint8Array.of(0, 200)]);
  assertEquals(await client.send([1]), { told: [1] });
});

// ---- without WebSockets

Deno.test("where WebSockets do not come through, event streams and POST do the same", async () => {
  await using site = new TopicSite();
  using client = streamingClientOf(site);
  const topic = client.subscribe("log/a");
  const messages = messagesOf(topic);
  const published = ["a", { b: 1 }, Uint8Array.of(0, 200)].map((each) =>
    client.publish("log/a", each)
  );
  const positions = await Promise.all(published);
  assertEquals(positions.map((position) => position?.split(".")[1]), ["1", "2", "3"]);
  await until(() => messages.length === 3 || topic.position !== null && messages.length === 0);
  await client.publish("log/a", "later");
  await until(() => messages.at(-1) === "later");
  assertEquals(client.state, "open");
  const refused = await assertRejects(() => client.publish("secret", "a"), TopicError);
  const useless = await assertRejects(() => client.send("a"), TopicError);
  assertEquals([refused.code, useless.code, client.queued], [403, 501, 0]);
});

Deno.test("event streams go on where they were after a cut", async () => {
  await using site = new TopicSite();
  using client = streamingClientOf(site);
  const topic = client.subscribe("log/a");
  const messages = messagesOf(topic);
  const lost = heard(topic, "lost");
  await until(() => topic.position !== null);
  for (const text of ["a", "b"]) await site.app.publish("log/a", text);
  await until(() => messages.length === 2);
  site.proxy.down();
  for (const text of ["c", "d"]) await site.app.publish("log/a", text);
  site.proxy.up();
  await until(() => messages.length === 4);
  assertEquals([messages, lost], [["a", "b", "c", "d"], []]);
});

Deno.test("presence and plain topics work over event streams", async () => {
  await using site = new TopicSite();
  using client = streamingClientOf(site);
  const room = client.subscribe("room", { presence: true });
  const plain = client.subscribe("plain");
  const messages = messagesOf(plain);
  const begun = heard(plain, "subscribed");
  await until(() => room.members.has("ada") && begun.length > 0);
  await site.app.publish("plain", "a");
  await until(() => messages.length === 1);
  assertEquals([messages, plain.position], [["a"], null]);
});

Deno.test("a stream that the server refuses is over, with its code", async () => {
  await using site = new TopicSite();
  using client = streamingClientOf(site);
  const events = heard(client.subscribe("secret"), "error");
  await until(() => events.length === 1);
  const error = events[0]?.[1];
  assert(error instanceof TopicError);
  assertEquals(error.code, 403);
});

Deno.test("a client leaves the event streams as soon as a WebSocket comes through", async () => {
  await using site = new TopicSite();
  using client = streamingClientOf(site);
  const topic = client.subscribe("log/a");
  const messages = messagesOf(topic);
  await until(() => topic.position !== null);
  await client.publish("log/a", "over a stream");
  await until(() => messages.length === 1);
  const opened = heard(client, "open");
  site.isBlocked = false;
  await until(() => opened.length === 1);
  await client.publish("log/a", "over a WebSocket");
  await until(() => messages.length === 2);
  assertEquals(await client.send("a"), { told: "a" });
  assertEquals(messages, ["over a stream", "over a WebSocket"]);
});
