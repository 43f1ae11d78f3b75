import { assertEquals } from "@std/assert";
import CachePolicy from "http-cache-semantics";
import { AsyncHTTPClient, HTTPCache, type HTTPRequestOptions } from "../../../mod.ts";

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
  const mod = new URL("../../../mod.ts", import.meta.url).href;
  const args = ["info", "--json", mod];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "null" }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: unknown[] };
  assertEquals(modules.length > 100, true);
  assertEquals(/tough-cookie|http-cache-semantics/.test(JSON.stringify(modules)), false);
});
