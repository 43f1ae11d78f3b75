import { assert, assertEquals, assertGreater, assertNotEquals } from "@std/assert";
import { websocketConnect } from "../../mod.ts";
import { bundle } from "../support/bundle.ts";
import type { ChildServer } from "../support/child_server.ts";
import { poll } from "../support/poll.ts";
import { serviceTest, startWorkerd } from "../support/services.ts";
import { TopicClient } from "../support/topic_client.ts";

/** workerd puts an object to sleep when nothing has happened for ten seconds. */
const SLEEP = 12_000;

async function startTopics(): Promise<ChildServer> {
  const text = await bundle(new URL("../fixtures/topic_worker.ts", import.meta.url));
  return await startWorkerd({ "worker.js": text }, { objects: { TOPICS: "Topics" } });
}

/** A client that speaks line by line. */
class Client implements AsyncDisposable {
  readonly #connection: Awaited<ReturnType<typeof websocketConnect>>;
  readonly #lines: Record<string, unknown>[] = [];
  #id = 0;

  constructor(connection: Awaited<ReturnType<typeof websocketConnect>>) {
    this.#connection = connection;
  }

  static async connect(port: number, query = ""): Promise<Client> {
    const url = `ws://127.0.0.1:${port}/topics${query}`;
    const connection = await websocketConnect(url, { protocols: ["gustnado.v1.json"] });
    const client = new Client(connection);
    client.write({ type: "hello", token: null });
    assertEquals((await client.next()).type, "welcome");
    assertEquals((await client.next()).data, "welcome");
    return client;
  }

  write(line: object): void {
    this.#connection.writeMessage(JSON.stringify(line));
  }

  /** Asks for something, and gives the next line, which is to be the answer. */
  async ask(line: object): Promise<Record<string, unknown>> {
    this.write({ ...line, id: ++this.#id });
    return await this.next();
  }

  async next(): Promise<Record<string, unknown>> {
    while (this.#lines.length === 0) {
      const frame = await this.#connection.readMessage();
      if (typeof frame !== "string") throw new Error(`Closed: ${this.#connection.closeCode}`);
      this.#lines.push(...frame.split("\n").map((line) => JSON.parse(line)));
    }
    return this.#lines.shift() ?? {};
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#connection[Symbol.asyncDispose]();
  }
}

async function publish(port: number, topic: string, message: object): Promise<unknown> {
  const body = JSON.stringify(message);
  const headers = { "Content-Type": "application/json" };
  const url = `http://127.0.0.1:${port}/publish/${topic}`;
  const response = await fetch(url, { method: "POST", body, headers });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()).position;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

serviceTest(
  "workerd",
  "topics are hosted by a Durable Object, and any worker publishes",
  async () => {
    await using worker = await startTopics();
    const { port } = worker;
    await using one = await Client.connect(port, "?name=one");
    const begun = await one.ask({ type: "subscribe", topic: "chat/1", presence: true });
    assertEquals([begun.type, begun.members], ["subscribed", [{ id: "one", info: { id: "one" } }]]);
    await using two = await Client.connect(port, "?name=two");
    await two.ask({ type: "subscribe", topic: "chat/1" });
    assertEquals((await one.next()).type, "joined");
    await publish(port, "chat/1", { wind: "a gust" });
    assertEquals((await one.next()).data, { wind: "a gust" });
    assertEquals((await two.next()).data, { wind: "a gust" });
    const members = await fetch(`http://127.0.0.1:${port}/members/chat/1`);
    assertEquals((await members.json()).members.length, 2);
    assertEquals((await one.ask({ type: "subscribe", topic: "plain" })).type, "subscribed");
    await publish(port, "plain", { at: "once" });
    assertEquals((await one.next()).data, { at: "once" });
    const back = await two.ask({
      type: "subscribe",
      topic: "chat/1",
      after: String(begun.position),
    });
    assertEquals([back.type, back.recovered], ["subscribed", true]);
    assertEquals((await two.next()).data, { wind: "a gust" });
  },
);

serviceTest(
  "workerd",
  "object that slept between two messages loses nothing, and no socket closes",
  async () => {
    await using worker = await startTopics();
    const { port } = worker;
    await using one = await Client.connect(port, "?name=one");
    await using two = await Client.connect(port);
    await one.ask({ type: "subscribe", topic: "chat/1", presence: true });
    await one.ask({ type: "subscribe", topic: "plain" });
    await two.ask({ type: "subscribe", topic: "chat/1" });
    await publish(port, "chat/1", { n: 1 });
    assertEquals([(await one.next()).data, (await two.next()).data], [{ n: 1 }, { n: 1 }]);
    const before = await one.ask({ type: "message", data: "hi" });

    await sleep(SLEEP);
    const position = await publish(port, "chat/1", { n: 2 });
    assertEquals(position, { ...position as object, offset: 2 });
    assertEquals([(await one.next()).data, (await two.next()).data], [{ n: 2 }, { n: 2 }]);
    const after = await one.ask({ type: "message", data: "hi" });
    const [{ wakes, ...was }, { wakes: more, ...is }] = [before.data, after.data] as Record<
      string,
      unknown
    >[] as [Record<string, unknown>, Record<string, unknown>];
    assertNotEquals(wakes, more);
    assertEquals(is, { ...was, resumed: true });

    await sleep(SLEEP);
    const answer = await two.ask({ type: "publish", topic: "chat/1", data: { n: 3 } });
    const lines = [answer, await two.next()];
    assertEquals(lines.map(({ type }) => type).sort(), ["ack", "message"]);
    assertEquals((await one.next()).data, { n: 3 });
    await publish(port, "plain", { at: "once" });
    assertEquals((await one.next()).data, { at: "once" });
    const third = await one.ask({ type: "message", data: "hi" });
    assertNotEquals((third.data as Record<string, unknown>).wakes, more);
  },
);

serviceTest(
  "workerd",
  "alarm of an object lets go what has expired, and renews tokens",
  async () => {
    const text = await bundle(new URL("../fixtures/alarm_worker.ts", import.meta.url));
    await using worker = await startWorkerd({ "worker.js": text }, {
      objects: { TOPICS: "Topics" },
    });
    const origin = `http://127.0.0.1:${worker.port}`;
    const look = async () => await (await fetch(`${origin}/look`)).json();
    await using client = await TopicClient.connect(worker.port);
    for (const topic of ["short", "long"]) {
      const response = await fetch(`${origin}/publish/${topic}`, { method: "POST" });
      assertEquals([response.status, await response.text()], [200, ""]);
    }
    const before = await look();
    assertEquals([before.alarms, before.records], [0, ["long", "short"]]);
    await sleep(100);
    await (await fetch(`${origin}/alarm`)).body?.cancel();
    assertNotEquals((await client.next("token")).token, client.welcome.token);
    assert(await poll(async () => (await look()).alarms === 1));
    const after = await look();
    assertEquals(after.records, ["long"]);
    assertGreater(after.next, 590_000);
  },
);
