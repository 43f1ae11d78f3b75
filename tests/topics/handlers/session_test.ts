import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { nextIteration } from "../../../src/concurrent/loop/next_iteration.ts";
import { TopicHandler } from "../../../src/topics/handlers/topic_handler.ts";
import { Application } from "../../../src/web/application.ts";
import { createSignedValue } from "../../../src/web/signed/signed_value.ts";
import { Journal } from "../../support/journal.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { poll } from "../../support/poll.ts";
import { serve, type ServedApplication } from "../../support/serve.ts";
import { SharedEngine } from "../../support/shared_engine.ts";
import { TopicClient } from "../../support/topic_client.ts";

const SECRET = "a secret of these tests";

class Open extends TopicHandler {
  override canSubscribe(): boolean | PromiseLike<boolean> {
    return true;
  }
  override canPublish(_topic: string, _data: unknown): boolean | PromiseLike<boolean> {
    return true;
  }
}

/** A process of an application: the same handler on the same engine. */
function processOf(
  engine: SharedEngine,
  handler: typeof TopicHandler = Open,
): ServedApplication {
  return serve(
    new Application([["/topics", handler]], {
      topics: { "log/*": {}, short: { history: 2 } },
      broker: engine.broker(),
      cookieSecret: SECRET,
    }),
  );
}

function token({ welcome }: TopicClient): string {
  return String(welcome.token);
}

// ---- tokens

Deno.test("session comes back on another process, and the handler is told", async () => {
  const journal = new Journal();
  class Told extends Open {
    override open() {
      journal.add(`open ${this.resumed}`);
    }
    override onResume() {
      journal.add("resume");
    }
  }
  const engine = new SharedEngine();
  await using one = processOf(engine, Told);
  await using two = processOf(engine, Told);
  const first = await TopicClient.connect(one.port);
  await first.close();
  await using second = await TopicClient.connect(two.port, { token: token(first) });
  assertEquals(second.welcome.resumed, true);
  assertEquals(second.welcome.session, first.welcome.session);
  assertEquals(await journal.until(3), ["open false", "open true", "resume"]);
});

Deno.test("token that is forged, of another purpose or no token at all begins a new session", async () => {
  using records = captureLogs();
  const engine = new SharedEngine();
  await using server = processOf(engine);
  await using client = await TopicClient.connect(server.port);
  const good = token(client);
  const forged = `${good.slice(0, -1)}${good.endsWith("0") ? "1" : "0"}`;
  const tokens: [token: string, reason: RegExp][] = [
    [forged, /signature is not valid/],
    [createSignedValue(SECRET, "user", "ada"), /another name|signature/],
    [createSignedValue("another", "gustnado.session", "[]"), /signature is not valid/],
    ["", /^$/],
    ["x".repeat(70_000), /too long/],
    ["2|", /malformed/],
  ];
  for (const [token, reason] of tokens) {
    await using other = await TopicClient.connect(server.port, { token });
    assertEquals(other.welcome.resumed, false);
    assertNotEquals(other.welcome.session, client.welcome.session);
    if (token !== "") await expectLog(records, "warning", reason);
  }
});

Deno.test("token that is no text begins a new session", async () => {
  await using server = processOf(new SharedEngine());
  await using client = await TopicClient.silent(server.port);
  client.send({ type: "hello", token: { a: 1 } });
  assertEquals((await client.next("welcome")).resumed, false);
});

Deno.test("token of one user, or of one class, is no use to another", async () => {
  class ByHeader extends Open {
    override getCurrentUser() {
      const name = this.request.header("x-user");
      return name === null ? null : { name };
    }
  }
  class Other extends ByHeader {}
  const engine = new SharedEngine();
  await using server = processOf(engine, ByHeader);
  await using other = processOf(engine, Other);
  const as = (name: string, port = server.port, token: string | null = null) =>
    TopicClient.connect(port, { headers: { "x-user": name }, token });
  await using ada = await as("ada");
  await using again = await as("ada", server.port, token(ada));
  await using bob = await as("bob", server.port, token(ada));
  await using elsewhere = await as("ada", other.port, token(ada));
  await using anonymous = await TopicClient.connect(server.port, { token: token(ada) });
  assertEquals(
    [again, bob, elsewhere, anonymous].map(({ welcome }) => welcome.resumed),
    [true, false, false, false],
  );
});

Deno.test("without cookieSecret a session comes back to its process only, which is said once", async () => {
  using records = captureLogs();
  const engine = new SharedEngine();
  const start = () => serve(new Application([["/topics", Open]], { broker: engine.broker() }));
  await using one = start();
  await using first = await TopicClient.connect(one.port);
  await expectLog(records, "warning", /set cookieSecret/);
  await using second = await TopicClient.connect(one.port, { token: token(first) });
  assertEquals(second.welcome.resumed, true);
});

// ---- run once

Deno.test("message to a handler that does nothing with messages is written nowhere", async () => {
  const engine = new SharedEngine();
  const appended: string[] = [];
  engine.beforeAppend = (topic) => void appended.push(topic);
  await using server = processOf(engine);
  await using client = await TopicClient.connect(server.port);
  const answer = await client.ask({ type: "message", id: 1, data: "x".repeat(1_000) });
  assertEquals([answer.id, answer.code], [1, 404]);
  assertEquals(appended, []);
});

class Counting extends Open {
  static runs: unknown[] = [];
  override onMessage(data: unknown): unknown {
    Counting.runs.push(data);
    return { ran: data };
  }
}

Deno.test("message that is sent again on another process runs once, and has the same answer", async () => {
  Counting.runs = [];
  const engine = new SharedEngine();
  await using one = processOf(engine, Counting);
  await using two = processOf(engine, Counting);
  const message = { type: "message", id: 1, data: "x" };
  const first = await TopicClient.connect(one.port);
  const ack = await first.ask(message);
  await first.close();
  for (const { port } of [one, two, two]) {
    await using again = await TopicClient.connect(port, { token: token(first) });
    assertEquals(await again.ask(message), ack);
  }
  assertEquals(Counting.runs, ["x"]);
});

Deno.test("message that failed has failed when it is sent again", async () => {
  using records = captureLogs();
  class Failing extends Open {
    override onMessage(): unknown {
      throw new Error("once");
    }
  }
  const engine = new SharedEngine();
  await using server = processOf(engine, Failing);
  const message = { type: "message", id: 1, data: "x" };
  const first = await TopicClient.connect(server.port);
  const error = await first.ask(message);
  assertEquals(error.code, 500);
  await expectLog(records, "error", /once/);
  await first.close();
  await using again = await TopicClient.connect(server.port, { token: token(first) });
  assertEquals(await again.ask(message), error);
});

Deno.test("message that is still running is waited for", async () => {
  const gate = Promise.withResolvers<void>();
  const journal = new Journal();
  class Slow extends Open {
    override async onMessage(data: unknown) {
      journal.add("run");
      await gate.promise;
      return data;
    }
  }
  const engine = new SharedEngine();
  await using one = processOf(engine, Slow);
  await using two = processOf(engine, Slow);
  const message = { type: "message", id: 1, data: "x" };
  const first = await TopicClient.connect(one.port);
  first.send(message);
  await journal.until(1);
  await first.close();
  await using here = await TopicClient.connect(one.port, { token: token(first) });
  await using there = await TopicClient.connect(two.port, { token: token(first) });
  for (const client of [here, there]) client.send(message, { type: "ping" });
  assertEquals(await Promise.all([here.next(), there.next()]), [{ type: "pong" }, {
    type: "pong",
  }]);
  gate.resolve();
  const answers = await Promise.all([here.next(), there.next()]);
  assertEquals(answers.map(({ type, data }) => [type, data]), [["ack", "x"], ["ack", "x"]]);
  assertEquals(await journal.until(1), ["run"]);
});

Deno.test("message that was begun by a process which died is an error 409", async () => {
  Counting.runs = [];
  const engine = new SharedEngine();
  // As it would be had the process died after it began: no answer is ever kept.
  engine.beforeAppend = (_topic, payload) => {
    if (payload.includes("ack")) engine.isLost = true;
  };
  await using one = processOf(engine, Counting);
  await using two = processOf(engine, Counting);
  const message = { type: "message", id: 1, data: "x" };
  const first = await TopicClient.connect(one.port);
  assertEquals((await first.ask(message)).type, "ack");
  await first.close();
  engine.isLost = false;
  await using again = await TopicClient.connect(two.port, { token: token(first) });
  const { code, id } = await again.ask(message);
  assertEquals([code, id], [409, 1]);
  assertEquals(Counting.runs, ["x"]);
});

Deno.test("publication that is sent again on another process is published once", async () => {
  const engine = new SharedEngine();
  await using one = processOf(engine);
  await using two = processOf(engine);
  const publication = { type: "publish", id: 1, topic: "log/a", data: "x" };
  const first = await TopicClient.connect(one.port);
  const ack = await first.ask(publication);
  await first.close();
  await using again = await TopicClient.connect(two.port, { token: token(first) });
  assertEquals(await again.ask(publication), ack);
  again.send({ type: "subscribe", id: 2, topic: "log/a", last: 10 });
  assertEquals((await again.take(2)).map(({ type }) => type), ["subscribed", "message"]);
  assertEquals(await again.ask({ type: "ping" }), { type: "pong" });
});

Deno.test("publication to a plain topic that is sent again to its process goes out once", async () => {
  const engine = new SharedEngine();
  await using server = processOf(engine);
  await using reader = await TopicClient.connect(server.port);
  await reader.ask({ type: "subscribe", id: 1, topic: "plain" });
  const publication = { type: "publish", id: 1, topic: "plain", data: "x" };
  const first = await TopicClient.connect(server.port);
  assertEquals(await first.ask(publication), { type: "ack", id: 1 });
  await first.close();
  await using again = await TopicClient.connect(server.port, { token: token(first) });
  assertEquals(await again.ask(publication), { type: "ack", id: 1 });
  assertEquals((await reader.next()).data, "x");
  assertEquals(await reader.ask({ type: "ping" }), { type: "pong" });
});

/** Where a connection is cut while a publication and a message are under way. */
const CUTS = ["before the append", "after the append"] as const;

for (const cut of CUTS) {
  Deno.test(`what was sent runs once if the connection is cut ${cut}`, async () => {
    Counting.runs = [];
    const engine = new SharedEngine();
    await using one = processOf(engine, Counting);
    await using two = processOf(engine, Counting);
    const requests = [
      { type: "publish", id: 1, topic: "log/a", data: "one" },
      { type: "message", id: 2, data: "two" },
      { type: "publish", id: 3, topic: "log/a", data: "three" },
      { type: "message", id: 4, data: "four" },
    ];
    for (let at = 0; at < 6; at++) {
      Counting.runs = [];
      let appends = 0;
      const reached = Promise.withResolvers<void>();
      const gate = Promise.withResolvers<void>();
      const stop = async () => {
        if (appends++ !== at) return;
        reached.resolve();
        await gate.promise;
      };
      if (cut === "before the append") engine.beforeAppend = stop;
      else engine.afterAppend = stop;
      const topic = `log/${cut} ${at}`;
      const named = requests.map((line) => line.topic === undefined ? line : { ...line, topic });
      const first = await TopicClient.connect(one.port);
      first.send(...named);
      await reached.promise;
      await first.close();
      await using again = await TopicClient.connect(two.port, { token: token(first) });
      again.send(...named);
      const answered = again.take(4);
      // The first process goes on while the second is at the same.
      await Promise.race([answered, new Promise((resolve) => nextIteration(() => resolve(null)))]);
      gate.resolve();
      assertEquals((await answered).map(({ type, id }) => `${type} ${id}`), [
        "ack 1",
        "ack 2",
        "ack 3",
        "ack 4",
      ]);
      again.send({ type: "subscribe", id: 5, topic, last: 10 });
      const [, ...messages] = await again.take(3);
      assertEquals(messages.map(({ data }) => data), ["one", "three"]);
      assertEquals(Counting.runs, ["two", "four"]);
    }
  });
}

// ---- a broker that is lost

Deno.test("what the broker cannot do is an error 503, and works when it is sent again", async () => {
  Counting.runs = [];
  const engine = new SharedEngine();
  await using server = processOf(engine, Counting);
  await using client = await TopicClient.connect(server.port);
  const requests = [
    { type: "subscribe", id: 1, topic: "log/b" },
    { type: "publish", id: 2, topic: "log/a", data: "one" },
    { type: "message", id: 3, data: "two" },
    { type: "publish", id: 4, topic: "log/a", data: "three" },
  ];
  engine.isLost = true;
  client.send(...requests);
  const refused = await client.take(4);
  assertEquals(refused.map(({ code }) => code), [503, 503, 503, 503]);
  engine.isLost = false;
  client.send({ type: "publish", id: 5, topic: "log/a", data: "early" });
  assertEquals((await client.next()).code, 503);
  client.send(...requests, { type: "publish", id: 5, topic: "log/a", data: "late" });
  const answers = await client.take(5);
  assertEquals(answers.map(({ id }) => id).sort(), [1, 2, 3, 4, 5]);
  assertEquals(answers.some(({ type }) => type === "error"), false);
  client.send({ type: "subscribe", id: 6, topic: "log/a", last: 10 });
  const [, ...messages] = await client.take(4);
  assertEquals(messages.map(({ data }) => data), ["one", "three", "late"]);
  assertEquals(Counting.runs, ["two"]);
});

Deno.test("later publications pass when the client gives an earlier one up", async () => {
  const engine = new SharedEngine();
  await using server = processOf(engine);
  await using client = await TopicClient.connect(server.port);
  engine.isLost = true;
  assertEquals((await client.ask({ type: "publish", id: 1, topic: "log/a", data: "1" })).code, 503);
  engine.isLost = false;
  const second = { type: "publish", id: 2, topic: "log/a", data: "2" };
  assertEquals((await client.ask(second)).code, 503);
  assertEquals((await client.ask(second)).type, "ack");
  assertEquals(
    (await client.ask({ type: "publish", id: 3, topic: "log/a", data: "3" })).type,
    "ack",
  );
});

// ---- two processes

Deno.test("one publish reaches clients of both processes, with the same position", async () => {
  const engine = new SharedEngine();
  await using one = processOf(engine);
  await using two = processOf(engine);
  await using here = await TopicClient.connect(one.port);
  await using there = await TopicClient.connect(two.port);
  for (const client of [here, there]) {
    await client.ask({ type: "subscribe", id: 1, topic: "log/a" });
    await client.ask({ type: "subscribe", id: 2, topic: "plain" });
  }
  here.send({ type: "publish", id: 3, topic: "log/a", data: { n: 1 } });
  here.send({ type: "publish", id: 4, topic: "plain", data: { n: 2 } });
  const mine = (await here.take(4)).filter(({ type }) => type === "message");
  assertEquals(await there.take(2), mine);
  assertEquals(mine.map(({ data }) => data), [{ n: 1 }, { n: 2 }]);
});

Deno.test("what the process missed comes from the log, or clients are told that it is lost", async () => {
  const engine = new SharedEngine();
  await using server = processOf(engine);
  await using publisher = await TopicClient.connect(server.port);
  await using client = await TopicClient.connect(server.port);
  let id = 0;
  const publish = (topic: string, data: string) =>
    publisher.ask({ type: "publish", id: ++id, topic, data });
  for (const topic of ["log/a", "short"]) {
    await client.ask({ type: "subscribe", id: 1, topic });
  }
  for (const topic of ["log/a", "short"]) {
    engine.isMute = true;
    for (const data of ["1", "2", "3"]) await publish(topic, data);
    engine.isMute = false;
    await publish(topic, "4");
  }
  assertEquals((await client.take(4)).map(({ data }) => data), ["1", "2", "3", "4"]);
  const { type, topic, position } = await client.next();
  assertEquals([type, topic, String(position).split(".")[1]], ["lost", "short", "4"]);
  await publish("short", "5");
  assertEquals((await client.next()).data, "5");
});

Deno.test("client that is cut again and again has every message once, in order", async () => {
  const engine = new SharedEngine();
  await using one = processOf(engine);
  await using two = processOf(engine);
  await using publisher = await TopicClient.connect(one.port);
  const received: unknown[] = [];
  let position: unknown;
  let session: string | null = null;
  let sent = 0;
  const publish = () =>
    publisher.send({ type: "publish", id: ++sent, topic: "log/a", data: `${sent}` });
  for (let round = 0; round < 20; round++) {
    const client: TopicClient = await TopicClient.connect(round % 2 === 0 ? one.port : two.port, {
      token: session,
      lines: [{ type: "subscribe", id: round + 1, topic: "log/a", after: position }],
    });
    session = token(client);
    const subscribed = await client.next("subscribed");
    assertEquals(subscribed.recovered, round === 0 ? undefined : true);
    position = subscribed.position;
    for (let n = 0; n < 3; n++) publish();
    for (let n = round === 0 ? 0 : -2; n < 3; n++) {
      const message = await client.next("message");
      received.push(message.data);
      position = message.position;
    }
    await client.close();
    for (let n = 0; n < 2; n++) publish();
    assert(await poll(() => sent === (round + 1) * 5));
  }
  assertEquals(received, Array.from({ length: 98 }, (_, i) => `${i + 1}`));
});

Deno.test("client is told what was lost on the way, and goes on from there", async () => {
  const engine = new SharedEngine();
  await using server = processOf(engine);
  await using client = await TopicClient.connect(server.port);
  await client.ask({ type: "subscribe", id: 1, topic: "short" });
  engine.isMute = true;
  for (let count = 0; count < 5; count++) await engine.log.append("short", "tmissed");
  engine.isMute = false;
  const { position: { epoch, offset } } = await engine.log.append("short", "theard");
  const lost = await client.next("lost");
  assertEquals([lost.topic, lost.position], ["short", `${epoch}.${offset}`]);
  await engine.log.append("short", "tnext");
  assertEquals((await client.next("message")).data, "next");
});
