import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import CachePolicy from "http-cache-semantics";
import {
  AsyncHTTPClient,
  type AsyncHTTPClientOptions,
  type FetchAllOptions,
  type FetchOptions,
  HTTPCache,
  type HTTPCacheOptions,
  HTTPRequest,
  HTTPResponse,
} from "../../mod.ts";

/** What the types would not let pass. */
const untyped = <T>(options: unknown): T => options as T;

const fetchOk = () => Promise.resolve(new Response("ok"));

const numbers = [NaN, -1];
const words = ["1", null, {}];

/** Values that a request refuses, by option. */
const refused: Readonly<Record<string, readonly unknown[]>> = {
  method: [1, null],
  headers: ["a: b", 1],
  body: [1, {}, new ArrayBuffer(1), new URLSearchParams("a=1"), Promise.resolve("a")],
  json: [() => 1, Symbol("a"), 1n],
  bodyProducer: ["a", null],
  authUsername: [1, null],
  authPassword: [1, null],
  authMode: ["Digest", "Basic", "", "ntlm", null],
  connectTimeout: [...numbers, ...words],
  requestTimeout: [...numbers, ...words],
  ifModifiedSince: [NaN, new Date(NaN), "yesterday", null],
  followRedirects: ["no", 0, null],
  maxRedirects: [...numbers, ...words],
  userAgent: [1, null],
  decompressResponse: ["no", 0, null],
  maxBodySize: [...numbers, ...words],
  streamingCallback: ["a", null],
  headerCallback: ["a", null],
  uploadProgress: ["a", null],
  downloadProgress: ["a", null],
  networkInterface: [1, null],
  proxyHost: [1, null],
  proxyPort: [...numbers, 0, 1.5, 65_536, "80", null],
  proxyUsername: [1, null],
  proxyPassword: [1, null],
  proxyScheme: ["ftp", "HTTP", null],
  caCerts: ["PEM", [1], null],
  clientCert: [1, null],
  clientKey: [1, null],
  unixSocket: [1, null],
  allowNonstandardMethods: ["no", null],
  signal: [{}, new AbortController(), null],
  retry: [NaN, -1, 0, 1.5, "3", true, null],
};

/** Values that `retry` refuses, by option. */
const refusedByRetry: Readonly<Record<string, readonly unknown[]>> = {
  attempts: [NaN, -1, 0, 1.5, "x", null],
  minDelay: [...numbers, ...words],
  maxDelay: [...numbers, ...words],
  maxRetryAfter: [...numbers, ...words],
  statuses: [503, ["503"], [NaN], [99], null],
  anyMethod: ["no", null],
};

/** Options that take numbers. */
const RANGES = new Set([
  "attempts",
  "concurrency",
  "connectTimeout",
  "maxBodySize",
  "maxBytes",
  "maxClients",
  "maxClientsPerHost",
  "maxDelay",
  "maxRedirects",
  "maxRetryAfter",
  "minDelay",
  "proxyPort",
  "requestTimeout",
  "retry",
]);

/** Each option with each of its values. */
function* each(table: Readonly<Record<string, readonly unknown[]>>): Generator<[string, unknown]> {
  for (const [name, values] of Object.entries(table)) {
    for (const value of values) yield [name, value];
  }
}

/** A number out of its range is a RangeError, all else a TypeError; the message names the option. */
function assertRefusal(error: unknown, name: string, value: unknown): void {
  assertInstanceOf(error, Error, `${name}: ${String(value)} is taken`);
  const isRange = typeof value === "number" && RANGES.has(name);
  assertInstanceOf(error, isRange ? RangeError : TypeError);
  assert(error.message.includes(`"${name}"`), error.message);
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
}

Deno.test("request refuses options of a wrong type or out of range, and says which", () => {
  for (const [name, value] of each(refused)) {
    const make = () => new HTTPRequest("http://a/", untyped({ [name]: value }));
    assertRefusal(thrownBy(make), name, value);
  }
  for (const [name, value] of each(refusedByRetry)) {
    const make = () => new HTTPRequest("http://a/", untyped({ retry: { [name]: value } }));
    assertRefusal(thrownBy(make), name, value);
  }
});

Deno.test("request takes no unknown option, and tells Tornado's spelling from a wrong name", () => {
  const make = (options: object) => () => new HTTPRequest("http://a/", untyped(options));
  assertThrows(make({ timeout: 1 }), TypeError, 'Unknown option of a request "timeout"');
  assertThrows(make({ request_timeout: 1 }), TypeError, 'it is spelled "requestTimeout"');
  assertThrows(make({ raiseError: false }), TypeError, '"raiseError"');
  assertThrows(make({ retry: { max_delay: 1 } }), TypeError, 'it is spelled "maxDelay"');
});

Deno.test("client, its defaults, fetch and fetchAll check their options, and send nothing", async () => {
  let sent = 0;
  const fetch = () => {
    sent++;
    return fetchOk();
  };
  using client = new AsyncHTTPClient({ fetch });
  for (const [name, value] of each(refused)) {
    const options = untyped<FetchOptions>({ [name]: value });
    const made = thrownBy(() => new AsyncHTTPClient({ defaults: options }));
    assertRefusal(made, name, value);
    for (const how of ["fetch", "fetchAll"] as const) {
      const error = await client[how](
        how === "fetch" ? "http://a/" : untyped(["http://a/"]),
        options,
      )
        .catch((error: unknown) => error);
      assertRefusal(error, name, value);
    }
    const settling = await client.fetchAllSettled([], options).catch((error: unknown) => error);
    assertRefusal(settling, name, value);
  }
  const unknown = untyped<FetchOptions>({ redirect: "manual" });
  await assertRejects(() => client.fetch("http://a/", unknown), TypeError, '"redirect"');
  const raise = untyped<FetchOptions>({ raiseError: "no" });
  await assertRejects(() => client.fetch("http://a/", raise), TypeError, '"raiseError"');
  for (const concurrency of [0, NaN, -1, 1.5, "2"]) {
    const many = untyped<FetchAllOptions>({ concurrency });
    assertRefusal(
      await client.fetchAll([], many).catch((e: unknown) => e),
      "concurrency",
      concurrency,
    );
    const settling = client.fetchAllSettled([], many).catch((e: unknown) => e);
    assertRefusal(await settling, "concurrency", concurrency);
  }
  assertEquals(sent, 0);
});

Deno.test("client and cache refuse options of a wrong type or out of range, and say which", () => {
  const ofClient = {
    maxClients: [0, ...numbers, 1.5, "1", null],
    maxClientsPerHost: [0, ...numbers, 1.5, "1", null],
    maxBodySize: [...numbers, "1", null],
    defaults: ["a", 1, null],
    cookieJar: [{}, "a", { getCookieString: () => "" }, null],
    cache: [{}, "a", null],
    fetch: ["a", null],
    force_instance: [true],
  };
  for (const [name, value] of each(ofClient)) {
    const options = untyped<AsyncHTTPClientOptions>({ [name]: value });
    assertRefusal(thrownBy(() => new AsyncHTTPClient(options)), name, value);
    assertRefusal(thrownBy(() => AsyncHTTPClient.configure(options)), name, value);
  }
  const ofCache = { policy: [{}, undefined, null], maxBytes: [...numbers, "1"], shared: ["no", 0] };
  for (const [name, value] of each(ofCache)) {
    const options = untyped<HTTPCacheOptions>({ policy: CachePolicy, [name]: value });
    assertRefusal(thrownBy(() => new HTTPCache(options)), name, value);
  }
});

Deno.test("text of a response refuses options that it does not know", () => {
  const response = new HTTPResponse({
    request: new HTTPRequest("http://a/"),
    code: 200,
    reason: "OK",
    headers: new Headers(),
    body: new Uint8Array(),
    effectiveUrl: "http://a/",
    startTime: 0,
    timeInfo: { queue: 0, firstByte: 0, total: 0 },
  });
  assertThrows(() => response.text(untyped({ encoding: "latin1" })), TypeError, "encoding");
  assertThrows(() => response.text(untyped({ lossy: "yes" })), TypeError, "lossy");
});

Deno.test("error about an option repeats no secret", () => {
  const secret = ["hush"];
  for (
    const name of ["authUsername", "authPassword", "proxyPassword", "clientKey", "body", "headers"]
  ) {
    const value = name === "headers" ? "hush" : secret;
    const error = thrownBy(() => new HTTPRequest("http://a/", untyped({ [name]: value })));
    assertInstanceOf(error, TypeError);
    assert(!error.message.includes("hush"), error.message);
  }
});

Deno.test("option that is undefined counts as not given, everywhere", async () => {
  const nothing = Object.fromEntries(Object.keys(refused).map((name) => [name, undefined]));
  const request = new HTTPRequest("http://a/", untyped(nothing));
  assertEquals([request.method, request.body], ["GET", null]);
  const agents: (string | null)[] = [];
  using client = new AsyncHTTPClient(untyped({
    maxClients: undefined,
    maxClientsPerHost: undefined,
    maxBodySize: undefined,
    cookieJar: undefined,
    cache: undefined,
    defaults: { userAgent: "Default/1", requestTimeout: undefined },
    fetch: (_: string, init: RequestInit) => {
      agents.push(new Headers(init.headers).get("user-agent"));
      return fetchOk();
    },
  }));
  await client.fetch("http://a/", untyped({ ...nothing, raiseError: undefined }));
  await client.fetch(request);
  await client.fetch(new HTTPRequest("http://a/"), untyped({ ...nothing, raiseError: undefined }));
  await client.fetchAll(["http://a/", request], untyped({ ...nothing, concurrency: undefined }));
  const agent = new HTTPRequest("http://a/", { userAgent: "Own/1" });
  await client.fetch(agent.with(untyped(nothing)));
  assertEquals(agents, [...Array(5).fill("Default/1"), "Own/1"]);
  new HTTPCache(untyped({ policy: CachePolicy, maxBytes: undefined, shared: undefined }));
});

Deno.test("retry that is undefined in parts tries as often as by default, and no more", async () => {
  const tries = async (retry: unknown) => {
    let sent = 0;
    using client = new AsyncHTTPClient({
      fetch: () => {
        if (++sent > 50) throw new Error("There is no end");
        return Promise.resolve(new Response(null, { status: 503 }));
      },
    });
    await client.fetch("http://a/", untyped({ retry, raiseError: false }));
    return sent;
  };
  const quick = { minDelay: 0, maxDelay: 0 };
  assertEquals(await tries({ ...quick, attempts: undefined }), 3);
  assertEquals(await tries({ ...quick, statuses: undefined, anyMethod: undefined }), 3);
  assertEquals(await tries({ ...quick, maxRetryAfter: undefined }), 3);
  assertEquals(await tries(1), 1);
  assertEquals(await tries(undefined), 1);
});

Deno.test("configure sets what later clients do unless told otherwise, until it is called again", async () => {
  const sent: (string | null)[] = [];
  const fetch = (_: string, init: RequestInit) => {
    const headers = new Headers(init.headers);
    sent.push(`${headers.get("user-agent")} ${headers.get("x-a")}`);
    return fetchOk();
  };
  using earlier = new AsyncHTTPClient({ fetch });
  try {
    AsyncHTTPClient.configure({ fetch, defaults: { userAgent: "All/1", headers: { "x-a": "1" } } });
    using client = new AsyncHTTPClient();
    using own = new AsyncHTTPClient({ defaults: { userAgent: "Own/1" } });
    for (const each of [earlier, client, own]) await each.fetch("http://a/");
    assertEquals(sent, ["null null", "All/1 1", "Own/1 1"]);
    AsyncHTTPClient.configure(null, { maxBodySize: 1, fetch });
    using small = new AsyncHTTPClient();
    await assertRejects(() => small.fetch("http://a/"), Error, "maxBodySize, 1 bytes");
    using large = new AsyncHTTPClient({ maxBodySize: 2 });
    assertEquals((await large.fetch("http://a/")).text(), "ok");
    assertEquals(small.defaults, {});
  } finally {
    AsyncHTTPClient.configure(null);
  }
  using after = new AsyncHTTPClient({ fetch });
  assertEquals((await after.fetch("http://a/")).text(), "ok");
});

Deno.test("configure knows one implementation, and a wrong option changes nothing", () => {
  const configure = (...args: unknown[]) => () =>
    Reflect.apply(AsyncHTTPClient.configure, null, args);
  const curl = "tornado.curl_httpclient.CurlAsyncHTTPClient";
  for (const implementation of [curl, class Own extends AsyncHTTPClient {}]) {
    assertThrows(configure(implementation), TypeError, "pass null");
  }
  assertThrows(configure(null, { defaults: { timeout: 1 } }), TypeError, '"timeout"');
  assertThrows(configure(null, { max_clients: 1 }), TypeError, '"maxClients"');
  using client = new AsyncHTTPClient();
  assertEquals(client.defaults, {});
});
