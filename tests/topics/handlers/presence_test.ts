import { assert, assertEquals } from "@std/assert";
import { TopicHandler } from "../../../src/topics/handlers/topic_handler.ts";
import type { PresenceMember } from "../../../src/topics/feed/topic_subscriber.ts";
import { Application } from "../../../src/web/application.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { poll } from "../../support/poll.ts";
import { serve, type ServedApplication } from "../../support/serve.ts";
import { SharedEngine } from "../../support/shared_engine.ts";
import { TopicClient } from "../../support/topic_client.ts";

class Room extends TopicHandler {
  override canSubscribe() {
    return true;
  }
  override getPresence(
    _topic: string,
  ): PresenceMember | null | PromiseLike<PresenceMember | null> {
    const id = this.request.header("x-name");
    return id === null ? null : { id, info: { name: id.toUpperCase() } };
  }
}

function processOf(engine: SharedEngine, handler: typeof TopicHandler = Room): ServedApplication {
  const settings = {
    topics: { "room/*": { presence: true }, "log/*": {} },
    broker: engine.broker(),
    cookieSecret: "cookie-secret of these tests",
  };
  return serve(new Application([["/topics", handler]], settings));
}

function as(name: string | null, { port }: ServedApplication): Promise<TopicClient> {
  return TopicClient.connect(port, { headers: name === null ? {} : { "x-name": name } });
}

const ENTER = { type: "subscribe", id: 1, topic: "room/1", presence: true };

function idsOf(members: unknown): string[] {
  assert(Array.isArray(members));
  return members.map(({ id }) => id).sort();
}

Deno.test("subscription with presence has all who are there, the client among them", async () => {
  const engine = new SharedEngine();
  await using one = processOf(engine);
  await using two = processOf(engine);
  await using ada = await as("ada", one);
  assertEquals((await ada.ask(ENTER)).members, [{ id: "ada", info: { name: "ADA" } }]);
  await using bob = await as("bob", two);
  assertEquals(idsOf((await bob.ask(ENTER)).members), ["ada", "bob"]);
  const { position, ...joined } = await ada.next();
  const member = { id: "bob", info: { name: "BOB" } };
  assertEquals(joined, { type: "joined", topic: "room/1", member });
  assertEquals(typeof position, "string");
});

Deno.test("client that is nobody sees who is there, and is not seen", async () => {
  const engine = new SharedEngine();
  await using server = processOf(engine);
  await using nobody = await as(null, server);
  assertEquals((await nobody.ask(ENTER)).members, []);
  await using ada = await as("ada", server);
  assertEquals(idsOf((await ada.ask(ENTER)).members), ["ada"]);
  assertEquals((await nobody.next()).type, "joined");
});

Deno.test("client that does not ask for presence is seen, and hears nothing of it", async () => {
  const engine = new SharedEngine();
  await using server = processOf(engine);
  await using ada = await as("ada", server);
  const { members } = await ada.ask({ ...ENTER, presence: false });
  assertEquals(members, undefined);
  await using bob = await as("bob", server);
  assertEquals(idsOf((await bob.ask(ENTER)).members), ["ada", "bob"]);
  assertEquals(await ada.ask({ type: "ping" }), { type: "pong" });
});

Deno.test("several connections of one id are one member", async () => {
  const engine = new SharedEngine();
  await using server = processOf(engine);
  await using ada = await as("ada", server);
  await ada.ask(ENTER);
  await using again = await as("ada", server);
  assertEquals(idsOf((await again.ask(ENTER)).members), ["ada"]);
  await again.ask({ type: "unsubscribe", id: 2, topic: "room/1" });
  assertEquals(await ada.ask({ type: "ping" }), { type: "pong" });
});

Deno.test("topic without presence has no members, whatever the client asks", async () => {
  const engine = new SharedEngine();
  await using server = processOf(engine);
  await using ada = await as("ada", server);
  for (const [id, topic] of ["log/a", "plain"].entries()) {
    const { type, members } = await ada.ask({ ...ENTER, id: id + 1, topic });
    assertEquals([type, members], ["subscribed", undefined]);
  }
});

Deno.test("hook getPresence that fails, or gives what is nobody, refuses the subscription", async () => {
  class Broken extends Room {
    override getPresence(topic: string): PresenceMember | null {
      if (topic === "room/1") throw new Error("who are you");
      return { id: "x", info: 5n };
    }
  }
  using records = captureLogs();
  const engine = new SharedEngine();
  await using server = processOf(engine, Broken);
  await using ada = await as("ada", server);
  assertEquals((await ada.ask(ENTER)).code, 500);
  await expectLog(records, "error", /who are you/);
  assertEquals((await ada.ask({ ...ENTER, id: 2, topic: "room/2" })).code, 500);
  await expectLog(records, "error", /BigInt|JSON/);
  assertEquals((await ada.ask({ type: "ping" })).type, "pong");
});

Deno.test("closed connection leaves its topics", async () => {
  const app = new Application([["/topics", Room]], { topics: { "room/*": { presence: true } } });
  await using server = serve(app);
  const ada = await as("ada", server);
  await ada.ask(ENTER);
  assertEquals(app.subscribers("room/1"), 1);
  await ada.close();
  assert(await poll(() => app.subscribers("room/1") === 0));
});
