import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Application, partsOf } from "../../src/web/application.ts";
import type { Chunk } from "../../src/http/body/chunk.ts";
import { type Subscriber, Topics } from "../../src/topics/topics.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { Journal } from "../support/journal.ts";
import { poll } from "../support/poll.ts";
import { OPCODE, RawWebSocket } from "../support/raw_websocket.ts";
import { serve } from "../support/serve.ts";

/** A subscriber that keeps what it gets. */
class Collector implements Subscriber {
  readonly received: Chunk[] = [];

  deliver(message: Chunk): undefined {
    this.received.push(message);
  }
}

const topic = fc.constantFrom("a", "b", "__proto__", "");
const member = fc.nat(4);
const step = fc.oneof(
  fc.record({ does: fc.constant("subscribe" as const), topic, member }),
  fc.record({ does: fc.constant("unsubscribe" as const), topic, member }),
  fc.record({ does: fc.constant("leave" as const), topic, member }),
  fc.record({ does: fc.constant("publish" as const), topic, member }),
  fc.record({ does: fc.constant("publish to the others" as const), topic, member }),
);

Deno.test("topics reach who is subscribed at that moment, and nobody else", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const topics = new Topics();
    const members = Array.from({ length: 5 }, () => new Collector());
    const expected: string[][] = members.map(() => []);
    const model = new Set<string>();
    for (const [number, { does, topic, member }] of steps.entries()) {
      const subscriber = members[member] ?? new Collector();
      if (does === "subscribe") {
        topics.subscribe(topic, subscriber);
        model.add(`${member} ${topic}`);
      } else if (does === "unsubscribe") {
        topics.unsubscribe(topic, subscriber);
        model.delete(`${member} ${topic}`);
      } else if (does === "leave") {
        topics.leave(subscriber);
        for (const key of [...model]) if (key.startsWith(`${member} `)) model.delete(key);
      } else {
        const except = does === "publish" ? undefined : subscriber;
        topics.publish(topic, String(number), { except });
        for (const [other, inbox] of expected.entries()) {
          const left_out = except !== undefined && other === member;
          if (model.has(`${other} ${topic}`) && !left_out) inbox.push(String(number));
        }
      }
      assertEquals(topics.size, new Set([...model].map((key) => key.slice(2))).size);
    }
    assertEquals(members.map(({ received }) => received), expected as Chunk[][]);
  }));
});

Deno.test("topic serialises its message once", () => {
  const topics = new Topics();
  for (let i = 0; i < 3; i++) topics.subscribe("a", new Collector());
  let serialised = 0;
  topics.publish("a", { toJSON: () => ++serialised });
  assertEquals(serialised, 1);
});

Deno.test("topic may lose subscribers while it is published", () => {
  const topics = new Topics();
  const last = new Collector();
  const leaving: Subscriber = { deliver: () => topics.leave(leaving) as undefined };
  topics.subscribe("a", leaving);
  topics.subscribe("a", last);
  topics.publish("a", "one");
  topics.publish("a", "two");
  assertEquals(last.received, ["one", "two"]);
});

Deno.test("topic without subscribers refuses what is no message all the same", () => {
  assertThrows(() => new Topics().publish("a", 1), TypeError, "Cannot write");
});

Deno.test("publishing costs what its subscribers do, however many others there are", () => {
  const few = best(withOthers(100));
  const many = best(withOthers(100_000));
  assertLess(many, few * 10 + 2);
});

/** Publishes to ten subscribers, beside others that listen to something else. */
function withOthers(count: number): () => void {
  const topics = new Topics();
  for (let i = 0; i < count; i++) topics.subscribe(`topic ${i}`, new Collector());
  for (let i = 0; i < 10; i++) topics.subscribe("a", { deliver: () => undefined });
  return () => {
    for (let i = 0; i < 2_000; i++) topics.publish("a", "message");
  };
}

function best(work: () => void): number {
  const times = [0, 1, 2, 3, 4].map(() => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...times);
}

/** A chat room: everyone gets what one says, and `/leave` leaves it. */
function chat(journal: Journal): Application {
  class Member extends WebSocketHandler {
    override open() {
      this.subscribe("room");
      journal.add("open");
    }
    override onMessage(message: string | Uint8Array) {
      if (message === "/leave") this.unsubscribe("room");
      else this.publish("room", { said: message });
      journal.add("message");
    }
    override onClose() {
      this.subscribe("room");
      journal.add("close");
    }
  }
  return new Application([["/", Member]]);
}

Deno.test("publish of a handler reaches everyone but its own connection", async () => {
  const journal = new Journal();
  const app = chat(journal);
  await using server = serve(app);
  using one = await RawWebSocket.connect(server.port, "/");
  using two = await RawWebSocket.connect(server.port, "/");
  using three = await RawWebSocket.connect(server.port, "/");
  await journal.until(3);
  await one.send(OPCODE.text, "hello");
  for (const other of [two, three]) assertEquals((await other.receive())?.text, '{"said":"hello"}');
  app.publish("room", "from the application");
  for (const client of [one, two, three]) {
    assertEquals((await client.receive())?.text, "from the application");
  }
  for (const client of [one, two, three]) await client.close();
});

Deno.test("unsubscribe leaves the topic, and the connection open", async () => {
  const journal = new Journal();
  const app = chat(journal);
  await using server = serve(app);
  using client = await RawWebSocket.connect(server.port, "/");
  await client.send(OPCODE.text, "/leave");
  await journal.until(2);
  assertEquals(partsOf(app).topics?.size, 0);
  await client.close();
});

Deno.test("connection that closes leaves its topics, and does not come back in onClose", async () => {
  const journal = new Journal();
  const app = chat(journal);
  await using server = serve(app);
  using client = await RawWebSocket.connect(server.port, "/");
  await journal.until(1);
  assertEquals(partsOf(app).topics?.size, 1);
  await client.close();
  await journal.until(2);
  assertEquals(partsOf(app).topics?.size, 0);
});

Deno.test("topics of an application are not those of one that is mounted in it", async () => {
  const journal = new Journal();
  const inner = chat(journal);
  const outer = new Application([["/inner/*", inner]]);
  await using server = serve(new Application([["/", inner]]));
  using client = await RawWebSocket.connect(server.port, "/");
  await journal.until(1);
  outer.publish("room", "outer");
  inner.publish("room", "inner");
  assertEquals((await client.receive())?.text, "inner");
  await client.close();
});

Deno.test("500 connections get every message, and leave nothing behind", async () => {
  const journal = new Journal();
  const app = chat(journal);
  await using server = serve(app);
  const opened = Array.from({ length: 500 }, () => RawWebSocket.connect(server.port, "/"));
  const clients = await Promise.all(opened);
  await journal.until(500);
  for (const message of ["one", "two", "three"]) app.publish("room", message);
  for (const client of clients) {
    for (const message of ["one", "two", "three"]) {
      assertEquals((await client.receive())?.text, message);
    }
  }
  await Promise.all(clients.map((client) => client.close()));
  assert(await poll(() => partsOf(app).topics?.size === 0));
  await journal.until(1_000);
  assertEquals(journal.entries.filter((entry) => entry === "close").length, 500);
});
