import { assert, assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Application } from "../../../src/web/application.ts";
import { HTTPError } from "../../../src/web/http_error.ts";
import { requestId, type RequestIdOptions } from "../../../src/web/middleware/request_id.ts";
import { timeout } from "../../../src/web/middleware/timeout.ts";
import type { Middleware } from "../../../src/web/middleware/middleware.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { assertLinear } from "../../support/linear.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { RawWebSocket } from "../../support/raw_websocket.ts";
import { bothWays, serve } from "../../support/serve.ts";
import { WebSocketHandler } from "../../../src/websocket/web_socket_handler.ts";

class Main extends RequestHandler {
  override get() {
    this.write(`${this.request.requestId}`);
  }
  override post() {
    throw new Error("broken");
  }
  override put() {
    throw new HTTPError(400, { logMessage: "so it is" });
  }
}

class Socket extends WebSocketHandler {
  override open() {
    this.writeMessage(`${this.request.requestId}`);
  }
}

const app = (options?: RequestIdOptions) => () =>
  new Application([["/", Main], ["/ws", Socket]], { middleware: [requestId(options)] });

const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/;

bothWays("request has an id that handlers and clients see, new each time", app(), async (fetch) => {
  const [first, second] = [await fetch("/"), await fetch("/")];
  const id = first.headers.get("x-request-id") ?? "";
  assertMatch(id, UUID);
  assertEquals(await first.text(), id);
  assertNotEquals(second.headers.get("x-request-id"), id);
  assertMatch((await fetch("/none")).headers.get("x-request-id") ?? "", UUID);
});

bothWays("request id of a client is not taken", app(), async (fetch) => {
  const response = await fetch("/", { headers: { "x-request-id": "forged" } });
  assertMatch(response.headers.get("x-request-id") ?? "", UUID);
});

bothWays(
  "request id is taken from everybody where it is trusted, and another header can carry it",
  app({ header: "Traceparent", trust: true }),
  async (fetch) => {
    const id = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const response = await fetch("/", { headers: { traceparent: id } });
    assertEquals([response.headers.get("traceparent"), await response.text()], [id, id]);
  },
);

bothWays("request id that is malformed is replaced", app({ trust: true }), async (fetch) => {
  for (const id of ["", "a b", "a,b", "<script>", "é", "x".repeat(129), "a;b", '"a"', "{a}"]) {
    const response = await fetch("/", { headers: { "x-request-id": id } });
    assertMatch(response.headers.get("x-request-id") ?? "", UUID);
  }
});

Deno.test("request id is taken from the proxies that are trusted alone", async () => {
  const application = app({ trust: ["10.0.0.0/8"] })();
  const idFor = async (hostname: string) => {
    const headers = { "x-request-id": "sent" };
    const info = { remoteAddr: { transport: "tcp", hostname } };
    const request = new Request("http://localhost/", { headers });
    return (await application.fetch(request, info)).text();
  };
  assertEquals(await idFor("10.1.2.3"), "sent");
  assertMatch(await idFor("192.0.2.1"), UUID);
});

Deno.test("request id is in every line that is logged of a request", async () => {
  using records = captureLogs();
  const application = app({ trust: true })();
  const headers = { "x-request-id": "the-id" };
  for (const method of ["GET", "PUT", "POST"]) {
    const request = new Request("http://localhost/", { method, headers });
    await (await application.fetch(request)).body?.cancel();
  }
  await expectLog(records, "info", /^200 GET \/ \(0\.0\.0\.0\) the-id \d/);
  await expectLog(records, "warning", /^400 PUT \/ \(0\.0\.0\.0\) the-id: .*so it is/);
  await expectLog(records, "error", /Uncaught exception POST \/ \(0\.0\.0\.0\) the-id/);
});

Deno.test("request id is in what middleware further in logs of a request", async () => {
  using records = captureLogs();
  const never = () => new Promise<Response>(() => {});
  const broken: Middleware = (request, next) => {
    if (request.method === "PUT") throw new Error("broken");
    return next();
  };
  const app = new Application([["/", never]], { middleware: [requestId(), timeout(1), broken] });
  const id = async (method: string) => {
    const response = await app.fetch(new Request("http://localhost/", { method }));
    return response.headers.get("x-request-id");
  };
  const late = await id("GET");
  await expectLog(records, "warning", new RegExp(`^Gave up GET "/" ${late} after 1 ms`));
  const failed = await id("PUT");
  await expectLog(
    records,
    "error",
    new RegExp(`^Uncaught exception in middleware broken: PUT "/" ${failed}`),
  );
});

Deno.test("request id is in the handshake of a WebSocket, and stays known", async () => {
  await using server = serve(app()());
  using socket = await RawWebSocket.connect(server.port, "/ws");
  const [, id] = socket.response.headers.find(([name]) => name === "x-request-id") ?? [];
  const frame = await socket.receive();
  assertEquals(new TextDecoder().decode(frame?.payload), id);
});

Deno.test("request id of an application is that of those mounted on it", async () => {
  const inner = app({ header: "X-Inner-Id" })();
  const outer = new Application([["/*", inner]], { middleware: [requestId()] });
  const { headers } = await outer.fetch(new Request("http://localhost/"));
  assert(headers.get("x-request-id") !== null);
  assertEquals(headers.get("x-inner-id"), headers.get("x-request-id"));
});

Deno.test("any request id is taken or replaced, without an error", async () => {
  const application = app({ trust: true })();
  const id = fc.string({ unit: "binary-ascii" }).filter((id) => !/[\r\n\0]/.test(id));
  await fc.assert(fc.asyncProperty(id, async (id) => {
    const request = new Request("http://localhost/", { headers: { "x-request-id": id } });
    const response = await application.fetch(request);
    await response.body?.cancel();
    assertMatch(response.headers.get("x-request-id") ?? "", /^[\w.~+/=:@-]{1,128}$/);
  }));
});

Deno.test("request id of any length is looked at in linear time", () => {
  const application = app({ trust: true })();
  const answer = (id: string) =>
    application.fetch(new Request("http://localhost/", { headers: { "x-request-id": id } }));
  assertLinear((n) => answer("a".repeat(n)), { n: 10_000 });
});

for (
  const [options, error, message] of [
    [{ header: "a b" }, TypeError, '"a b"'],
    [{ header: 1 }, TypeError, '"header"'],
    [{ trust: "proxy" }, TypeError, '"trust"'],
    [{ trust: ["proxy"] }, TypeError, '"proxy"'],
    [{ name: "x" }, TypeError, '"name"'],
  ] as const
) {
  Deno.test(`requestId refuses the options ${JSON.stringify(options)}`, () => {
    assertThrows(() => requestId(options as unknown as RequestIdOptions), error, message);
  });
}
