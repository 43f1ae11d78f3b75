/** All middleware together, around everything that an application can answer with. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Hono } from "hono";
import { Application } from "../../../src/web/application.ts";
import { EventStreamHandler } from "../../../src/web/event_stream_handler.ts";
import { basicAuth } from "../../../src/web/middleware/basic_auth.ts";
import { cors } from "../../../src/web/middleware/cors.ts";
import { hostAllowList } from "../../../src/web/middleware/host_allow_list.ts";
import { rateLimit } from "../../../src/web/middleware/rate_limit.ts";
import { requestId } from "../../../src/web/middleware/request_id.ts";
import { securityHeaders } from "../../../src/web/middleware/security_headers.ts";
import { timeout } from "../../../src/web/middleware/timeout.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { WebSocketHandler } from "../../../src/websocket/web_socket_handler.ts";
import { EventReader } from "../../support/event_reader.ts";
import { captureLogs } from "../../support/log_records.ts";
import { OPCODE, RawWebSocket } from "../../support/raw_websocket.ts";
import { bothWays, serve } from "../../support/serve.ts";

class Main extends RequestHandler {
  override get() {
    this.write("x".repeat(2_000));
  }
  override async post() {
    await undefined;
    this.write(this.request.body);
  }
}

class Streaming extends RequestHandler {
  override async get() {
    for (const text of ["gust", "nado"]) {
      this.write(text);
      await this.flush();
    }
  }
}

class Events extends EventStreamHandler {
  override async open() {
    await this.send({ data: `${this.currentUser}` });
    this.close();
  }
}

class Echo extends WebSocketHandler {
  override onMessage(message: string | Uint8Array) {
    this.writeMessage(`${this.currentUser}: ${message}`);
  }
}

const PAGE = "https://page.example";
const AUTH = { authorization: `Basic ${btoa("dorothy:kansas")}`, origin: PAGE };

const app = () =>
  new Application([
    ["/", Main],
    ["/streaming", Streaming],
    ["/events", Events],
    ["/echo", Echo],
    ["/hono", new Hono().all("*", (c) => c.text("from Hono", 418)).fetch],
    ["/redirect", () => Response.redirect("http://elsewhere.invalid/")],
    ["/no-content", () => new Response(null, { status: 204 })],
  ], {
    staticPath: import.meta.dirname ?? "",
    compressResponse: true,
    middleware: [
      requestId(),
      securityHeaders(),
      cors({ origin: PAGE, credentials: true }),
      timeout(20_000),
      hostAllowList(["localhost", "127.0.0.1"]),
      rateLimit({ limit: 1_000 }),
      basicAuth({ users: { dorothy: "kansas" } }),
    ],
  });

/** What every response has to have that has come through all of it. */
function assertProtected({ headers, status }: Response): void {
  assertMatch(headers.get("x-request-id") ?? "", /^[\da-f-]{36}$/);
  assertEquals(headers.get("access-control-allow-origin"), PAGE);
  assertMatch(headers.get("vary") ?? "", /Origin/);
  assertMatch(headers.get("ratelimit") ?? "", /^"default";r=\d+;t=\d+$/);
  assertEquals(headers.get("x-content-type-options"), status === 304 ? null : "nosniff");
}

bothWays("middleware stands around every kind of response", app, async (fetch) => {
  using _records = captureLogs();
  const requests: [string, RequestInit, number, string][] = [
    ["/", {}, 200, "x".repeat(2_000)],
    ["/", { method: "HEAD" }, 200, ""],
    ["/", { method: "POST", body: "posted" }, 200, "posted"],
    ["/", { method: "DELETE" }, 405, "405: Method Not Allowed"],
    ["/none", {}, 404, "404: Not Found"],
    ["/streaming", {}, 200, "gustnado"],
    ["/hono", {}, 418, "from Hono"],
    ["/redirect", {}, 302, ""],
    ["/no-content", {}, 204, ""],
    ["/static/stack_test.ts", {}, 200, "All middleware together"],
    ["/static/stack_test.ts", { headers: { range: "bytes=0-2" } }, 206, "/**"],
  ];
  for (const [path, init, status, text] of requests) {
    const response = await fetch(path, { ...init, headers: { ...AUTH, ...init.headers } });
    assertEquals([path, response.status], [path, status]);
    assertProtected(response);
    assert((await response.text()).includes(text));
  }
});

bothWays("middleware leaves conditional requests alone", app, async (fetch) => {
  for (const path of ["/", "/static/stack_test.ts"]) {
    const first = await fetch(path, { headers: AUTH });
    await first.body?.cancel();
    const etag = first.headers.get("etag") ?? "";
    const second = await fetch(path, { headers: { ...AUTH, "if-none-match": etag } });
    assertEquals([second.status, await second.text()], [304, ""]);
    assertProtected(second);
  }
});

bothWays("middleware further out stands around refusals of that further in", app, async (fetch) => {
  using _records = captureLogs();
  const response = await fetch("/", { headers: { origin: PAGE } });
  assertEquals(response.status, 401);
  assertProtected(response);
  const preflight = await fetch("/", {
    method: "OPTIONS",
    headers: { origin: PAGE, "access-control-request-method": "POST" },
  });
  assertEquals(preflight.status, 204);
  assertEquals(preflight.headers.get("access-control-allow-origin"), PAGE);
});

Deno.test("middleware lets event streams through", async () => {
  await using server = serve(app());
  const response = await fetch(`${server.origin}/events`, { headers: AUTH });
  assertProtected(response);
  await using reader = new EventReader(response);
  assertEquals((await reader.next())?.data, "dorothy");
});

Deno.test("middleware lets WebSockets through, and their handlers know the user", async () => {
  await using server = serve(app());
  using socket = await RawWebSocket.connect(server.port, "/echo", {
    headers: { authorization: AUTH.authorization },
  });
  assertEquals(socket.response.status, 101);
  await socket.send(OPCODE.text, "hello");
  const frame = await socket.receive();
  assertEquals(new TextDecoder().decode(frame?.payload), "dorothy: hello");
  using refused = await RawWebSocket.connect(server.port, "/echo");
  assertEquals(refused.response.status, 401);
});
