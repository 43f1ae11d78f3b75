import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import {
  Application,
  AsyncHTTPClient,
  HTTPBodySizeError,
  HTTPClientError,
  HTTPConnectError,
  HTTPRequest,
  HTTPTimeoutError,
  RequestHandler,
} from "../../mod.ts";
import { answerChallenge } from "../../src/client/credentials/digest_auth.ts";
import { hostileServer } from "../support/hostile_server.ts";
import { serve } from "../support/serve.ts";

/** Tells what it was sent. */
class Echo extends RequestHandler {
  override get() {
    this.answer();
  }
  override post() {
    this.answer();
  }
  override put() {
    this.answer();
  }
  override delete() {
    this.answer();
  }
  answer() {
    const { method, uri, body } = this.request;
    const headers = Object.fromEntries(this.request.headers);
    this.write({ method, uri, headers, body: new TextDecoder().decode(body) });
  }
}

class Status extends RequestHandler {
  override get(code: string) {
    this.setStatus(Number(code));
    if (code !== "304" && code !== "204") this.write(`status ${code}`);
  }
}

/** Answers with so many bytes. */
class Bytes extends RequestHandler {
  override get(size: string) {
    this.write(new Uint8Array(Number(size)).fill(120));
  }
}

const routes = () =>
  new Application([["/echo", Echo], ["/status/:code", Status], ["/bytes/:n", Bytes]]);

interface Echoed {
  readonly method: string;
  readonly uri: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

Deno.test("client gives status, headers, body and times of a response", async () => {
  await using server = serve(routes());
  using client = new AsyncHTTPClient();
  const before = Date.now();
  const response = await client.fetch(`${server.origin}/status/200`);
  assertEquals([response.code, response.reason, response.text()], [200, "OK", "status 200"]);
  assertEquals(response.headers.get("content-length"), "10");
  assertEquals(response.effectiveUrl, `${server.origin}/status/200`);
  assertEquals([response.error, response.request.method], [null, "GET"]);
  response.rethrow();
  const { queue, firstByte, total } = response.timeInfo;
  assert(queue >= 0 && firstByte > 0 && total >= queue + firstByte);
  assertEquals(response.requestTime, total - queue);
  assert(response.startTime >= before && response.startTime <= Date.now());
});

Deno.test("client throws what is no success, with the response", async () => {
  await using server = serve(routes());
  using client = new AsyncHTTPClient();
  for (const code of [304, 400, 404, 503]) {
    const fetching = () => client.fetch(`${server.origin}/status/${code}`);
    const error = await assertRejects(fetching, HTTPClientError, `HTTP ${code}: `);
    assertEquals([error.code, error.response?.code], [code, code]);
  }
});

Deno.test("client returns what is no success when told not to raise", async () => {
  await using server = serve(routes());
  using client = new AsyncHTTPClient();
  const response = await client.fetch(`${server.origin}/status/404`, { raiseError: false });
  assertEquals([response.code, response.text()], [404, "status 404"]);
  assertInstanceOf(response.error, HTTPClientError);
  assertThrows(() => response.rethrow(), HTTPClientError, "HTTP 404: Not Found");
});

Deno.test("client raises a missing connection also when told not to raise", async () => {
  using client = new AsyncHTTPClient();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const fetching = () =>
    client.fetch(`http://127.0.0.1:${port}/?token=secret`, { raiseError: false });
  const error = await assertRejects(fetching, HTTPConnectError);
  assertEquals([error.code, error.response], [599, undefined]);
  assert(error.cause instanceof Error && !error.message.includes("secret"), error.message);
});

Deno.test("client sends method, fields and body", async () => {
  await using server = serve(routes());
  using client = new AsyncHTTPClient();
  const options = { method: "PUT", headers: { "x-a": "1" }, body: "h\u00e9", userAgent: "Test/1" };
  const sent = (await client.fetch(`${server.origin}/echo?q=1`, options)).json() as Echoed;
  assertEquals([sent.method, sent.uri, sent.body], ["PUT", "/echo?q=1", "h\u00e9"]);
  assertEquals([sent.headers["x-a"], sent.headers["user-agent"]], ["1", "Test/1"]);
});

Deno.test("client sends the body of POST as a form unless told otherwise", async () => {
  await using server = serve(routes());
  using client = new AsyncHTTPClient();
  const type = async (headers: HeadersInit) => {
    const options = { method: "POST", body: "a=1", headers };
    const sent = (await client.fetch(`${server.origin}/echo`, options)).json() as Echoed;
    return sent.headers["content-type"];
  };
  assertEquals(await type({}), "application/x-www-form-urlencoded");
  assertEquals(await type({ "Content-Type": "text/plain" }), "text/plain");
});

Deno.test("client sends If-Modified-Since and asks for no coding when told so", async () => {
  await using server = serve(routes());
  using client = new AsyncHTTPClient();
  const options = { ifModifiedSince: new Date(0), decompressResponse: false };
  const { headers } = (await client.fetch(`${server.origin}/echo`, options)).json() as Echoed;
  assertEquals(headers["if-modified-since"], "Thu, 01 Jan 1970 00:00:00 GMT");
  assertEquals(headers["accept-encoding"], "identity");
});

Deno.test("client shows the coding that was decoded under Tornado's name", async () => {
  const stream = new Blob(["x".repeat(1_000)]).stream().pipeThrough(new CompressionStream("gzip"));
  const zipped = new Uint8Array(await new Response(stream).arrayBuffer());
  const fields = `Content-Encoding: gzip\r\nContent-Length: ${zipped.length}\r\n`;
  await using server = hostileServer(async ({ send }) => {
    await send(`HTTP/1.1 200 OK\r\n${fields}\r\n`);
    await send(zipped);
  });
  using client = new AsyncHTTPClient();
  const { body, headers } = await client.fetch(server.origin);
  assertEquals([body.length, headers.get("x-consumed-content-encoding")], [1_000, "gzip"]);
  assertEquals([headers.has("content-encoding"), headers.has("content-length")], [false, false]);
  const raw = await client.fetch(server.origin, { decompressResponse: false });
  assertEquals([raw.body, raw.headers.get("content-encoding")], [zipped, "gzip"]);
  // Beside others, "identity" does not keep the runtime from decoding.
  const several = { headers: { "Accept-Encoding": "gzip, identity" } };
  const decoded = await client.fetch(server.origin, several);
  assertEquals([decoded.body.length, decoded.headers.get("content-encoding")], [1_000, null]);
});

Deno.test("request refuses what cannot be sent, before anything is", async (t) => {
  const refused: [string, () => unknown][] = [
    ["POST without a body", () => new HTTPRequest("http://a/", { method: "POST" })],
    ["GET with a body", () => new HTTPRequest("http://a/", { body: "x" })],
    ["DELETE with a body", () => new HTTPRequest("http://a/", { method: "DELETE", body: "x" })],
    [
      "GET with a body, though nonstandard",
      () => new HTTPRequest("http://a/", { body: "x", allowNonstandardMethods: true }),
    ],
    ["an odd method", () => new HTTPRequest("http://a/", { method: "BREW" })],
    ["a method with a space", () => new HTTPRequest("http://a/", { method: "GET /x" })],
    ["CONNECT", () => new HTTPRequest("http://a/", { method: "CONNECT" })],
    ["a field with a line break", () => new HTTPRequest("http://a/", { headers: { a: "b\r\nc" } })],
    ["a field with a control", () => new HTTPRequest("http://a/", { headers: { a: "b\u0001c" } })],
    ["an agent with a control", () => new HTTPRequest("http://a/", { userAgent: "a\u0001" })],
    [
      "two bodies",
      () => new HTTPRequest("http://a/", { method: "PUT", body: "x", bodyProducer: () => {} }),
    ],
  ];
  for (const [name, make] of refused) {
    await t.step(name, () => void assertThrows(make, TypeError));
  }
  await t.step("a negative timeout", () => {
    assertThrows(() => new HTTPRequest("http://a/", { requestTimeout: -1 }), RangeError);
  });
});

Deno.test("request lets nonstandard methods through when told so", async () => {
  await using server = serve(routes());
  using client = new AsyncHTTPClient();
  const options = { method: "DELETE", body: "x", allowNonstandardMethods: true };
  const sent = (await client.fetch(`${server.origin}/echo`, options)).json() as Echoed;
  assertEquals([sent.method, sent.body], ["DELETE", "x"]);
});

Deno.test("client refuses URLs that are not of HTTP", async () => {
  using client = new AsyncHTTPClient();
  for (
    const url of ["ftp://127.0.0.1/", "file:///etc/passwd", "data:,x", "/path", "", "http://["]
  ) {
    await assertRejects(() => client.fetch(url), TypeError, "not an absolute URL of HTTP");
  }
  const error = await assertRejects(() => client.fetch("ftp://me:secret@127.0.0.1/"), TypeError);
  assert(!error.message.includes("secret"), error.message);
});

Deno.test("client sends user and password of the URL, and those of the options rather", async () => {
  await using server = serve(routes());
  using client = new AsyncHTTPClient();
  const url = `${server.origin}/echo`.replace("//", "//us%20er:p%3Aw@");
  const first = await client.fetch(url);
  assertEquals((first.json() as Echoed).headers.authorization, `Basic ${btoa("us er:p:w")}`);
  assertEquals(first.effectiveUrl, `${server.origin}/echo`);
  const second = await client.fetch(url, { authUsername: "a", authPassword: "b" });
  assertEquals((second.json() as Echoed).headers.authorization, `Basic ${btoa("a:b")}`);
});

Deno.test("client sends a user without a password, and a password without a user", async () => {
  const sent: (string | null)[] = [];
  using client = new AsyncHTTPClient({
    fetch: (_, init) => {
      sent.push(new Headers(init.headers).get("authorization"));
      return Promise.resolve(new Response());
    },
  });
  for (const url of ["http://me@a/", "http://:pw@a/", "http://@a/", "http://a/#me@b"]) {
    await client.fetch(url);
  }
  await client.fetch("http://a/", { authUsername: "me" });
  const basic = (text: string) => `Basic ${btoa(text)}`;
  assertEquals(sent, [basic("me:"), basic(":pw"), null, null, basic("me:")]);
});

Deno.test("client sends user and password in NFC, however they were typed", async () => {
  const sent: string[] = [];
  using client = new AsyncHTTPClient({
    fetch: (_, init) => {
      sent.push(new Headers(init.headers).get("authorization") ?? "");
      const headers = { "www-authenticate": 'Digest realm="r", nonce="n"' };
      return Promise.resolve(new Response(null, { status: 401, headers }));
    },
  });
  const composed = "j\u00fcrgen";
  const typed = {
    authUsername: composed.normalize("NFD"),
    authPassword: composed.normalize("NFD"),
  };
  await client.fetch("http://a/", { ...typed, raiseError: false });
  const url = `http://${encodeURIComponent(typed.authUsername)}:${typed.authPassword}@a/`;
  await client.fetch(url, { raiseError: false });
  const basic = `Basic ${new TextEncoder().encode(`${composed}:${composed}`).toBase64()}`;
  assertEquals(sent.splice(0), [basic, basic]);
  await client.fetch("http://a/", { ...typed, authMode: "digest", raiseError: false });
  const answer = answerChallenge('Digest realm="r", nonce="n"', {
    username: composed,
    password: composed,
    method: "GET",
    url: "http://a/",
  });
  assertEquals(sent, ["", answer]);
});

Deno.test("client refuses a body that is larger than it may be, by its options or the request's", async () => {
  await using server = serve(routes());
  using client = new AsyncHTTPClient({ maxBodySize: 1000 });
  assertEquals((await client.fetch(`${server.origin}/bytes/1000`)).body.length, 1000);
  await assertRejects(() => client.fetch(`${server.origin}/bytes/1001`), HTTPBodySizeError);
  const response = await client.fetch(`${server.origin}/bytes/1001`, { maxBodySize: 1001 });
  assertEquals(response.body.length, 1001);
});

Deno.test("client takes its defaults where a request says nothing", async () => {
  await using server = serve(routes());
  using client = new AsyncHTTPClient({
    defaults: { userAgent: "Default/1", headers: { "x-d": "1" } },
  });
  const agent = async (request: string | HTTPRequest, options = {}) =>
    ((await client.fetch(request, options)).json() as Echoed).headers["user-agent"];
  const url = `${server.origin}/echo`;
  assertEquals(await agent(url), "Default/1");
  assertEquals(await agent(url, { userAgent: "Own/1" }), "Own/1");
  assertEquals(await agent(new HTTPRequest(url, { userAgent: "Own/2" })), "Own/2");
  assertEquals(await agent(new HTTPRequest(url)), "Default/1");
});

Deno.test("client refuses options beside an HTTPRequest, and everything once it is closed", async () => {
  const client = new AsyncHTTPClient();
  const request = new HTTPRequest("http://127.0.0.1/");
  const fetching = () => client.fetch(request, { method: "PUT" });
  await assertRejects(fetching, TypeError, "option method");
  client.close();
  await assertRejects(() => client.fetch(request), Error, "the client is closed");
});

Deno.test("signal cancels a fetch that waits, is answered, or has not begun", async () => {
  const waiting = Promise.withResolvers<Response>();
  using client = new AsyncHTTPClient({
    maxClients: 1,
    fetch: (_, init) => {
      init.signal?.addEventListener("abort", () => waiting.reject(init.signal?.reason));
      return waiting.promise;
    },
  });
  const reason = new Error("not needed");
  const [first, second] = [new AbortController(), new AbortController()];
  const answering = client.fetch("http://a/", { signal: first.signal });
  const queueing = client.fetch("http://a/", { signal: second.signal });
  second.abort(reason);
  assertEquals(await assertRejects(() => queueing), reason);
  first.abort(reason);
  assertEquals(await assertRejects(() => answering), reason);
  const begun = client.fetch("http://a/", { signal: AbortSignal.abort(reason) });
  assertEquals(await assertRejects(() => begun), reason);
});

Deno.test("client counts the time in the queue as time of the request", async () => {
  const waiting = Promise.withResolvers<Response>();
  using client = new AsyncHTTPClient({ maxClients: 1, fetch: () => waiting.promise });
  const first = client.fetch("http://a/", { requestTimeout: 0 });
  const second = () => client.fetch("http://a/", { requestTimeout: 30 });
  await assertRejects(second, HTTPTimeoutError, "Timeout in the request queue after 30 ms");
  waiting.resolve(new Response("late"));
  assertEquals((await first).text(), "late");
});

Deno.test("fetchAll keeps the order and its concurrency", async () => {
  let running = 0, most = 0;
  const fake = async (url: string) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    return new Response(url);
  };
  using client = new AsyncHTTPClient({ maxClients: 100, fetch: fake });
  const urls = Array.from({ length: 20 }, (_, i) => `http://a/${i}`);
  const responses = await client.fetchAll(urls, { concurrency: 3 });
  assertEquals(responses.map((response) => response.text()), urls);
  assertEquals(most, 3);
});

Deno.test("fetchAll ends with the first error and cancels the others", async () => {
  let cancelled = 0;
  using client = new AsyncHTTPClient({
    fetch: (url, init) => {
      if (url.endsWith("bad")) return Promise.resolve(new Response(null, { status: 500 }));
      const { promise, reject } = Promise.withResolvers<Response>();
      init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      init.signal?.addEventListener("abort", () => cancelled++);
      return promise;
    },
  });
  const fetching = () => client.fetchAll(["http://a/1", "http://a/bad", "http://a/2"]);
  await assertRejects(fetching, HTTPClientError, "HTTP 500");
  assertEquals(cancelled, 2);
  const outcomes = await client.fetchAllSettled(["http://a/bad"], { concurrency: 2 });
  assertEquals(outcomes.map(({ status }) => status), ["rejected"]);
});
