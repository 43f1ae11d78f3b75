import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import {
  AsyncHTTPClient,
  HTTPClientError,
  HTTPNoResponseError,
  HTTPRequest,
  type HTTPRequestOptions,
  HTTPResponse,
  HTTPStreamClosedError,
} from "../../mod.ts";
import { retryAfter, RetryPolicy } from "../../src/client/attempt/retry.ts";
import { fakeClock } from "../support/fake_clock.ts";

/** A client whose server answers with the statuses one after the other; 0 breaks the connection. */
function scripted(...statuses: number[]) {
  const bodies: unknown[] = [];
  const client = new AsyncHTTPClient({
    fetch: async (_, init) => {
      bodies.push(init.body instanceof ReadableStream ? await new Response(init.body).text() : "");
      const status = statuses[bodies.length - 1] ?? 200;
      if (status === 0) {
        throw new TypeError("fetch failed", { cause: new Error("connection closed") });
      }
      const headers = status === 429 ? { "retry-after": "7" } : {};
      return new Response(`answer ${bodies.length}`, { status, headers });
    },
  });
  return { client, bodies };
}

/** What came of a try that was answered with a status and a `Retry-After`. */
function failure(code: number, retryAfter: string): HTTPClientError {
  const response = new HTTPResponse({
    request: new HTTPRequest("http://a/"),
    code,
    reason: "",
    headers: new Headers({ "retry-after": retryAfter }),
    body: new Uint8Array(),
    effectiveUrl: "http://a/",
    startTime: 0,
    timeInfo: { queue: 0, firstByte: 0, total: 0 },
  });
  return new HTTPClientError(code, { response });
}

const quick = { minDelay: 0, maxDelay: 0 };

Deno.test("retry tries again until there is a success", async () => {
  const { client, bodies } = scripted(503, 0, 200);
  const response = await client.fetch("http://a/", { retry: quick });
  assertEquals([response.text(), bodies.length], ["answer 3", 3]);
});

Deno.test("retry ends with the last failure", async () => {
  const { client, bodies } = scripted(503, 503, 502, 200);
  await assertRejects(() => client.fetch("http://a/", { retry: quick }), HTTPClientError, "502");
  assertEquals(bodies.length, 3);
  const broken = scripted(0, 0);
  const fetching = () => broken.client.fetch("http://a/", { retry: { ...quick, attempts: 2 } });
  await assertRejects(fetching, HTTPStreamClosedError);
});

Deno.test("retry leaves alone what would fail again, and methods that are not idempotent", async () => {
  const tries = async (status: number, options: HTTPRequestOptions) => {
    const { client, bodies } = scripted(status, status, status);
    await client.fetch("http://a/", { raiseError: false, retry: quick, ...options });
    return bodies.length;
  };
  assertEquals(await tries(404, {}), 1);
  assertEquals(await tries(500, {}), 1);
  assertEquals(await tries(500, { retry: { ...quick, statuses: [500] } }), 3);
  assertEquals(await tries(503, { method: "POST", body: "" }), 1);
  assertEquals(
    await tries(503, { method: "POST", body: "", retry: { ...quick, anyMethod: true } }),
    3,
  );
  assertEquals(await tries(503, { method: "PUT", body: new Blob(["x"]).stream() }), 1);
});

Deno.test("retry calls a producer anew", async () => {
  const { client, bodies } = scripted(503, 503);
  await client.fetch("http://a/", {
    method: "PUT",
    retry: quick,
    bodyProducer: (write) => write("b"),
  });
  assertEquals(bodies, ["b", "b", "b"]);
});

Deno.test("retry streams the final answer only", async () => {
  const { client } = scripted(503, 200);
  let text = "";
  await client.fetch("http://a/", {
    retry: quick,
    streamingCallback: (chunk) => void (text += new TextDecoder().decode(chunk)),
  });
  assertEquals(text, "answer 2");
});

Deno.test("retry waits as long as the server asks", async () => {
  using clock = fakeClock();
  const { client, bodies } = scripted(429);
  const fetching = client.fetch("http://a/", { retry: { maxDelay: 0 } });
  await clock.tick(6_999);
  assertEquals(bodies.length, 1);
  await clock.tick(1);
  assertEquals((await fetching).text(), "answer 2");
  assertEquals(clock.pending(), 0);
});

Deno.test("retry waits no less than its own pause when the server asks for less", () => {
  const limit = 60_000;
  const policy = new RetryPolicy(new HTTPRequest("http://a/"), {
    minDelay: limit,
    maxDelay: limit,
  });
  const after = (value: string) =>
    Array.from({ length: 200 }, () => policy.delayAfter(1, failure(429, value)) ?? -1);
  const pauses = after("1");
  assert(Math.min(...pauses) >= 1_000, "A pause was shorter than the server asked for");
  assert(Math.max(...pauses) > limit / 2, "Every pause was shortened to what the server asked for");
  assert(
    Math.max(...after("0")) > limit / 2,
    "Every pause was left out as the server asked for none",
  );
});

Deno.test("retry that is asked to wait for ever gives up, and never comes at once", async () => {
  for (const value of ["60001", "99999999999", "9".repeat(400), "Fri, 31 Dec 9999 23:59:59 GMT"]) {
    const policy = new RetryPolicy(new HTTPRequest("http://a/"), { maxRetryAfter: 60_000_000 });
    assertEquals(policy.delayAfter(1, failure(503, value)), null, value);
  }
  using clock = fakeClock();
  const { client, bodies } = scripted(429);
  const abort = new AbortController();
  const fetching = client.fetch("http://a/", {
    signal: abort.signal,
    retry: { minDelay: Infinity, maxDelay: Infinity, maxRetryAfter: Infinity, attempts: Infinity },
  });
  await clock.tick(24 * 86_400_000);
  assertEquals(bodies.length, 1);
  abort.abort(new Error("enough"));
  await assertRejects(() => fetching, Error, "enough");
  assertEquals(clock.pending(), 0);
});

Deno.test("pause after a great many tries is a number still", () => {
  const retry = { attempts: Infinity, minDelay: 0, maxDelay: 1_000 };
  const policy = new RetryPolicy(new HTTPRequest("http://a/"), retry);
  for (const tries of [1_023, 1_025, 1e9]) {
    assertEquals(policy.delayAfter(tries, new HTTPNoResponseError("Cannot")), 0);
  }
});

Deno.test("retry gives up when the server asks for too long a wait", async () => {
  const { client, bodies } = scripted(429);
  const fetching = () => client.fetch("http://a/", { retry: { maxRetryAfter: 6_000 } });
  await assertRejects(fetching, HTTPClientError, "429");
  assertEquals(bodies.length, 1);
});

Deno.test("signal ends the pause between two tries", async () => {
  using clock = fakeClock();
  const { client, bodies } = scripted(429);
  const abort = new AbortController();
  const fetching = client.fetch("http://a/", { retry: 3, signal: abort.signal });
  while (clock.pending() === 0) await Promise.resolve();
  assertEquals(bodies.length, 1);
  abort.abort(new Error("enough"));
  await assertRejects(() => fetching, Error, "enough");
  assertEquals(clock.pending(), 0);
});

Deno.test("pause between tries doubles, and is anything from nothing to its limit", () => {
  const request = new HTTPRequest("http://a/");
  const policy = new RetryPolicy(request, { attempts: 20, minDelay: 100, maxDelay: 1_000 });
  const error = new HTTPNoResponseError("Cannot");
  for (const [tries, limit] of [[1, 100], [2, 200], [3, 400], [4, 800], [5, 1_000], [19, 1_000]]) {
    const pauses = Array.from({ length: 200 }, () => policy.delayAfter(tries ?? 0, error) ?? -1);
    assert(Math.min(...pauses) >= 0 && Math.max(...pauses) <= (limit ?? 0), `${pauses}`);
    assert(Math.max(...pauses) > (limit ?? 0) / 2, "There is no jitter up to the limit");
  }
  assertEquals(policy.delayAfter(20, error), null);
});

Deno.test("Retry-After is seconds or a date, and nothing else", () => {
  const now = Date.UTC(2026, 0, 1);
  assertEquals(retryAfter("120", now), 120_000);
  assertEquals(retryAfter("Thu, 01 Jan 2026 00:00:10 GMT", now), 10_000);
  assertEquals(retryAfter("Wed, 31 Dec 2025 00:00:00 GMT", now), 0);
  assertEquals(
    ["-1", "1.5", "soon", ""].map((value) => retryAfter(value, now)),
    Array(4).fill(null),
  );
  fc.assert(fc.property(fc.string(), (value) => {
    const ms = retryAfter(value, now);
    assert(ms === null || ms >= 0);
  }));
});
