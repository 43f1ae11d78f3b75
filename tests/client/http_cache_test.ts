import { assertEquals } from "@std/assert";
import CachePolicy from "http-cache-semantics";
import { AsyncHTTPClient, HTTPCache, type HTTPRequestOptions } from "../../mod.ts";

/** A client with a cache, and a server that answers with the fields it is told and a count. */
function cached(fields: Record<string, string>, options: { maxBytes?: number } = {}) {
  const seen: Headers[] = [];
  const cache = new HTTPCache({ policy: CachePolicy, ...options });
  const client = new AsyncHTTPClient({
    cache,
    fetch: (_, init) => {
      const headers = new Headers(init.headers);
      seen.push(headers);
      const isSame = fields.etag !== undefined && headers.get("if-none-match") === fields.etag;
      const response = isSame
        ? new Response(null, { status: 304, headers: fields })
        : new Response(`answer ${seen.length}`, { headers: fields });
      return Promise.resolve(response);
    },
  });
  const get = async (options: HTTPRequestOptions = {}, url = "http://a/") =>
    (await client.fetch(url, options)).text();
  return { cache, get, seen };
}

Deno.test("cache answers while a response is fresh, and with a body of its own", async () => {
  const { cache, get, seen } = cached({ "cache-control": "max-age=60" });
  assertEquals([await get(), await get(), seen.length, cache.size], ["answer 1", "answer 1", 1, 1]);
  cache.clear();
  assertEquals(await get(), "answer 2");
});

Deno.test("cache asks whether a stale response still holds", async () => {
  const { get, seen } = cached({ "cache-control": "max-age=0", etag: '"v1"' });
  assertEquals([await get(), await get()], ["answer 1", "answer 1"]);
  assertEquals(seen.map((headers) => headers.get("if-none-match")), [null, '"v1"']);
});

Deno.test("cache keeps nothing that must not be kept", async () => {
  for (const control of ["no-store", "private"]) {
    const { cache, get } = cached({ "cache-control": `${control}, max-age=60` });
    assertEquals([await get(), await get(), cache.size], ["answer 1", "answer 2", 0]);
  }
  const varied = cached({ "cache-control": "max-age=60", vary: "Cookie" });
  assertEquals([await varied.get(), await varied.get()], ["answer 1", "answer 2"]);
});

/** A cache whose server answers one after the other. */
function scripted(...answers: (() => Response)[]) {
  const cache = new HTTPCache({ policy: CachePolicy });
  const sent: RequestInit[] = [];
  const client = new AsyncHTTPClient({
    cache,
    fetch: (_, init) => {
      sent.push(init);
      const answer = answers[sent.length - 1];
      if (answer === undefined) throw new Error("Nothing more is due");
      return Promise.resolve(answer());
    },
  });
  return { cache, client, sent };
}

const fresh = { "cache-control": "max-age=60" };
const stale = { "cache-control": "max-age=0", etag: '"v1"' };

Deno.test("cache keeps neither a part of something nor what came from elsewhere", async () => {
  const part = scripted(() => new Response("a", { status: 206, headers: fresh }));
  await part.client.fetch("http://a/");
  assertEquals(part.cache.size, 0);
  const moved = scripted(
    () => new Response(null, { status: 302, headers: { location: "/there" } }),
    () => new Response("there", { headers: fresh }),
  );
  assertEquals((await moved.client.fetch("http://a/")).text(), "there");
  assertEquals(moved.cache.size, 0);
});

Deno.test("cache gives a stale response to nobody when the server fails, and keeps it", async () => {
  const { cache, client } = scripted(
    () => new Response("one", { headers: stale }),
    () => new Response("down", { status: 500 }),
    () => new Response("gone", { status: 404 }),
  );
  await client.fetch("http://a/");
  const failed = await client.fetch("http://a/", { raiseError: false });
  assertEquals([failed.code, failed.text(), cache.size], [500, "down", 1]);
  const gone = await client.fetch("http://a/", { raiseError: false });
  assertEquals([gone.code, gone.text()], [404, "gone"]);
});

Deno.test("cache is gone past by what streams, and dropped from by what changes things only", async () => {
  const answer = () => new Response("x", { headers: fresh });
  const refusal = () => new Response(null, { status: 403 });
  const { cache, client, sent } = scripted(answer, answer, answer, answer, answer, refusal, answer);
  await client.fetch("http://a/");
  await client.fetch("http://a/", { headerCallback: () => {} });
  await client.fetch("http://a/", { streamingCallback: () => {} });
  await client.fetch("http://a/", { method: "HEAD" });
  await client.fetch("http://a/", { method: "OPTIONS" });
  assertEquals([sent.length, cache.size], [5, 1]);
  await client.fetch("http://a/", { method: "DELETE", raiseError: false });
  assertEquals(cache.size, 1);
  await client.fetch("http://a/", { method: "DELETE" });
  assertEquals([sent.length, cache.size], [7, 0]);
});

Deno.test("cache gives what it keeps the looks of a response", async () => {
  const { client } = scripted(() => new Response("abc", { status: 203, headers: fresh }));
  const first = await client.fetch("http://a/");
  first.body.fill(0);
  const before = Date.now();
  const second = await client.fetch("http://a/");
  assertEquals([second.code, second.reason, second.text()], [203, first.reason, "abc"]);
  assertEquals([second.effectiveUrl, second.requestTime], ["http://a/", 0]);
  assertEquals(second.startTime >= before, true);
  assertEquals(second.headers.get("cache-control"), "max-age=60");
});

Deno.test("cache holds nothing where it may hold no byte, and empty bodies are not for nothing", async () => {
  const none = cached({ "cache-control": "max-age=60" }, { maxBytes: 0 });
  await none.get();
  assertEquals(none.cache.size, 0);
  const cache = new HTTPCache({ policy: CachePolicy, maxBytes: 10_240 });
  using client = new AsyncHTTPClient({
    cache,
    fetch: () => Promise.resolve(new Response(null, { headers: fresh })),
  });
  for (let i = 0; i < 20; i++) await client.fetch(`http://a/${i}`);
  assertEquals(cache.size, 10);
});

Deno.test("cache gives no user what another one got, and invents no credentials", async () => {
  const { get, seen } = cached({ "cache-control": "max-age=0", etag: '"v1"' });
  const me = { authUsername: "me", authPassword: "secret" };
  assertEquals([await get(me), await get(), await get({}, "http://u:p@a/")], [
    "answer 1",
    "answer 2",
    "answer 3",
  ]);
  await get();
  assertEquals(seen.at(-1)?.get("authorization"), null);
});

Deno.test("cache tells responses apart by what they vary with", async () => {
  const { get } = cached({ "cache-control": "max-age=60", vary: "Accept-Language" });
  const say = (language: string) => get({ headers: { "accept-language": language } });
  assertEquals([await say("de"), await say("de"), await say("en")], [
    "answer 1",
    "answer 1",
    "answer 2",
  ]);
});

Deno.test("cache drops what a request has changed", async () => {
  const { cache, get } = cached({ "cache-control": "max-age=60" });
  await get();
  await get({ method: "POST", body: "" });
  assertEquals([cache.size, await get()], [0, "answer 3"]);
});

Deno.test("cache forgets what was not used longest when it is full", async () => {
  const { cache, get, seen } = cached({ "cache-control": "max-age=60" }, { maxBytes: 2_500 });
  await get({}, "http://a/1");
  await get({}, "http://a/2");
  await get({}, "http://a/1");
  await get({}, "http://a/3");
  assertEquals([cache.size, seen.length], [2, 3]);
  assertEquals(await get({}, "http://a/1"), "answer 1");
});

Deno.test("importing the library loads neither a cookie jar nor a cache policy", async () => {
  const mod = new URL("../../mod.ts", import.meta.url).href;
  const args = ["info", "--json", mod];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "null" }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: unknown[] };
  assertEquals(modules.length > 100, true);
  assertEquals(/tough-cookie|http-cache-semantics/.test(JSON.stringify(modules)), false);
});
