/** Topics that keep history, over each of their three ways. */
import { assertEquals } from "@std/assert";
import { TopicHandler } from "../../src/topics/handlers/topic_handler.ts";
import { TopicStreamHandler } from "../../src/topics/handlers/topic_stream_handler.ts";
import { Application } from "../../src/web/application.ts";
import { type TestServer, testServer } from "../../src/testing/test_server.ts";
import { everywhere } from "../support/everywhere.ts";
import { TopicClient } from "../support/topic_client.ts";

class Open extends TopicHandler {
  override canSubscribe(): boolean {
    return true;
  }

  override canPublish(): boolean {
    return true;
  }
}

class OpenStream extends TopicStreamHandler {
  override canSubscribe(): boolean {
    return true;
  }
}

const site = () =>
  new Application([["/topics", Open], ["/stream/:topic", OpenStream]], {
    cookieSecret: "change me: 32 random bytes, say",
    topics: { news: { history: 10, presence: true } },
  });

async function connect(t: TestServer, token: string | null = null): Promise<TopicClient> {
  const socket = await t.websocket("/topics", { protocols: ["gustnado.v1.json"] });
  const client = new TopicClient(socket);
  client.send({ type: "hello", token });
  client.welcome = await client.next("welcome");
  return client;
}

everywhere("a client that comes back to a topic gets what it missed", site, async (t, app) => {
  const first = await connect(t);
  const subscribed = await first.ask({ type: "subscribe", id: 1, topic: "news" });
  assertEquals(subscribed.type, "subscribed");
  await first.close();
  await app.publish("news", { gust: 1 });
  await app.publish("news", { gust: 2 });
  const again = await connect(t, String(first.welcome.token));
  const { position } = subscribed;
  again.send({ type: "subscribe", id: 1, topic: "news", after: position });
  const lines = await again.take(3);
  assertEquals(lines.map(({ type }) => type), ["subscribed", "message", "message"]);
});

everywhere("an event stream of a topic goes on after the last id", site, async (t, app) => {
  const stream = await t.eventStream("/stream/news");
  await app.publish("news", { gust: 1 });
  let event = await stream.next();
  while (event?.type !== "message") event = await stream.next();
  assertEquals(JSON.parse(event.data), { gust: 1 });
  await stream.close();
  await app.publish("news", { gust: 2 });
  const again = await t.eventStream("/stream/news", { lastEventId: stream.lastEventId });
  event = await again.next();
  while (event?.type !== "message") event = await again.next();
  assertEquals(JSON.parse(event.data), { gust: 2 });
});

Deno.test("a client that vanishes leaves a topic", async () => {
  const app = site();
  await using t = testServer(app);
  const socket = await t.websocket("/topics", { protocols: ["gustnado.v1.json"] });
  const client = new TopicClient(socket);
  client.send({ type: "hello", token: null });
  await client.next("welcome");
  await client.ask({ type: "subscribe", id: 1, topic: "news" });
  assertEquals(app.subscribers("news"), 1);
  socket.drop();
  while (app.subscribers("news") > 0) await new Promise((resolve) => setTimeout(resolve, 1));
});
