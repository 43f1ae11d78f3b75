import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { clientNetwork } from "../../../src/http/target/ip_address.ts";
import { Application } from "../../../src/web/application.ts";
import { basicAuth } from "../../../src/web/middleware/basic_auth.ts";
import { MemoryRateLimitStore } from "../../../src/web/middleware/memory_rate_limit_store.ts";
import { rateLimit, type RateLimitOptions } from "../../../src/web/middleware/rate_limit.ts";
import {
  type RateLimitStore,
  takeToken,
  type TokenBucket,
} from "../../../src/web/middleware/token_bucket.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { WebSocketHandler } from "../../../src/websocket/web_socket_handler.ts";
import { assertLinear } from "../../support/linear.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { RawWebSocket } from "../../support/raw_websocket.ts";
import { bothWays, serve } from "../../support/serve.ts";

class Main extends RequestHandler {
  override get() {
    this.write("ok");
  }
}

class Socket extends WebSocketHandler {}

/** A store whose clock is moved by hand. */
function fakeStore() {
  const clock = { ms: 0 };
  return { clock, store: new MemoryRateLimitStore({ now: () => clock.ms }) };
}

const app = (options: RateLimitOptions, xheaders = false) =>
  new Application([["/", Main], ["/ws", Socket]], { middleware: [rateLimit(options)], xheaders });

/** Status, `RateLimit` and `Retry-After` of a request from an address. */
async function ask(
  application: Application,
  hostname = "192.0.2.1",
  headers: Record<string, string> = {},
): Promise<string> {
  const info = { remoteAddr: { transport: "tcp", hostname } };
  const response = await application.fetch(new Request("http://localhost/", { headers }), info);
  await response.body?.cancel();
  const { headers: fields } = response;
  const retry = fields.get("retry-after");
  return `${response.status} ${fields.get("ratelimit")}${retry === null ? "" : ` after ${retry}`}`;
}

bothWays(
  "rateLimit answers 429 beyond the limit, and tells what is left",
  () => app({ limit: 2 }),
  async (fetch) => {
    const seen = [];
    for (let i = 0; i < 3; i++) {
      const response = await fetch("/");
      const { headers } = response;
      assertEquals(headers.get("ratelimit-policy"), '"default";q=2;w=60');
      seen.push([response.status, headers.get("ratelimit"), headers.get("retry-after")]);
      if (i === 2) assert((await response.text()).includes("429: Too Many Requests"));
    }
    assertEquals(seen, [
      [200, '"default";r=1;t=30', null],
      [200, '"default";r=0;t=60', null],
      [429, '"default";r=0;t=60', "30"],
    ]);
    const head = await fetch("/", { method: "HEAD" });
    assertEquals([head.status, await head.text()], [429, ""]);
    assertEquals((await fetch("/", { method: "POST", body: "x".repeat(99_999) })).status, 429);
  },
);

Deno.test("rateLimit gives tokens back evenly", async () => {
  const { clock, store } = fakeStore();
  const application = app({ limit: 60, burst: 2, store });
  assertEquals(await ask(application), '200 "default";r=1;t=1');
  assertEquals(await ask(application), '200 "default";r=0;t=2');
  assertEquals(await ask(application), '429 "default";r=0;t=2 after 1');
  clock.ms = 999;
  assertEquals(await ask(application), '429 "default";r=0;t=2 after 1');
  clock.ms = 1_000;
  assertEquals(await ask(application), '200 "default";r=0;t=2');
  assertEquals(await ask(application), '429 "default";r=0;t=2 after 1');
  clock.ms = 1_000_000;
  assertEquals(await ask(application), '200 "default";r=1;t=1');
});

Deno.test("rateLimit counts clients by address, of IPv6 by the first 64 bits", async () => {
  const { store } = fakeStore();
  const application = app({ limit: 1, store });
  const status = async (address: string) => Number((await ask(application, address)).slice(0, 3));
  assertEquals(await status("192.0.2.1"), 200);
  assertEquals(await status("192.0.2.2"), 200);
  assertEquals(await status("::ffff:192.0.2.1"), 429);
  assertEquals(await status("2001:db8:1:2::1"), 200);
  assertEquals(await status("2001:0db8:1:2:ffff::9"), 429);
  assertEquals(await status("2001:db8:1:3::1"), 200);
});

Deno.test("rateLimit believes a proxy only where it is told to", async () => {
  const forwarded = (client: string) => ({ "x-forwarded-for": client });
  const trusting = app({ limit: 1 }, true);
  assertEquals((await ask(trusting, "10.0.0.1", forwarded("192.0.2.1"))).slice(0, 3), "200");
  assertEquals((await ask(trusting, "10.0.0.1", forwarded("192.0.2.2"))).slice(0, 3), "200");
  assertEquals((await ask(trusting, "10.0.0.1", forwarded("192.0.2.2"))).slice(0, 3), "429");
  const wary = app({ limit: 1 });
  assertEquals((await ask(wary, "192.0.2.9", forwarded("192.0.2.1"))).slice(0, 3), "200");
  assertEquals((await ask(wary, "192.0.2.9", forwarded("192.0.2.2"))).slice(0, 3), "429");
});

for (
  const [how, key] of [
    ["a function", (request: Request) => new URL(request.url).pathname],
    ["an async function", () => Promise.resolve("all")],
  ] as const
) {
  Deno.test(`rateLimit counts by ${how}`, async () => {
    const application = app({ limit: 1, key });
    assertEquals((await ask(application, "192.0.2.1")).slice(0, 3), "200");
    assertEquals((await ask(application, "192.0.2.2")).slice(0, 3), "429");
  });
}

Deno.test("rateLimit counts by user behind basicAuth, and lets those through that have no key", async () => {
  const application = new Application([["/", Main]], {
    middleware: [
      basicAuth({ verify: () => true }),
      rateLimit({
        limit: 1,
        key: (_request, { user }) => user === "admin" ? null : String(user),
      }),
    ],
  });
  const status = async (user: string) => {
    const headers = { authorization: `Basic ${btoa(`${user}:`)}` };
    return Number((await ask(application, "192.0.2.1", headers)).slice(0, 3));
  };
  assertEquals([await status("a"), await status("b"), await status("a")], [200, 200, 429]);
  assertEquals([await status("admin"), await status("admin")], [200, 200]);
});

Deno.test("two limits around one request both tell what is left", async () => {
  const { store } = fakeStore();
  const application = new Application([["/", Main]], {
    middleware: [
      rateLimit({ limit: 100, windowMs: 3_600_000, name: "hour", store }),
      rateLimit({ limit: 1, windowMs: 1_000, name: "second", store }),
    ],
  });
  const second = '"second";r=0;t=1, "hour";r=';
  assertEquals(await ask(application), `200 ${second}99;t=36`);
  assertEquals(await ask(application), `429 ${second}98;t=72 after 1`);
});

Deno.test("WebSocket handshakes count, and their messages do not", async () => {
  using _records = captureLogs();
  await using server = serve(app({ limit: 1 }));
  using first = await RawWebSocket.connect(server.port, "/ws");
  using second = await RawWebSocket.connect(server.port, "/ws");
  assertEquals([first.response.status, second.response.status], [101, 429]);
});

class BrokenStore implements RateLimitStore {
  broken = true;
  readonly #how: "at once" | "later";
  constructor(how: "at once" | "later") {
    this.#how = how;
  }
  take(_key: string, bucket: TokenBucket) {
    const error = new Error("no connection");
    if (!this.broken) return takeToken(0, bucket);
    if (this.#how === "later") return Promise.reject(error);
    throw error;
  }
}

for (const how of ["at once", "later"] as const) {
  Deno.test(`store that fails ${how} lets requests through, with one warning`, async () => {
    using records = captureLogs();
    const store = new BrokenStore(how);
    const application = app({ limit: 1, store });
    for (let i = 0; i < 3; i++) assertEquals((await ask(application)).slice(0, 3), "200");
    await expectLog(records, "warning", /Cannot limit .*let through.*no connection/s);
    store.broken = false;
    assertEquals((await ask(application)).slice(0, 3), "200");
    store.broken = true;
    await ask(application);
    await expectLog(records, "warning", /Cannot limit/);
  });

  Deno.test(`store that fails ${how} refuses requests with 503 if it is to`, async () => {
    using records = captureLogs();
    const application = app({ limit: 1, store: new BrokenStore(how), onStoreFailure: "closed" });
    for (let i = 0; i < 3; i++) assertEquals((await ask(application)).slice(0, 3), "503");
    await expectLog(records, "warning", /Cannot limit .*refused.*no connection/s);
  });
}

for (
  const options of [
    {},
    { limit: 0 },
    { limit: 1.5 },
    { limit: Infinity },
    { limit: 1, windowMs: 0 },
    { limit: 1, windowMs: Infinity },
    { limit: 1, burst: 0 },
    { limit: 1, key: "ip" },
    { limit: 1, store: {} },
    { limit: 1, store: null },
    { limit: 1, onStoreFailure: "shut" },
    { limit: 1, name: 'a"b' },
    { limit: 1, window: 5 },
  ]
) {
  Deno.test(`rateLimit refuses the options ${JSON.stringify(options)}`, () => {
    assertThrows(() => rateLimit(options as unknown as RateLimitOptions), TypeError);
  });
}

Deno.test("bucket never gives more than its burst and what drops in", () => {
  const steps = fc.array(fc.nat({ max: 500 }), { minLength: 1, maxLength: 200 });
  const numbers = fc.integer({ min: 1, max: 20 });
  fc.assert(fc.property(steps, numbers, numbers, (steps, capacity, refillMs) => {
    const { clock, store } = fakeStore();
    const bucket = { capacity, refillMs };
    const taken: number[] = [];
    for (const step of steps) {
      clock.ms += step % 3 === 0 ? 0 : step;
      if (store.take("a", bucket).allowed) taken.push(clock.ms);
    }
    for (const [first, start] of taken.entries()) {
      for (let last = first; last < taken.length; last++) {
        const count = last - first + 1;
        assert(count <= capacity + ((taken[last] ?? 0) - start) / refillMs + 1e-6);
      }
    }
  }));
});

Deno.test("client network is an IPv4 address, or 64 bits of IPv6", () => {
  assertEquals(clientNetwork("192.0.2.1"), "192.0.2.1");
  assertEquals(clientNetwork("::ffff:192.0.2.1"), "192.0.2.1");
  assertEquals(clientNetwork("2001:db8::1"), "2001:db8:0:0");
  assertEquals(clientNetwork("2001:DB8:0:0:1:2:3:4"), "2001:db8:0:0");
  assertEquals(clientNetwork("fe80::1%eth0"), "fe80::1%eth0");
  assertEquals(clientNetwork("nothing"), "nothing");
});

// ---- memory

Deno.test("memory store is bounded under a million addresses", () => {
  const { clock, store } = fakeStore();
  const small = new MemoryRateLimitStore({ maxKeys: 1_000, now: () => clock.ms });
  const bucket = { capacity: 5, refillMs: 12_000 };
  for (let i = 0; i < 1_000_000; i++) {
    const key = `2001:db8:${(i >> 16).toString(16)}:${(i & 0xffff).toString(16)}`;
    store.take(key, bucket);
    small.take(key, bucket);
  }
  assertEquals(store.size <= 100_000, true);
  assertEquals(small.size <= 1_000, true);
});

Deno.test("memory store keeps who comes again, whoever else comes", () => {
  const store = new MemoryRateLimitStore({ maxKeys: 100, now: () => 0 });
  const bucket = { capacity: 3, refillMs: 1_000 };
  for (let i = 0; i < 3; i++) assert(store.take("loud", bucket).allowed);
  for (let i = 0; i < 10_000; i++) {
    store.take(`other ${i}`, bucket);
    if (i % 20 === 0) assert(!store.take("loud", bucket).allowed);
  }
});

Deno.test("memory store forgets buckets that are full", () => {
  const { clock, store } = fakeStore();
  for (let i = 0; i < 1_000; i++) store.take(`${i}`, { capacity: 5, refillMs: 100 });
  assertEquals(store.size, 1_000);
  clock.ms = 100;
  store.take("new", { capacity: 5, refillMs: 100 });
  assertEquals(store.size, 1);
});

Deno.test("memory store takes linear time for any number of requests", () => {
  const keys = Array.from({ length: 5_000 }, (_, i) => `client ${i}`);
  const store = new MemoryRateLimitStore({ maxKeys: 1_000, now: () => 0 });
  const bucket = { capacity: 5, refillMs: 1_000 };
  assertLinear((n) => {
    for (let i = 0; i < n; i++) store.take(keys[i % keys.length] ?? "", bucket);
  }, { n: 20_000 });
});

Deno.test("memory store refuses a size that is none", () => {
  for (const maxKeys of [0, 1, 2.5, NaN, Infinity]) {
    assertThrows(() => new MemoryRateLimitStore({ maxKeys }), RangeError, `${maxKeys}`);
  }
});

Deno.test("refusal is JSON for a client that prefers it, and the log has its reason", async () => {
  using records = captureLogs();
  const app = new Application([["/", () => new Response("ok")]], {
    middleware: [rateLimit({ limit: 1 })],
  });
  const get = () =>
    app.fetch(new Request("http://localhost/", { headers: { Accept: "application/json" } }));
  await (await get()).body?.cancel();
  const refused = await get();
  assertEquals(await refused.json(), { status: 429, reason: "Too Many Requests" });
  assertEquals(records.messages("gustnado.general"), []);
});
