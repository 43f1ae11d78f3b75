import { assert, assertEquals } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import type { Middleware } from "../../src/web/middleware.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import type { Route } from "../../src/web/routing.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { bothWays } from "../support/serve.ts";

class EchoHandler extends RequestHandler {
  override get() {
    this.setHeader("X-Trace", `${this.request.header("x-trace") ?? ""}handler`);
    this.write(this.request.path);
  }
  override async post() {
    await undefined;
    this.write(this.request.text());
  }
}

const ROUTES: readonly Route[] = [
  ["/redirect", () => Response.redirect("http://elsewhere.invalid/")],
  [/.*/, EchoHandler],
];

const app = (...middleware: Middleware[]) => () => new Application(ROUTES, { middleware });

/** Notes its way in and out. */
function tracer(name: string): Middleware {
  return async (request, next) => {
    const headers = new Headers(request.headers);
    headers.set("x-trace", `${headers.get("x-trace") ?? ""}${name}>`);
    const response = await next(new Request(request, { headers }));
    response.headers.set("x-trace", `${response.headers.get("x-trace")}<${name}`);
    return response;
  };
}

bothWays(
  "middleware is an onion, the first one outermost",
  app(tracer("a"), tracer("b")),
  async (fetch) => {
    assertEquals((await fetch("/")).headers.get("x-trace"), "a>b>handler<b<a");
  },
);

bothWays(
  "middleware without await keeps the request synchronous",
  app((_request, next) => next()),
  async (fetch) => {
    assertEquals(await (await fetch("/x")).text(), "/x");
  },
);

Deno.test("synchronous middleware around a synchronous handler answers at once", () => {
  const response = app((_request, next) => next())().fetch(new Request("http://localhost/"));
  assert(response instanceof Response);
});

bothWays(
  "middleware that answers itself keeps the rest from running",
  app(
    () => new Response("short", { status: 403 }),
    () => {
      throw new Error("never");
    },
  ),
  async (fetch) => {
    const response = await fetch("/");
    assertEquals([response.status, await response.text()], [403, "short"]);
  },
);

bothWays(
  "middleware may pass on another request",
  app((request, next) => {
    const url = new URL(request.url);
    url.pathname = `/prefix${url.pathname}`;
    return next(new Request(url, request));
  }),
  async (fetch) => {
    assertEquals(await (await fetch("/a?b")).text(), "/prefix/a");
    assertEquals(await (await fetch("/", { method: "POST", body: "posted" })).text(), "posted");
  },
);

bothWays(
  "middleware may read the body and pass on a copy",
  app(async (request, next) => {
    const text = await request.clone().text();
    return await next(
      new Request(request.url, { method: request.method, body: text && `${text}!` }),
    );
  }),
  async (fetch) => {
    assertEquals(await (await fetch("/", { method: "POST", body: "hi" })).text(), "hi!");
  },
);

bothWays(
  "middleware sets headers on every response",
  app(async (_request, next) => {
    const response = await next();
    response.headers.set("x-everywhere", "yes");
    return response;
  }),
  async (fetch) => {
    using _records = captureLogs({ configure: false });
    const requests: [string, RequestInit?][] = [
      ["/"],
      ["/", { method: "HEAD" }],
      ["/", { method: "DELETE" }],
      ["/%FF"],
      ["/redirect"],
    ];
    for (const [path, init] of requests) {
      assertEquals((await fetch(path, init)).headers.get("x-everywhere"), "yes");
    }
  },
);

for (
  const [how, middleware] of [
    ["at once", () => {
      throw new Error("in middleware");
    }],
    ["later", async () => {
      await undefined;
      throw new Error("in middleware");
    }],
    ["after the handler", async (_request, next) => {
      await (await next()).body?.cancel();
      throw new Error("in middleware");
    }],
  ] as [string, Middleware][]
) {
  bothWays(`middleware that fails ${how} is a 500, logged once`, app(middleware), async (fetch) => {
    using records = captureLogs();
    const response = await fetch("/");
    assertEquals([response.status, await response.text()], [500, "Internal Server Error"]);
    const { message } = await expectLog(records, "error", /Uncaught exception in middleware: GET/);
    assert(message.includes("in middleware"));
    assertEquals(records.messages("gustnado.application").length, 1);
  });
}

for (
  const [what, answer, message] of [
    ["nothing", () => undefined, /Cannot send undefined/],
    ["text", () => Promise.resolve("text"), /Cannot send string/],
    ["Response.error()", () => Response.error(), /Cannot send Response\.error\(\)/],
    [
      "a control character",
      () => new Response("", { headers: { "x-a": "\u0001" } }),
      /control character/,
    ],
  ] as const
) {
  bothWays(
    `middleware that answers ${what} is a 500`,
    app(answer as unknown as Middleware),
    async (fetch) => {
      using records = captureLogs();
      assertEquals((await fetch("/")).status, 500);
      await expectLog(records, "error", message);
    },
  );
}

bothWays(
  "middleware may ask twice",
  app(async (_request, next) => {
    const [first, second] = [await next(), await next()];
    return new Response(await first.text() + await second.text());
  }),
  async (fetch) => {
    assertEquals(await (await fetch("/a")).text(), "/a/a");
  },
);

Deno.test("middleware learns of the connection", async () => {
  const seen: unknown[] = [];
  const create = app((_request, next, context) => {
    seen.push(context.remoteAddr, context.remoteIp, context.completed);
    return next();
  });
  const remoteAddr = { transport: "tcp", hostname: "192.0.2.1", port: 1 };
  const completed = Promise.resolve();
  const request = new Request("http://localhost/");
  await (await create().fetch(request, { remoteAddr, completed })).body?.cancel();
  await (await create().fetch(request)).body?.cancel();
  assertEquals(seen, [remoteAddr, "192.0.2.1", completed, undefined, "0.0.0.0", undefined]);
});

bothWays(
  "middleware streams what the handler streams",
  () =>
    new Application([[
      "/",
      class extends RequestHandler {
        override async get() {
          for (const text of ["gust", "nado"]) {
            this.write(text);
            await this.flush();
          }
        }
      },
    ]], { middleware: [tracer("a")] }),
  async (fetch) => {
    assertEquals(await (await fetch("/")).text(), "gustnado");
  },
);

// ---- applications within applications

bothWays("middleware of a mounted application stands around its requests alone", () => {
  const inner = new Application([["/in/(.*)", EchoHandler]], { middleware: [tracer("in")] });
  const deeper = new Application([["/deep/(.*)", EchoHandler]], { middleware: [tracer("deep")] });
  const middle = new Application([["/deep/(.*)", deeper]], { middleware: [tracer("middle")] });
  const plain = new Application([["/plain/deep/(.*)", middle], ["/plain/(.*)", EchoHandler]]);
  return new Application([
    ["/in/(.*)", inner],
    ["/deep/(.*)", middle],
    ["/plain/(.*)", plain],
    ["/out", EchoHandler],
  ], { middleware: [tracer("out")] });
}, async (fetch) => {
  const trace = async (path: string) => (await fetch(path)).headers.get("x-trace");
  assertEquals(await trace("/in/x"), "out>in>handler<in<out");
  assertEquals(await trace("/deep/x"), "out>middle>deep>handler<deep<middle<out");
  assertEquals(await trace("/plain/x"), "out>handler<out");
  assertEquals(await trace("/out"), "out>handler<out");
  assertEquals(await trace("/in/none/x"), "out>in>handler<in<out");
});

bothWays("middleware of a mounted application keeps a request from its handlers", () => {
  const inner = new Application([[/.*/, EchoHandler]], {
    middleware: [() => new Response("no", { status: 403 })],
  });
  return new Application([["/admin/*", inner], [/.*/, EchoHandler]]);
}, async (fetch) => {
  assertEquals((await fetch("/admin/x")).status, 403);
  assertEquals((await fetch("/x")).status, 200);
});
