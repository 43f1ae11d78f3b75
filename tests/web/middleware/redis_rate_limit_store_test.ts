import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createClient } from "redis";
import type { RedisCommands } from "../../../src/redis/redis_commands.ts";
import { MemoryRateLimitStore } from "../../../src/web/middleware/memory_rate_limit_store.ts";
import { RedisRateLimitStore } from "../../../src/web/middleware/redis_rate_limit_store.ts";
import { ChildProcess } from "../../support/child_process.ts";
import { poll } from "../../support/poll.ts";
import { serviceTest, startRedis } from "../../support/services.ts";

const BUCKET = { capacity: 3, refillMs: 600_000 };

/** A client of a Redis of its own, which notes the names of commands. */
async function connect(port: number) {
  const client = await createClient({ url: `redis://127.0.0.1:${port}` }).connect();
  const commands: string[] = [];
  const redis: RedisCommands = {
    sendCommand(words) {
      commands.push(words[0] ?? "");
      return client.sendCommand(words);
    },
  };
  return { client, commands, redis, [Symbol.dispose]: () => client.destroy() };
}

serviceTest("redis-server", "Redis store takes tokens as the memory store does", async () => {
  await using server = await startRedis();
  using connection = await connect(server.port);
  const redis = new RedisRateLimitStore(connection.redis);
  const memory = new MemoryRateLimitStore();
  for (let i = 0; i < 5; i++) {
    const [ours, theirs] = [memory.take("a", BUCKET), await redis.take("a", BUCKET)];
    assertEquals(theirs.allowed, ours.allowed);
    assert(Math.abs(theirs.fullAfterMs - ours.fullAfterMs) < 60_000);
  }
  assert((await redis.take("b", BUCKET)).allowed);
});

serviceTest(
  "redis-server",
  "Redis store keeps a key for as long as its bucket is not full",
  async () => {
    await using server = await startRedis();
    using connection = await connect(server.port);
    const store = new RedisRateLimitStore(connection.redis, { prefix: "p:" });
    await store.take("long", BUCKET);
    await store.take("short", { capacity: 1, refillMs: 1.5 });
    const left = await connection.client.pTTL("p:long");
    assert(left > 0 && left <= BUCKET.refillMs);
    assert(await poll(async () => await connection.client.exists("p:short") === 0));
  },
);

serviceTest(
  "redis-server",
  "Redis store sends its script once, and again when Redis has lost it",
  async () => {
    await using server = await startRedis();
    using connection = await connect(server.port);
    const store = new RedisRateLimitStore(connection.redis);
    await store.take("a", BUCKET);
    await store.take("a", BUCKET);
    assertEquals(connection.commands, ["EVALSHA", "EVAL", "EVALSHA"]);
    await connection.client.sendCommand(["SCRIPT", "FLUSH"]);
    assert((await store.take("a", BUCKET)).allowed);
    assert(!(await store.take("a", BUCKET)).allowed);
    assertEquals(connection.commands.slice(3), ["EVALSHA", "EVAL", "EVALSHA"]);
  },
);

serviceTest(
  "redis-server",
  "two servers share one limit, however many requests come at once",
  async () => {
    const limit = 25;
    await using redis = await startRedis();
    const args = [`${redis.port}`, `${limit}`];
    await using first = await ChildProcess.start("rate_limited_server.ts", { args });
    await using second = await ChildProcess.start("rate_limited_server.ts", { args });
    const statuses = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const { port } = i % 2 === 0 ? first : second;
        const response = await fetch(`http://127.0.0.1:${port}/`);
        await response.body?.cancel();
        return response.status;
      }),
    );
    assertEquals(statuses.filter((status) => status === 200).length, limit);
    assertEquals(statuses.filter((status) => status === 429).length, 100 - limit);
  },
);

Deno.test("Redis store gives up a client that does not answer", async () => {
  const store = new RedisRateLimitStore({ sendCommand: () => new Promise(() => {}) }, {
    timeoutMs: 5,
  });
  await assertRejects(() => store.take("a", BUCKET), Error, "did not answer within 5 ms");
});

for (const reply of [null, "OK", [], [1], [2, "0"], [1, "x"], [1, "Infinity"]]) {
  Deno.test(`Redis store does not take ${JSON.stringify(reply)} for an answer`, async () => {
    const store = new RedisRateLimitStore({ sendCommand: () => Promise.resolve(reply) });
    await assertRejects(() => store.take("a", BUCKET), Error, "something else");
  });
}

Deno.test("Redis store passes on what fails", async () => {
  const failure = new Error("ERR no");
  const store = new RedisRateLimitStore({ sendCommand: () => Promise.reject(failure) });
  assertEquals(await assertRejects(() => store.take("a", BUCKET)), failure);
});

Deno.test("Redis store refuses what is no client", () => {
  assertThrows(() => new RedisRateLimitStore({} as RedisCommands), TypeError, "sendCommand");
});
