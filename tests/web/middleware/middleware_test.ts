import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { HTTPError } from "../../../src/web/http_error.ts";
import type { Middleware } from "../../../src/web/middleware/middleware.ts";
import { requestId } from "../../../src/web/middleware/request_id.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import type { Route } from "../../../src/web/routing/routing.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { bothWays } from "../../support/serve.ts";

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
  "middleware that throws an HTTPError is answered with its page",
  app((request) => {
    const error = new HTTPError(503, {
      headers: { "Retry-After": "10" },
      reason: "Too Windy",
      logMessage: "nobody goes out",
    });
    if (request.method === "GET") throw error;
    return Promise.reject(error);
  }),
  async (fetch) => {
    using records = captureLogs();
    for (const method of ["GET", "POST"]) {
      const response = await fetch("/", { method });
      assertEquals([response.status, response.headers.get("retry-after")], [503, "10"]);
      assertStringIncludes(await response.text(), "503: Too Windy");
      await expectLog(records, "warning", /503 .*nobody goes out/);
    }
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
    const { message } = await expectLog(
      records,
      "error",
      /Uncaught exception in middleware [^:]+: GET "\/"/,
    );
    assert(message.includes("in middleware"));
    assertEquals(records.messages("gustnado.application").length, 1);
  });
}

for (
  const [what, answer, message] of [
    [
      "nothing",
      () => undefined,
      /Cannot send undefined: expected a Response; a middleware returns what next\(\) gives/,
    ],
    ["text", () => Promise.resolve("text"), /Cannot send a string/],
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

bothWays(
  "middleware sets headers on what further in fails, or cannot be changed",
  () =>
    new Application(ROUTES, {
      middleware: [
        async (_request, next) => {
          const response = await next();
          response.headers.set("x-outer", "yes");
          return response;
        },
        (request, next) => {
          const { pathname } = new URL(request.url);
          if (pathname === "/throws") throw new Error("in middleware");
          if (pathname === "/rejects") return Promise.reject(new Error("in middleware"));
          if (pathname === "/nothing") return undefined as unknown as Response;
          return pathname === "/fixed" ? Response.redirect("http://elsewhere.invalid/") : next();
        },
      ],
    }),
  async (fetch) => {
    using records = captureLogs();
    const statuses = [];
    for (const path of ["/throws", "/rejects", "/nothing", "/fixed", "/x"]) {
      const response = await fetch(path);
      statuses.push(response.status);
      assertEquals(response.headers.get("x-outer"), "yes");
    }
    assertEquals(statuses, [500, 500, 500, 302, 200]);
    for (let i = 0; i < 2; i++) {
      await expectLog(records, "error", /in middleware number 2: GET.*in middleware/s);
    }
    await expectLog(records, "error", /Cannot send undefined/);
  },
);

bothWays(
  "middleware answers with an error page of the application, and a line in the access log",
  app((_request, _next, context) =>
    context.answer(418, { headers: { "X-Why": "short" }, logMessage: "and stout" })
  ),
  async (fetch) => {
    using records = captureLogs();
    const response = await fetch("/a", { method: "POST", body: "unread" });
    assertEquals([response.status, response.headers.get("x-why")], [418, "short"]);
    assert((await response.text()).includes("418: I'm a teapot".replace("'", "&#39;")));
    await expectLog(records, "warning", /^418 POST \/a .*and stout/);
    await expectLog(records, "warning", /^418 POST \/a \S+ [\d.]+ms/);
  },
);

for (
  const [where, list] of [
    ["alone", (bad: Middleware) => [bad]],
    ["within the library's own", (bad: Middleware) => [requestId(), bad]],
    ["around the library's own", (bad: Middleware) => [bad, requestId()]],
    ["within and around others", (bad: Middleware) => [requestId(), (_, next) => next(), bad, bad]],
  ] as [string, (bad: Middleware) => Middleware[]][]
) {
  bothWays(
    `header field of middleware ${where} that would end the process is a 500`,
    app(...list(async (_request, next) => {
      const response = await next();
      response.headers.set("x-bad", "a\u0001b");
      return response;
    })),
    async (fetch) => {
      using records = captureLogs();
      const response = await fetch("/");
      assertEquals([response.status, response.headers.get("x-bad")], [500, null]);
      await expectLog(records, "error", /"x-bad" has a control character/);
    },
  );
}

Deno.test("middleware cannot answer with a status that is none", async () => {
  using records = captureLogs();
  const application = app((_request, _next, context) => context.answer(99))();
  const response = await application.fetch(new Request("http://localhost/"));
  assertEquals(response.status, 500);
  await response.body?.cancel();
  await expectLog(records, "error", /Cannot use 99 as the status/);
});

bothWays("middleware reads the request as it came, by the rules of the server", () => {
  const seen: Middleware = (_request, _next, context) => {
    const { remoteIp, protocol, host } = context;
    return Response.json([
      remoteIp,
      protocol,
      host,
      context.header("x-one"),
      context.header("x-two"),
    ]);
  };
  const replace: Middleware = (request, next) => next(new Request(request.url));
  return new Application([], { middleware: [replace, seen], xheaders: true });
}, async (fetch) => {
  const headers = {
    "x-forwarded-for": "192.0.2.1",
    "x-forwarded-proto": "https",
    "x-one": "1",
  };
  const [remoteIp, protocol, host, one, two] = await (await fetch("/", { headers })).json();
  assertEquals([remoteIp, protocol, one, two], ["192.0.2.1", "https", "1", null]);
  assert(/^(localhost|127\.0\.0\.1:\d+)$/.test(host));
});

Deno.test("without middleware there is no context, and nothing is done for one", async () => {
  let seen: unknown;
  class Main extends RequestHandler {
    override get() {
      seen = this.request.connection;
      this.write({ id: this.request.requestId, user: this.request.user, nonce: this.cspNonce });
    }
  }
  const info = { remoteAddr: { transport: "tcp", hostname: "192.0.2.1" } };
  for (const settings of [{}, { middleware: [] }]) {
    const application = new Application([["/", Main]], settings);
    const response = await application.fetch(new Request("http://localhost/"), info);
    assertEquals(await response.json(), { id: null, user: null, nonce: "" });
    assertEquals(seen === info, true);
  }
});

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
