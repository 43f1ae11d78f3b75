import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { BrokerError } from "../../../src/topics/broker/broker_error.ts";
import { CutProxy } from "../../support/cut_proxy.ts";
import { captureLogs } from "../../support/log_records.ts";
import { poll } from "../../support/poll.ts";
import { expectLosses, redisCommands, RedisPeer } from "../../support/redis_peer.ts";
import { RedisServer } from "../../support/redis_server.ts";
import { serviceTest } from "../../support/services.ts";

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `t${index}`);

function test(rule: string, fn: () => Promise<void>): void {
  serviceTest("redis-server", `Redis broker ${rule}`, async () => {
    using records = captureLogs();
    await fn();
    await expectLosses(records);
  });
}

test("appends once and in order what a connection cut in the middle had under way", async () => {
  await using server = await RedisServer.start();
  await using proxy = new CutProxy(server.port);
  await using direct = await RedisPeer.open({ url: server.url });
  await direct.log.follow("news");
  proxy.cutAfter(20_000);
  const fast = { reconnectDelay: 5, maxReconnectDelay: 5 };
  await using peer = await RedisPeer.open({ port: proxy.port, ...fast });
  const payloads = numbered(3_000);
  const appended = await Promise.all(payloads.map((each) => peer.log.append("news", each)));
  assert(proxy.accepted > 4, `it was connected to ${proxy.accepted} times only`);
  assert(appended.some(({ duplicate }) => duplicate), "nothing was sent twice");
  const { records, whole } = await direct.log.read("news", null);
  assertEquals([whole, records.map(({ payload }) => payload)], [true, payloads]);
  assertEquals(
    appended.map(({ position }) => position.offset),
    records.map(({ offset }) => offset),
  );
  await direct.until(() => direct.records("news").length >= payloads.length);
  assertEquals(direct.records("news"), records);
});

test("notices a server that has fallen silent, and goes on with it", async () => {
  await using server = await RedisServer.start();
  await using proxy = new CutProxy(server.port);
  await using peer = await RedisPeer.open({ port: proxy.port, connectTimeout: 500 });
  await peer.log.append("news", "t1");
  proxy.freeze();
  const waiting = peer.log.append("news", "t2");
  await peer.until(() => peer.broker.status.state === "lost");
  assertMatch(String(peer.broker.status.lastError), /did not answer within \d+ ms/);
  proxy.thaw();
  await waiting;
  const { records } = await peer.log.read("news", null);
  assertEquals(records.map(({ payload }) => payload), ["t1", "t2"]);
});

test("goes on after SCRIPT FLUSH, in order", async () => {
  await using server = await RedisServer.start();
  await using peer = await RedisPeer.open({ url: server.url, reconnectDelay: 5 });
  await using other = await RedisPeer.open({ url: server.url, reconnectDelay: 5 });
  const payloads = numbered(2_000);
  const sent: Promise<unknown>[] = [];
  for (let index = 0; index < payloads.length; index++) {
    sent.push(peer.log.append("news", payloads[index] ?? ""));
    if (index % 500 === 250) {
      await redisCommands(server.url, ["SCRIPT", "FLUSH"]);
      await other.log.top("news");
    }
  }
  await Promise.all(sent);
  const { records } = await peer.log.read("news", null);
  assertEquals(records.map(({ payload }) => payload), payloads);
});

test("waits for a primary while it is a replica", async () => {
  await using server = await RedisServer.start();
  await using peer = await RedisPeer.open({ url: server.url });
  const { position } = await peer.log.append("news", "t1");
  await redisCommands(server.url, ["REPLICAOF", "127.0.0.1", "1"]);
  const waiting = [peer.log.append("news", "t2"), peer.log.append("news", "t3")];
  await peer.until(() => /replica/.test(peer.broker.status.lastError ?? ""));
  await redisCommands(server.url, ["REPLICAOF", "NO", "ONE"]);
  await Promise.all(waiting);
  const { whole, records } = await peer.log.read("news", position);
  assertEquals([whole, records.map(({ payload }) => payload)], [true, ["t2", "t3"]]);
});

test("rejects what Redis has no memory for, and goes on when it has", async () => {
  await using server = await RedisServer.start();
  await using peer = await RedisPeer.open({ url: server.url });
  await redisCommands(server.url, ["CONFIG", "SET", "maxmemory", "1"]);
  const error = await assertRejects(() => peer.log.append("news", "t1"), BrokerError);
  assertMatch(error.message, /^Cannot append to the topic "news": Redis answered "OOM /);
  const member = { node: peer.node, id: "ann", info: "null" };
  await assertRejects(() => peer.presence.join("news", member), BrokerError, "OOM");
  await redisCommands(server.url, ["CONFIG", "SET", "maxmemory", "0"]);
  await peer.log.append("news", "t2");
  assertEquals((await peer.log.read("news", null)).records.length, 1);
  assertEquals(peer.broker.status.state, "connected");
});

test("begins another epoch where a server comes back with less than it had", async () => {
  await using server = await RedisServer.start({ args: ["--appendonly", "no"] });
  await using peer = await RedisPeer.open({ url: server.url });
  await peer.log.follow("news");
  await peer.log.append("news", "t1");
  await redisCommands(server.url, ["SAVE"]);
  const lost = await peer.log.append("news", "tlost");
  await server.kill();
  await server.restart();
  const again = await peer.log.append("news", "t2");
  // The offset has been given before, to something else.
  assertEquals(again.position.offset, lost.position.offset);
  assertNotEquals(again.position.epoch, lost.position.epoch);
  assertEquals((await peer.log.read("news", lost.position)).whole, false);
  const all = await peer.log.read("news", null);
  assertEquals(all.records.map(({ payload }) => payload), ["t1", "t2"]);
  assertEquals(all.epoch, again.position.epoch);
});

test("keeps the epoch where a server logs all that it acknowledges", async () => {
  await using server = await RedisServer.start();
  await using peer = await RedisPeer.open({ url: server.url });
  const { position } = await peer.log.append("news", "t1");
  await peer.log.append("news", "t2");
  await server.kill();
  await server.restart();
  const { whole, records } = await peer.log.read("news", position);
  assertEquals([whole, records.map(({ payload }) => payload)], [true, ["t2"]]);
});

test("tells that something may be missing when Redis cuts a slow listener off", async () => {
  await using server = await RedisServer.start();
  await using peer = await RedisPeer.open({ url: server.url });
  await peer.log.follow("news");
  await peer.log.append("news", "t1");
  await redisCommands(server.url, ["CLIENT", "KILL", "TYPE", "pubsub"]);
  await peer.until(() => peer.interrupted() === 1);
  await peer.log.append("news", "t2");
  await peer.until(() => peer.payloads("news").includes("t2"));
});

test("tells that something is missing when Redis has forgotten it", async () => {
  await using server = await RedisServer.start();
  await using peer = await RedisPeer.open({ url: server.url });
  const member = { node: peer.node, id: "ann", info: "null" };
  await peer.presence.beat(5_000);
  await peer.presence.join("room", member);
  await peer.presence.beat(5_000);
  assertEquals(peer.interrupted(), 0);
  await redisCommands(server.url, ["FLUSHALL"]);
  await peer.presence.beat(5_000);
  assertEquals(peer.interrupted(), 1);
  await peer.presence.join("room", member);
  assertEquals((await peer.presence.list("room")).records, [member]);
  await peer.presence.beat(5_000);
  assertEquals(peer.interrupted(), 1);
});

test("notices it too when somebody joins before it tells that it lives", async () => {
  await using server = await RedisServer.start();
  await using peer = await RedisPeer.open({ url: server.url });
  const member = { node: peer.node, id: "ann", info: "null" };
  await peer.presence.join("room", member);
  await redisCommands(server.url, ["FLUSHALL"]);
  await peer.presence.join("room", { ...member, id: "bob" });
  await peer.presence.beat(5_000);
  assertEquals(peer.interrupted(), 1);
});

test("listens where it publishes, also when a name has become another server's", async () => {
  await using old = await RedisServer.start();
  await using server = await RedisServer.start();
  await using proxy = new CutProxy(old.port);
  await using peer = await RedisPeer.open({ port: proxy.port, reconnectDelay: 5 });
  await peer.log.follow("news");
  await peer.log.append("news", "t1");
  await peer.until(() => peer.payloads("news").includes("t1"));
  proxy.pointTo(server.port);
  await redisCommands(old.url, ["CLIENT", "KILL", "TYPE", "normal"]);
  await peer.log.append("news", "t2");
  await peer.until(() => peer.interrupted() === 1);
  await peer.log.append("news", "t3");
  await peer.until(() => peer.payloads("news").includes("t3"));
  assertEquals(peer.epochs("news").length, 2);
});

test("hands a record over once, however often its topic was followed and not", async () => {
  await using server = await RedisServer.start();
  await using peer = await RedisPeer.open({ url: server.url });
  const topics = ["a", "b", "c"];
  for (let round = 0; round < 100; round++) {
    const topic = topics[round % 3] ?? "";
    peer.log.follow(topic).catch((error) => assert(error instanceof BrokerError));
    if (round % 7 !== 0) peer.log.unfollow(topic);
    if (round % 10 === 0) await peer.log.top("a");
  }
  await Promise.all(topics.map((topic) => peer.log.follow(topic)));
  for (const topic of topics) {
    await peer.log.append(topic, "tlast");
    await peer.until(() => peer.payloads(topic).includes("tlast"));
    assertEquals(peer.payloads(topic), ["tlast"]);
  }
  for (const topic of topics) peer.log.unfollow(topic);
  await peer.log.append("a", "tunheard");
  await peer.log.follow("b");
  assertEquals(peer.payloads("a"), ["tlast"]);
});

test("ignores and counts what others publish on its channels", async () => {
  await using server = await RedisServer.start();
  await using peer = await RedisPeer.open({ url: server.url });
  await peer.log.follow("news");
  await peer.presence.changes("news");
  const garbage = [
    "",
    "hello",
    "\n",
    "x.1\n",
    "x.0\ntzero",
    "x.-1\nt",
    "x.1e3\nt",
    "[]\nt",
    '["a"]\nt',
    '["a","b","c"]\nt',
    "[1,2]\nt",
    '["a","b"]',
    "x.1\n+\nnull",
    'x.1\n*["a","b"]\nnull',
    'x.1\n+["a","b"]\nnot json',
    "\0\xff",
    "[".repeat(100_000),
  ];
  const channels = ["gustnado:plain", "gustnado:live:{news}", "gustnado:presence-live:{news}"];
  const commands = channels.flatMap((channel) => garbage.map((text) => ["PUBLISH", channel, text]));
  await redisCommands(server.url, ...commands);
  await peer.log.append("news", "t1");
  await peer.until(() => peer.payloads("news").includes("t1"));
  await peer.presence.join("news", { node: peer.node, id: "ann", info: "null" });
  await peer.until(() => peer.changes("news").length > 0);
  // What begins as a record does is one: nobody can tell who published it.
  const taken = peer.records("news").length - 1 + peer.changes("news").length - 1;
  assertEquals([peer.broker.status.ignored + taken, peer.plain], [commands.length, []]);
  assert(taken < 5, `${taken} of them were taken for something`);
});

test("rejects with the reason where others have written to its keys", async () => {
  await using server = await RedisServer.start();
  await using peer = await RedisPeer.open({ url: server.url });
  await redisCommands(
    server.url,
    ["RPUSH", "gustnado:topic:{state}", "x"],
    ["SET", "gustnado:topic:{text}", "something else"],
    ["SET", "gustnado:topic:{log}", "e 1 1 "],
    ["SET", "gustnado:log:{log}", "x"],
    ["SET", "gustnado:topic:{records}", "e 2 1 "],
    ["RPUSH", "gustnado:log:{records}", "what", "3 9999999999999 1 p\nt"],
    ["SET", "gustnado:topic:{order}", "e 9 1 "],
    ["RPUSH", "gustnado:log:{order}", "1 9999999999999 1 p\nt", "7 9999999999999 1 p\nt"],
    ["SET", "gustnado:from:{producer}:p", "x"],
    ["SET", "gustnado:presence:{state}", "x"],
    ["SET", "gustnado:presence-state:{text}", "x"],
    ["HSET", "gustnado:presence:{order}", "field", "info"],
  );
  for (const topic of ["state", "text", "log"]) {
    await assertRejects(() => peer.log.append(topic, "t"), BrokerError, "Redis answered");
    await assertRejects(() => peer.log.read(topic, null), BrokerError, "Redis answered");
  }
  for (const topic of ["records", "order"]) {
    await assertRejects(() => peer.log.read(topic, null), BrokerError, "holds what is no record");
  }
  const producer = { id: "p", number: 1 };
  await assertRejects(() => peer.log.append("producer", "t", producer), BrokerError, "no producer");
  for (const topic of ["state", "text"]) {
    await assertRejects(() => peer.presence.list(topic), BrokerError, "Redis answered");
    const member = { node: peer.node, id: "ann", info: "null" };
    await assertRejects(() => peer.presence.join(topic, member), BrokerError, "Redis answered");
  }
  assertEquals((await peer.presence.list("order")).records, []);
  assertEquals(peer.broker.status.ignored, 1);
  assertEquals(peer.broker.status.state, "connected");
});

test("outlives a server that speaks another language", async () => {
  const answers = [
    "HTTP/1.1 400 Bad Request\r\n\r\n",
    "\0\xff\xfe",
    ":1\r\n".repeat(50),
    "*-5\r\n%%",
    "",
  ];
  let served = 0;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) {
      const text = answers[served++ % answers.length] ?? "";
      await connection.write(new TextEncoder().encode(text)).catch(() => {});
      connection.close();
    }
  })();
  {
    const { port } = listener.addr;
    await using peer = await RedisPeer.open({
      port,
      connectTimeout: 200,
      reconnectDelay: 5,
      maxReconnectDelay: 10,
    });
    assert(await poll(() => served > 30));
    assertEquals(peer.broker.status.state, "connecting");
    assertNotEquals(peer.broker.status.lastError, null);
  }
  listener.close();
  await serving;
});
