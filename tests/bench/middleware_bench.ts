/** What each middleware adds to a request: `deno bench -A tests/bench/middleware_bench.ts`. */
import { Application } from "../../src/web/application.ts";
import type { Middleware } from "../../src/web/middleware/middleware.ts";
import { basicAuth } from "../../src/web/middleware/basic_auth.ts";
import { cors } from "../../src/web/middleware/cors.ts";
import { hostAllowList } from "../../src/web/middleware/host_allow_list.ts";
import { rateLimit } from "../../src/web/middleware/rate_limit.ts";
import { requestId } from "../../src/web/middleware/request_id.ts";
import { securityHeaders } from "../../src/web/middleware/security_headers.ts";
import { timeout } from "../../src/web/middleware/timeout.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";

class Main extends RequestHandler {
  override get() {
    this.write("Hello, world");
  }
}

class Waiting extends RequestHandler {
  override async get() {
    await undefined;
    this.write("Hello, world");
  }
}

const LISTS: Readonly<Record<string, readonly Middleware[]>> = {
  "no middleware": [],
  "one that does nothing": [(_request, next) => next()],
  requestId: [requestId()],
  securityHeaders: [securityHeaders()],
  cors: [cors({ origin: "https://page.example" })],
  timeout: [timeout(30_000)],
  hostAllowList: [hostAllowList(["localhost"])],
  rateLimit: [rateLimit({ limit: 1_000_000_000 })],
  basicAuth: [basicAuth({ users: { dorothy: "kansas" } })],
};

const HEADERS = {
  authorization: `Basic ${btoa("dorothy:kansas")}`,
  origin: "https://page.example",
};

for (const [name, middleware] of Object.entries(LISTS)) {
  const app = new Application([["/", Main], ["/waiting", Waiting]], { middleware });
  const request = new Request("http://localhost/", { headers: HEADERS });
  const waiting = new Request("http://localhost/waiting", { headers: HEADERS });
  Deno.bench(name, { group: "at once", baseline: middleware.length === 0 }, () => {
    void app.fetch(request);
  });
  Deno.bench(
    `${name}, awaited`,
    { group: "awaited", baseline: middleware.length === 0 },
    async () => {
      await app.fetch(waiting);
    },
  );
}
