import { assertEquals, assertRejects } from "@std/assert";
import { repeatedFetch } from "../../src/platform/repeated_fetch.ts";

function serveEcho() {
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  return Deno.serve(options, async (request) => {
    if (request.url.endsWith("/moved")) return Response.redirect(new URL("/", request.url));
    const field = request.headers.get("x-a") ?? "";
    return new Response([request.method, field, await request.text()].join(" "));
  });
}

Deno.test("repeated fetch says to a known URL what each fetch is told to say", async () => {
  await using server = serveEcho();
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const send = repeatedFetch("manual");
  const say = async (init: RequestInit) => await (await send(url, init)).text();
  for (let i = 0; i < 4; i++) {
    assertEquals(await say({}), "GET  ");
    const init = { method: "POST", headers: { "x-a": `${i}` }, body: `body ${i}` };
    assertEquals(await say(init), `POST ${i} body ${i}`);
  }
});

Deno.test("repeated fetch leaves redirects alone each time", async () => {
  await using server = serveEcho();
  const send = repeatedFetch("manual");
  for (let i = 0; i < 4; i++) {
    const response = await send(`http://127.0.0.1:${server.addr.port}/moved`, {});
    assertEquals(response.status, 302);
    await response.body?.cancel();
  }
});

Deno.test("repeated fetch that is aborted leaves the next ones alone", async () => {
  await using server = serveEcho();
  const send = repeatedFetch("manual");
  const url = `http://127.0.0.1:${server.addr.port}/`;
  for (let i = 0; i < 4; i++) {
    const controller = new AbortController();
    const aborted = send(url, { signal: controller.signal });
    controller.abort(new Error(`stop ${i}`));
    await assertRejects(() => aborted, Error, `stop ${i}`);
    assertEquals(await (await send(url, {})).text(), "GET  ");
  }
});

Deno.test("repeated fetch forgets URLs, and knows them again", async () => {
  await using server = serveEcho();
  const send = repeatedFetch("manual");
  const ask = async (path: number) =>
    await (await send(`http://127.0.0.1:${server.addr.port}/${path}`, {})).text();
  for (let round = 0; round < 2; round++) {
    for (let path = 0; path < 130; path++) {
      assertEquals([await ask(path), await ask(path), await ask(path)], [
        "GET  ",
        "GET  ",
        "GET  ",
      ]);
    }
  }
});

Deno.test("repeated fetch rejects what is no URL, again and again", async () => {
  const send = repeatedFetch("manual");
  for (let i = 0; i < 3; i++) {
    await assertRejects(async () => await send("http://[", {}), TypeError);
  }
});
