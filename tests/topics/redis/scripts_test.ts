import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createClient } from "redis";
import type { RedisClient } from "../../../src/topics/redis/redis_client.ts";
import { APPEND, READ, type Script } from "../../../src/topics/redis/scripts.ts";
import { serviceTest, startRedis } from "../../support/services.ts";

/** What the server is said to be: its run, and whether it keeps what it acknowledged. */
interface Life {
  readonly run?: string;
  readonly kept?: boolean;
}

/** Calls the scripts as a broker does. */
class Redis implements AsyncDisposable {
  readonly #client: RedisClient;
  readonly #server: AsyncDisposable;

  private constructor(client: RedisClient, server: AsyncDisposable) {
    this.#client = client;
    this.#server = server;
  }

  static async start(): Promise<Redis> {
    const server = await startRedis();
    const client = createClient({ url: `redis://127.0.0.1:${server.port}` });
    await client.connect();
    return new Redis(client, server);
  }

  append(
    [producer, number]: readonly [string, number],
    { refused = false, history = 100, ...life }: Life & {
      readonly refused?: boolean;
      readonly history?: number;
    } = {},
  ): Promise<unknown[]> {
    const payload = `t${producer}${number}`;
    const limits = [`${history}`, "100000", "60000", "120000", "live"];
    const keys = ["state", "log", `from:${producer}`];
    return this.#run(APPEND, keys, life, refused, [producer, `${number}`, payload, ...limits]);
  }

  readAll(life: Life = {}): Promise<unknown[]> {
    return this.#run(READ, ["state", "log"], life, false, ["100", "100000", "60000", "all"]);
  }

  read(epoch: unknown, offset: number, life: Life = {}): Promise<unknown[]> {
    const args = ["100", "100000", "60000", "after", `${epoch}`, `${offset}`];
    return this.#run(READ, ["state", "log"], life, false, args);
  }

  send(...words: string[]): Promise<unknown> {
    return this.#client.sendCommand(words);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
    await this.#server[Symbol.asyncDispose]();
  }

  async #run(
    { text }: Script,
    keys: readonly string[],
    { run = "r", kept = true }: Life,
    refused: boolean,
    args: readonly string[],
  ): Promise<unknown[]> {
    const common = [run, kept ? "1" : "0", refused ? "1" : "0", "abc"];
    const answer = await this.send("EVAL", text, `${keys.length}`, ...keys, ...common, ...args);
    assert(Array.isArray(answer));
    return answer;
  }
}

function test(rule: string, fn: (redis: Redis) => Promise<void>): void {
  serviceTest("redis-server", rule, async () => {
    await using redis = await Redis.start();
    await fn(redis);
  });
}

/** Offset, and whether it is a double. */
function placeOf(answer: readonly unknown[]): unknown[] {
  return answer.slice(1);
}

test("a double is told where it was appended, also behind others", async (redis) => {
  for (let number = 1; number <= 150; number++) {
    await redis.append(["p", number], { history: 1_000 });
    if (number % 2 === 0) await redis.append(["q", number], { history: 1_000 });
  }
  for (const [number, offset] of [[150, 224], [149, 223], [2, 2], [1, 1], [75, 112]] as const) {
    assertEquals(placeOf(await redis.append(["p", number], { history: 1_000 })), [offset, 1]);
  }
  assertEquals(placeOf(await redis.append(["q", 2])), [3, 1]);
  assertEquals(placeOf(await redis.append(["p", 151])), [226, 0]);
});

test("a double that the log has dropped is no new message", async (redis) => {
  for (let number = 1; number <= 5; number++) await redis.append(["p", number], { history: 2 });
  assertEquals(placeOf(await redis.append(["p", 1], { history: 2 })), [5, 1]);
});

test("what was refused is appended after a later one of its producer, and once", async (redis) => {
  await redis.append(["p", 1]);
  await redis.append(["p", 3]);
  assertEquals(placeOf(await redis.append(["p", 2], { refused: true })), [3, 0]);
  assertEquals(placeOf(await redis.append(["p", 2], { refused: true })), [3, 1]);
  assertEquals(placeOf(await redis.append(["p", 3], { refused: true })), [2, 1]);
  assertEquals(placeOf(await redis.append(["p", 3])), [2, 1]);
  assertEquals(placeOf(await redis.append(["p", 4])), [4, 0]);
});

test("another run of a server that lost something is another epoch of the same log", async (redis) => {
  const [first] = await redis.append(["p", 1], { run: "a", kept: false });
  const [second] = await redis.append(["p", 2], { run: "b", kept: false });
  assertNotEquals(first, second);
  assertEquals((await redis.read(first, 1, { run: "b", kept: false })).slice(1), [
    2,
    0,
  ]);
  assertEquals((await redis.read(second, 0, { run: "b" })).slice(0, 3), [
    second,
    2,
    1,
  ]);
  const [third] = await redis.readAll({ run: "c", kept: false });
  assertNotEquals(second, third);
  assertEquals((await redis.read(third, 1, { run: "d" })).slice(0, 3), [third, 2, 1]);
  const [fourth] = await redis.append(["p", 3], { run: "d" });
  assertEquals(fourth, third);
  assert(Number(await redis.send("PTTL", "state")) > 50_000);
});

test("a log that Redis evicted is not whole, and a state without a log begins anew", async (redis) => {
  const [epoch] = await redis.append(["p", 1]);
  await redis.append(["p", 2]);
  await redis.send("DEL", "log");
  assertEquals((await redis.read(epoch, 1)).slice(1), [2, 0]);
  assertEquals((await redis.read(epoch, 2)).slice(1), [2, 1]);
  await redis.append(["p", 3]);
  assertEquals((await redis.read(epoch, 2)).length, 4);
  assertEquals(await redis.send("GET", "state"), `${epoch} 3 3 r`);
  await redis.send("DEL", "state");
  const [other, top, whole, ...records] = await redis.readAll();
  assertNotEquals(other, epoch);
  assertEquals([top, whole, records], [0, 1, []]);
});
