import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Hono } from "hono";
import { Application } from "../../../src/web/application.ts";
import { HTTPError } from "../../../src/web/http_error.ts";
import { cors, type CorsOptions } from "../../../src/web/middleware/cors.ts";
import { originMatcher } from "../../../src/web/middleware/origin_matcher.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { assertLinear } from "../../support/linear.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { bothWays } from "../../support/serve.ts";

const PAGE = "https://page.example";

class Api extends RequestHandler {
  override get() {
    this.setHeader("Etag", '"1"');
    this.write("data");
  }
  override put() {
    throw new Error("broken");
  }
  override post() {
    throw new HTTPError(409);
  }
  override options() {
    this.write("options");
  }
}

class Opinionated extends RequestHandler {
  override get() {
    this.setHeader("Access-Control-Allow-Origin", "https://other.example");
    this.setHeader("Vary", "Accept-Language");
  }
}

const hono = new Hono().get("/hono", (c) => c.text("from Hono"));

const app = (options: CorsOptions) => () =>
  new Application([
    ["/api", Api],
    ["/own", Opinionated],
    ["/hono", hono.fetch],
    ["/redirect", () => Response.redirect("http://elsewhere.invalid/")],
  ], { middleware: [cors(options)] });

/** The fields of CORS in a response, by the ends of their names; and `Vary`. */
function fields({ headers }: Response): Record<string, string> {
  const prefix = "access-control-";
  const own = [...headers].filter(([name]) => name.startsWith(prefix) || name === "vary");
  return Object.fromEntries(own.map(([name, value]) => [name.replace(prefix, ""), value]));
}

function preflight(headers: Record<string, string> = {}): RequestInit {
  return {
    method: "OPTIONS",
    headers: { origin: PAGE, "access-control-request-method": "PUT", ...headers },
  };
}

bothWays(
  "cors lets an allowed origin read every response",
  app({ origin: PAGE }),
  async (fetch) => {
    using records = captureLogs();
    const headers = { origin: PAGE };
    const requests: [string, RequestInit, number][] = [
      ["/api", {}, 200],
      ["/api", { method: "HEAD" }, 200],
      ["/api", { headers: { "if-none-match": '"1"' } }, 304],
      ["/api", { method: "POST" }, 409],
      ["/api", { method: "PUT" }, 500],
      ["/api", { method: "DELETE" }, 405],
      ["/none", {}, 404],
      ["/hono", {}, 200],
      ["/redirect", {}, 302],
    ];
    for (const [path, init, status] of requests) {
      const response = await fetch(path, { ...init, headers: { ...headers, ...init.headers } });
      assertEquals(response.status, status);
      // Error pages are in JSON or HTML, as they are wanted.
      const vary = status >= 400 ? "Accept, Origin" : "Origin";
      assertEquals(fields(response), { "allow-origin": PAGE, vary });
    }
    await expectLog(records, "error", /broken/);
  },
);

bothWays(
  "cors varies where the answer depends on the origin",
  app({ origin: PAGE }),
  async (fetch) => {
    assertEquals(fields(await fetch("/api")), { vary: "Origin" });
    const others = [
      "https://evil.example",
      "http://page.example",
      `${PAGE}:8443`,
      "null",
      "",
      PAGE + "/",
    ];
    for (const origin of others) {
      const response = await fetch("/api", { headers: { origin } });
      assertEquals([origin, await response.text(), fields(response)], [origin, "data", {
        vary: "Origin",
      }]);
    }
  },
);

bothWays("cors for everybody does not vary", app({ origin: "*" }), async (fetch) => {
  assertEquals(fields(await fetch("/api")), {});
  const response = await fetch("/api", { headers: { origin: "null" } });
  assertEquals(fields(response), { "allow-origin": "*" });
});

bothWays(
  "cors answers a preflight request without the handler",
  app({ origin: PAGE }),
  async (fetch) => {
    const response = await fetch("/api", preflight());
    assertEquals([response.status, await response.text()], [204, ""]);
    assertEquals(fields(response), {
      "allow-headers": "Content-Type",
      "allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "allow-origin": PAGE,
      "max-age": "600",
      vary: "Origin",
    });
    const refused = await fetch("/api", preflight({ origin: "https://evil.example" }));
    assertEquals([refused.status, fields(refused)], [204, { vary: "Origin" }]);
  },
);

bothWays(
  "cors leaves OPTIONS that is no preflight to the handler",
  app({ origin: PAGE }),
  async (fetch) => {
    const response = await fetch("/api", { method: "OPTIONS", headers: { origin: PAGE } });
    assertEquals(await response.text(), "options");
    const same = await fetch("/api", {
      method: "OPTIONS",
      headers: { "access-control-request-method": "PUT" },
    });
    assertEquals(await same.text(), "options");
  },
);

bothWays(
  "cors says what it is told to",
  app({
    origin: [PAGE],
    methods: ["GET", "QUERY"],
    allowedHeaders: ["X-One", "X-Two"],
    exposedHeaders: ["ETag", "X-Three"],
    credentials: true,
    maxAgeMs: 1_999,
    privateNetwork: true,
  }),
  async (fetch) => {
    const answer = await fetch(
      "/api",
      preflight({ "access-control-request-private-network": "true" }),
    );
    assertEquals(fields(answer), {
      "allow-credentials": "true",
      "allow-headers": "X-One, X-Two",
      "allow-methods": "GET, QUERY",
      "allow-origin": PAGE,
      "allow-private-network": "true",
      "max-age": "1",
      vary: "Origin",
    });
    assertEquals(fields(await fetch("/api", { headers: { origin: PAGE } })), {
      "allow-credentials": "true",
      "allow-origin": PAGE,
      "expose-headers": "ETag, X-Three",
      vary: "Origin",
    });
  },
);

bothWays("cors leaves a handler its own decision", app({ origin: PAGE }), async (fetch) => {
  const response = await fetch("/own", { headers: { origin: PAGE } });
  assertEquals(fields(response), {
    "allow-origin": "https://other.example",
    vary: "Accept-Language, Origin",
  });
});

for (
  const [how, origin] of [
    ["a function", (origin: string) => origin === PAGE],
    ["an async function", (origin: string) => Promise.resolve(origin === PAGE)],
    ["an expression", /https:\/\/(page|other)\.example/],
    ["a list", ["https://x.example", /https:\/\/page.*/]],
  ] as const
) {
  bothWays(`cors decides by ${how}`, app({ origin }), async (fetch) => {
    const allowed = async (origin: string) =>
      fields(await fetch("/api", { headers: { origin } }))["allow-origin"] ?? null;
    assertEquals(await allowed(PAGE), PAGE);
    for (const origin of ["https://evil.example", "null", `x${PAGE}`, `${PAGE}/evil`, " "]) {
      assertEquals(await allowed(origin), null);
    }
  });
}

bothWays(
  "cors with a function that fails is a 500",
  app({
    origin: () => Promise.reject(new Error("no database")),
  }),
  async (fetch) => {
    using records = captureLogs();
    assertEquals((await fetch("/api", { headers: { origin: PAGE } })).status, 500);
    await expectLog(records, "error", /no database/);
  },
);

const allows = (origin: CorsOptions["origin"], text: string) =>
  originMatcher(origin)(text, new Request("http://localhost/"));

Deno.test("origin expression has to match all of the origin, each time", () => {
  const pattern = /https:\/\/page\.example|https:\/\/b\.example/gmy;
  for (let i = 0; i < 3; i++) assert(allows(pattern, PAGE));
  assert(!allows(pattern, "https://page.example.evil.example"));
  assert(!allows(pattern, "https://evil.example\nhttps://b.example"));
  assert(!allows(/.*/, "null"));
  assert(!allows(() => true, "null"));
  assert(allows("null", "null"));
});

Deno.test("origin function has to give true itself", async () => {
  const application = app({ origin: (() => "yes") as unknown as CorsOptions["origin"] })();
  const request = new Request("http://localhost/api", { headers: { origin: PAGE } });
  const response = await application.fetch(request);
  assertEquals(fields(response), { vary: "Origin" });
  await response.body?.cancel();
});

Deno.test("origin that could not stand in a header is never allowed", () => {
  for (let code = 0; code < 256; code++) {
    const character = String.fromCharCode(code);
    const printable = /[!-~]/.test(character) && !/[/?#@\\]/.test(character);
    assertEquals(allows(/.*/s, `https://a${character}b`), printable);
    assertEquals(allows(() => true, `https://a${character}b`), printable);
  }
});

Deno.test("origins are compared as browsers write them", () => {
  assert(allows("HTTPS://Page.Example:443", PAGE));
  assert(allows("http://bücher.example", "http://xn--bcher-kva.example"));
  assert(allows("capacitor://localhost", "capacitor://localhost"));
  assert(allows("http://[::1]:8080", "http://[::1]:8080"));
});

for (
  const [options, message] of [
    [{}, 'without "origin"'],
    [{ origin: "*", credentials: true }, '"*" as "origin"'],
    [{ origin: PAGE, credentials: true, methods: ["*"] }, '"*" as "methods"'],
    [{ origin: PAGE, credentials: true, allowedHeaders: ["*"] }, '"*" as "allowedHeaders"'],
    [{ origin: PAGE, credentials: true, exposedHeaders: ["*"] }, '"*" as "exposedHeaders"'],
    [{ origin: "null", credentials: true }, 'origin "null"'],
    [{ origin: "example.com" }, '"example.com"'],
    [{ origin: `${PAGE}/` }, "without a slash at the end"],
    [{ origin: [PAGE, "*"] }, '"*"'],
    [{ origin: 5 }, "number as an origin"],
    [{ origin: PAGE, methods: ["G T"] }, '"methods"'],
    [{ origin: PAGE, allowedHeaders: ["a\n"] }, '"allowedHeaders"'],
    [{ origin: PAGE, maxAgeMs: -1 }, '"maxAgeMs"'],
    [{ origin: PAGE, credential: true }, '"credential"'],
  ] as const
) {
  Deno.test(`cors refuses the options ${JSON.stringify(options)}`, () => {
    assertThrows(() => cors(options as unknown as CorsOptions), TypeError, message);
  });
}

Deno.test("any origin is allowed or not, without an error, and none is by accident", () => {
  fc.assert(fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.webUrl()), (origin) => {
    assert(!allows([PAGE, /https:\/\/[a-z]+\.page\.example/], origin));
  }));
});

Deno.test("origin of any length is looked at in linear time", () => {
  // The runtime alone would take exponential time, also for an origin that is short enough to be one.
  const matches = originMatcher(/https:\/\/(a+)+\.example/);
  const request = new Request("http://localhost/");
  assert(!matches(`https://${"a".repeat(200)}`, request));
  assert(matches(`https://${"a".repeat(200)}.example`, request));
  assertLinear((n) => matches(`https://${"a".repeat(n)}`, request), { n: 10_000 });
});

Deno.test("origin expression that cannot be matched in linear time is refused", () => {
  const slow = /https:\/\/(?=a)(a+)+\.example/;
  const error = assertThrows(() => originMatcher([PAGE, slow]), SyntaxError);
  assertEquals(
    error.message,
    `Cannot allow origins by ${slow}: an origin could keep it busy for minutes, since its ` +
      "repetitions can share a text between them in many ways; use a function",
  );
});
