import { assert, assertEquals, assertFalse, assertRejects, assertThrows } from "@std/assert";
import {
  DenoKvSessionStore,
  MemorySessionStore,
  RedisSessionStore,
  type SessionStore,
} from "@gustnado/gustnado";
import { createClient } from "redis";
import { assertLinear } from "../../support/linear.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { poll } from "../../support/poll.ts";
import { serviceTest, startRedis } from "../../support/services.ts";
import { Visitor } from "../../support/visitor.ts";
import { sessionApplication } from "./session_application.ts";

const LONG = 60_000;

/** What every store must do. */
async function checkStore(store: SessionStore): Promise<void> {
  assertEquals(await store.load("a"), null);
  assert(await store.replace("a", "one", { expected: null, ttlMs: LONG }));
  assertEquals(await store.load("a"), "one");
  assertFalse(await store.replace("a", "other", { expected: null, ttlMs: LONG }));
  assertFalse(await store.replace("a", "other", { expected: "zero", ttlMs: LONG }));
  assertFalse(await store.replace("b", "other", { expected: "one", ttlMs: LONG }));
  assertEquals([await store.load("a"), await store.load("b")], ["one", null]);
  assert(await store.replace("a", "two \u{1f32a} \u0000", { expected: "one", ttlMs: 1500.5 }));
  assert(await store.replace("b", "x".repeat(50_000), { expected: null, ttlMs: LONG }));
  assertEquals(await store.load("a"), "two \u{1f32a} \u0000");
  assertEquals((await store.load("b"))?.length, 50_000);
  await store.delete("a");
  await store.delete("a");
  assertEquals(await store.load("a"), null);
  assertFalse(await store.replace("a", "risen", { expected: "two", ttlMs: LONG }));
  await checkRace(store);
}

/** Of many that expect the same, one writes. */
async function checkRace(store: SessionStore): Promise<void> {
  for (const expected of [null, "won"]) {
    const writers = Array.from(
      { length: 10 },
      () => store.replace("race", "won", { expected, ttlMs: LONG }),
    );
    const written = (await Promise.all(writers)).filter((wrote) => wrote);
    if (expected === null) assertEquals(written.length, 1);
  }
}

/** Sessions in the store, from the outside. */
async function checkSessions(store: SessionStore): Promise<void> {
  const app = sessionApplication({ store });
  const visitor = new Visitor(async (path, init) =>
    await app.fetch(new Request(`http://localhost${path}`, init))
  );
  await visitor.fetch("/count");
  const before = visitor.twin();
  await visitor.fetch("/login?user=Ada", { method: "POST" });
  assertEquals(await visitor.text("/secret"), "for Ada only");
  assertEquals(await visitor.text("/count"), "2");
  assertEquals(JSON.parse(await before.text("/show")).isNew, true);
  const copy = visitor.twin();
  const others = Array.from({ length: 5 }, (_, i) => visitor.twin().fetch(`/cart?add=${i}`));
  await Promise.all([...others, visitor.fetch("/logout", { method: "POST" })]);
  assertEquals((await copy.fetch("/secret")).status, 302);
}

Deno.test("MemorySessionStore keeps, compares, replaces and forgets records", async () => {
  await checkStore(new MemorySessionStore());
  await checkSessions(new MemorySessionStore());
});

Deno.test("DenoKvSessionStore keeps, compares, replaces and forgets records", async () => {
  using kv = await Deno.openKv(":memory:");
  await checkStore(new DenoKvSessionStore(kv));
  await checkSessions(new DenoKvSessionStore(kv, { prefix: ["sessions"] }));
  const prefixes = new Set<unknown>();
  for await (const { key } of kv.list({ prefix: [] })) prefixes.add(key[0]);
  assertEquals([...prefixes], ["gustnado", "sessions"].filter((name) => prefixes.has(name)));
});

Deno.test("DenoKvSessionStore tells of a session that is too large for an entry", async () => {
  using kv = await Deno.openKv(":memory:");
  const options = { expected: null, ttlMs: LONG };
  await assertRejects(() => new DenoKvSessionStore(kv).replace("a", "x".repeat(70_000), options));
});

serviceTest(
  "redis-server",
  "RedisSessionStore keeps, compares, replaces and forgets records",
  async () => {
    await using server = await startRedis();
    const redis = createClient({ url: `redis://127.0.0.1:${server.port}` });
    await redis.connect();
    try {
      await checkStore(new RedisSessionStore(redis));
      await checkSessions(new RedisSessionStore(redis, { prefix: "s:" }));
      const keys = await redis.keys("*");
      assert(keys.every((key) => key.startsWith("gustnado:session:") || key.startsWith("s:")));
      for (const key of keys) assert(await redis.pTTL(key) > 0, key);
    } finally {
      redis.destroy();
    }
  },
);

serviceTest("redis-server", "RedisSessionStore lets Redis forget what is over", async () => {
  await using server = await startRedis();
  const redis = createClient({ url: `redis://127.0.0.1:${server.port}` });
  await redis.connect();
  try {
    const store = new RedisSessionStore(redis);
    assert(await store.replace("a", "one", { expected: null, ttlMs: LONG }));
    assert(await store.replace("a", "two", { expected: "one", ttlMs: 20 }));
    assert(await poll(async () => await redis.dbSize() === 0));
    assertEquals(await store.load("a"), null);
  } finally {
    redis.destroy();
  }
});

serviceTest(
  "redis-server",
  "Redis that is gone is a 500, and not a visitor without a session",
  async () => {
    await using server = await startRedis();
    const redis = createClient({
      url: `redis://127.0.0.1:${server.port}`,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: false },
    });
    redis.on("error", () => {});
    await redis.connect();
    const app = sessionApplication({ store: new RedisSessionStore(redis) });
    const visitor = new Visitor(async (path, init) =>
      await app.fetch(new Request(`http://localhost${path}`, init))
    );
    await visitor.fetch("/login?user=Ada", { method: "POST" });
    await server.stop();
    using records = captureLogs();
    assertEquals((await visitor.fetch("/secret")).status, 500);
    await expectLog(records, "error", /Cannot load the session: the store failed/);
    assertEquals((await new Visitor((path) => visitor.twin().fetch(path)).fetch("/")).status, 500);
    await expectLog(records, "error", /Cannot load the session: the store failed/);
  },
);

Deno.test("RedisSessionStore says when the client does not give text", async () => {
  const store = new RedisSessionStore({ sendCommand: () => Promise.resolve(7) });
  await assertRejects(() => store.load("a"), TypeError, "replied with number to GET");
});

Deno.test("MemorySessionStore forgets what is over, without timers", async () => {
  let now = 0;
  const store = new MemorySessionStore({ clock: () => now });
  for (let i = 0; i < 100; i++) {
    await store.replace(`old ${i}`, "x", { expected: null, ttlMs: 1_000 });
  }
  now = 999;
  assertEquals(await store.load("old 0"), "x");
  now = 1_000;
  assertEquals(await store.load("old 0"), null);
  assert(await store.replace("old 99", "again", { expected: null, ttlMs: 5_000 }));
  for (let i = 0; i < 60; i++) {
    await store.replace(`new ${i}`, "x", { expected: null, ttlMs: 5_000 });
  }
  assertEquals(store.size, 61);
});

Deno.test("MemorySessionStore gives up the oldest session when it is full, and says so once", async () => {
  using records = captureLogs();
  const store = new MemorySessionStore({ maxSessions: 3 });
  for (const key of ["a", "b", "c"]) await store.replace(key, "x", { expected: null, ttlMs: LONG });
  await store.replace("a", "y", { expected: "x", ttlMs: LONG });
  for (const key of ["d", "e"]) await store.replace(key, "x", { expected: null, ttlMs: LONG });
  assertEquals(store.size, 3);
  const kept = await Promise.all(["a", "b", "c", "d", "e"].map((key) => store.load(key)));
  assertEquals(kept, ["y", null, null, "x", "x"]);
  await expectLog(records, "warning", /MemorySessionStore is full with 3 sessions/);
  for (const maxSessions of [0, -1, 1.5, NaN]) {
    assertThrows(() => new MemorySessionStore({ maxSessions }), RangeError, `${maxSessions}`);
  }
});

Deno.test("MemorySessionStore takes constant time, also when it is full", () => {
  using records = captureLogs();
  assertLinear((n) => {
    const store = new MemorySessionStore({ maxSessions: n / 2 });
    for (let i = 0; i < n; i++) store.replace(`${i}`, "x", { expected: null, ttlMs: LONG });
    for (let i = 0; i < n; i++) store.load(`${i}`);
  }, { n: 20_000 });
  const count = records.all.length;
  for (let i = 0; i < count; i++) void expectLog(records, "warning", /is full/);
});

Deno.test("Redis that does not answer is a store that fails", async () => {
  using records = captureLogs();
  const redis = { sendCommand: () => new Promise<never>(() => {}) };
  const store = new RedisSessionStore(redis, { timeoutMs: 5 });
  await assertRejects(() => store.load("a"), Error, "did not answer within 5 ms");
  const written = store.replace("a", "b", { expected: "c", ttlMs: LONG });
  await assertRejects(() => written, Error, "did not answer within 5 ms");
  await assertRejects(() => store.delete("a"), Error, "did not answer within 5 ms");
  const visitor = new Visitor(
    async (path, init) =>
      await sessionApplication({ store }).fetch(new Request(`http://localhost${path}`, init)),
    [
      ["session", "x".repeat(43)],
    ],
  );
  assertEquals((await visitor.fetch("/show")).status, 500);
  await expectLog(records, "error", /Cannot load the session: the store failed/);
});
