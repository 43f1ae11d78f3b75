import { assert, assertEquals, assertRejects } from "@std/assert";
import { Hono } from "hono";
import { Application } from "../../src/web/application.ts";
import { FallbackHandler } from "../../src/web/fallback_handler.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import type { FetchFunction } from "../../src/web/routing/routing.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { bothWays } from "../support/serve.ts";

class OwnHandler extends RequestHandler {
  override get() {
    this.write("gustnado");
  }
}

const echo: FetchFunction = async (request) =>
  new Response(`${request.method} ${new URL(request.url).pathname} ${await request.text()}`, {
    headers: { "x-from": "function" },
  });

bothWays("fetch function answers whatever the method", [
  ["/function/*", echo],
  ["/handler/*", FallbackHandler, { fallback: echo }],
  ["/object/*", { fetch: echo }],
  [/.*/, OwnHandler],
], async (fetch) => {
  for (const prefix of ["/function", "/handler", "/object"]) {
    for (const method of ["GET", "POST", "PURGE"]) {
      const body = method === "POST" ? "body" : "";
      const response = await fetch(`${prefix}/x?q`, { method, ...(body === "" ? {} : { body }) });
      assertEquals(response.headers.get("x-from"), "function");
      assertEquals(await response.text(), `${method} ${prefix}/x ${body}`);
    }
  }
  assertEquals(await (await fetch("/other")).text(), "gustnado");
});

class Words {
  readonly word = "mine";
  fetch(): Response {
    return new Response(this.word);
  }
}

bothWays("method of an object keeps its this", [["/", new Words()]], async (fetch) => {
  assertEquals(await (await fetch("/")).text(), "mine");
});

bothWays("answer of a fetch function may come at once, later, or from any thenable", [
  ["/sync", () => new Response("sync")],
  ["/later", async () => {
    await undefined;
    return new Response("later");
  }],
  [
    "/thenable",
    (() => ({
      then: (resolve: (response: Response) => void) => resolve(new Response("thenable")),
    })) as unknown as FetchFunction,
  ],
], async (fetch) => {
  for (const name of ["sync", "later", "thenable"]) {
    assertEquals(await (await fetch(`/${name}`)).text(), name);
  }
});

Deno.test("fetch function learns of the connection", async () => {
  let seen: unknown;
  const app = new Application([["/", (_request, info) => {
    seen = info;
    return new Response("ok");
  }]]);
  const info = { remoteAddr: { transport: "tcp", hostname: "192.0.2.1" } };
  await (await app.fetch(new Request("http://localhost/"), info)).body?.cancel();
  assertEquals(seen, info);
});

const used = new Response("x");
await used.text();

for (
  const [what, fallback, message] of [
    ["throws", () => {
      throw new Error("in the function");
    }, /in the function/],
    ["rejects", () => Promise.reject(new Error("in the function")), /in the function/],
    [
      "gives nothing",
      () => undefined,
      /Cannot send undefined: expected a Response; a function in a route takes the Request/,
    ],
    ["gives text", () => "text", /Cannot send a string: expected a Response/],
    ["gives nothing later", () => Promise.resolve(), /Cannot send undefined/],
    ["gives Response.error()", () => Response.error(), /Cannot send Response\.error\(\)/],
    ["gives a used body", () => used, /whose body was used/],
    [
      "gives a control character",
      () => new Response("x", { headers: { "x-a": "\u007f" } }),
      /its header "x-a" has a control character/,
    ],
  ] as const
) {
  bothWays(`fetch function that ${what} is a 500, logged once`, [
    ["/", fallback as unknown as FetchFunction],
  ], async (fetch) => {
    using records = captureLogs();
    assertEquals((await fetch("/")).status, 500);
    await expectLog(records, "error", message);
    assertEquals(records.messages("gustnado.application").length, 1);
  });
}

class Lost extends FallbackHandler {
  override initialize() {}
}

bothWays("FallbackHandler without a function is a 500", [["/", Lost]], async (fetch) => {
  using records = captureLogs();
  assertEquals((await fetch("/")).status, 500);
  await expectLog(records, "error", /expected a Response/);
});

// ---- a real application of another framework

function hono(): Hono {
  const app = new Hono().basePath("/hono");
  app.get("/text", (c) => c.text("from hono"));
  app.get("/json/:id", (c) => c.json({ id: c.req.param("id"), q: c.req.query("q") ?? null }));
  app.post("/form", async (c) => c.json(await c.req.parseBody()));
  app.post("/json", async (c) => c.json({ got: await c.req.json() }, 201));
  app.get("/cookie", (c) => {
    c.header("set-cookie", "a=1", { append: true });
    c.header("set-cookie", "b=2", { append: true });
    return c.redirect("/hono/text", 303);
  });
  app.get(
    "/stream",
    () =>
      new Response(
        ReadableStream.from(["gust", "nado"].map((text) => new TextEncoder().encode(text))),
      ),
  );
  app.get("/broken", () =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(3)),
        pull: (controller) => controller.error(new Error("in a stream of hono")),
      }),
    ));
  app.get("/error", () => {
    throw new Error("in hono");
  });
  app.get("/unsafe", (c) => c.body("x", { headers: { "x-a": "a\u0001b" } }));
  app.onError((error, c) => c.text(`hono: ${error.message}`, 500));
  return app;
}

bothWays("Hono application is mounted under its prefix", [
  ["/hono/*", hono()],
  [/.*/, OwnHandler],
], async (fetch, { name }) => {
  assertEquals(await (await fetch("/hono/text")).text(), "from hono");
  assertEquals(await (await fetch("/text")).text(), "gustnado");
  assertEquals(await (await fetch("/hono/json/caf%C3%A9?q=a+b")).json(), { id: "café", q: "a b" });

  const form = new FormData();
  form.append("field", "é");
  assertEquals(await (await fetch("/hono/form", { method: "POST", body: form })).json(), {
    field: "é",
  });
  const posted = await fetch("/hono/json", { method: "POST", body: '{"a":[1]}' });
  assertEquals([posted.status, await posted.json()], [201, { got: { a: [1] } }]);

  const redirected = await fetch("/hono/cookie");
  assertEquals([redirected.status, redirected.headers.get("location")], [303, "/hono/text"]);
  assertEquals(redirected.headers.getSetCookie(), ["a=1", "b=2"]);

  assertEquals(await (await fetch("/hono/stream")).text(), "gustnado");
  const failed = await fetch("/hono/error");
  assertEquals([failed.status, await failed.text()], [500, "hono: in hono"]);
  const lost = await fetch("/hono/none");
  assertEquals([lost.status, await lost.text()], [404, "404 Not Found"]);
  const head = await fetch("/hono/text", { method: "HEAD" });
  assertEquals([head.status, await head.text()], [200, ""]);

  using records = captureLogs();
  assertEquals((await fetch("/hono/unsafe")).status, 500);
  await expectLog(records, "error", /its header "x-a" has a control character/);
  await assertRejects(async () => await (await fetch("/hono/broken")).text());
  if (name.endsWith("(over a socket)")) await expectLog(records, "error", /in a stream of hono/);
});

bothWays("Hono application may be given to FallbackHandler", [
  ["/hono/*", FallbackHandler, { fallback: hono().fetch }],
], async (fetch) => {
  assertEquals(await (await fetch("/hono/text")).text(), "from hono");
  const large = "x".repeat(500_000);
  const posted = await fetch("/hono/json", { method: "POST", body: JSON.stringify(large) });
  assert((await posted.json()).got === large);
});
