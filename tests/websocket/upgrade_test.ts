import { assertEquals, assertThrows } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import type { ApplicationSettings } from "../../src/web/application_settings.ts";
import { denoPlatform } from "../../src/platform/deno/deno_platform.ts";
import type { RequestContext } from "../../src/web/middleware/request_context.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { Journal } from "../support/journal.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { OPCODE, RawWebSocket } from "../support/raw_websocket.ts";
import { serve } from "../support/serve.ts";

Deno.test("upgrade sends the header fields and cookies that were set before it", async () => {
  class Setting extends WebSocketHandler {
    override setDefaultHeaders() {
      this.setHeader("X-Default", "d");
    }
    override prepare() {
      this.setHeader("X-One", "1");
      this.addHeader("X-Two", "2");
      this.addHeader("X-Two", "3");
      this.setCookie("a", "b");
      this.setCookie("c", "d", { httpOnly: true });
    }
  }
  await using server = serve(new Application([["/", Setting]]));
  using client = await RawWebSocket.connect(server.port, "/");
  const { response } = client;
  assertEquals([response.status, response.header("x-default"), response.header("x-one")], [
    101,
    "d",
    "1",
  ]);
  assertEquals(response.header("x-two"), "2, 3");
  const cookies = response.headers.filter(([name]) => name.toLowerCase() === "set-cookie");
  assertEquals(cookies.map(([, value]) => value), ["a=b; Path=/", "c=d; HttpOnly; Path=/"]);
  await client.close();
});

Deno.test("upgrade leaves out what would break the handshake", async () => {
  class Breaking extends WebSocketHandler {
    override prepare() {
      this.setHeader("Connection", "close");
      this.setHeader("Upgrade", "h2c");
      this.setHeader("Content-Length", 7);
      this.setHeader("Transfer-Encoding", "chunked");
      this.setHeader("Sec-WebSocket-Accept", "x");
      this.setHeader("Sec-WebSocket-Extensions", "permessage-deflate");
      this.setStatus(500);
      this.write("a body");
    }
    override open() {
      this.writeMessage("open");
    }
  }
  await using server = serve(new Application([["/", Breaking]]));
  using client = await RawWebSocket.connect(server.port, "/");
  assertEquals(client.response.headers.map(([name]) => name.toLowerCase()).sort(), [
    "connection",
    "date",
    "sec-websocket-accept",
    "upgrade",
  ]);
  assertEquals((await client.receive())?.text, "open");
  await client.close();
});

/** What makes a response, and cannot any more. */
const OUTPUT: [method: string, call: (handler: WebSocketHandler) => void][] = [
  ["write", (handler) => handler.write("a")],
  ["flush", (handler) => void handler.flush()],
  ["finish", (handler) => void handler.finish()],
  ["redirect", (handler) => handler.redirect("/")],
  ["setStatus", (handler) => handler.setStatus(200)],
  ["setHeader", (handler) => handler.setHeader("A", "b")],
  ["setHeader of the type", (handler) => handler.setHeader("Content-Type", "text/css")],
  ["addHeader", (handler) => handler.addHeader("A", "b")],
  ["clearHeader", (handler) => handler.clearHeader("A")],
  ["setCookie", (handler) => handler.setCookie("a", "b")],
  ["clearCookie", (handler) => handler.clearCookie("a")],
  ["clear", (handler) => handler.clear()],
  ["sendError", (handler) => handler.sendError(500)],
];

for (const [method, call] of OUTPUT) {
  Deno.test(`${method} after the upgrade says that the connection is a WebSocket`, async () => {
    const message = "the connection is a WebSocket now; use writeMessage()";
    const journal = new Journal();
    class Confused extends WebSocketHandler {
      override get() {
        super.get();
        assertThrows(() => call(this), Error, message);
        journal.add("get");
      }
      override open() {
        assertThrows(() => call(this), Error, message);
        journal.add("open");
      }
    }
    await using server = serve(new Application([["/", Confused]]));
    using client = await RawWebSocket.connect(server.port, "/");
    assertEquals(await journal.until(2), ["get", "open"]);
    await client.close();
  });
}

Deno.test("request stays readable after the upgrade, and after the end", async () => {
  const journal = new Journal<unknown>();
  class Reading extends WebSocketHandler {
    override onMessage() {
      journal.add(this.seen());
    }
    override onClose() {
      journal.add(this.seen());
    }
    seen() {
      const { request } = this;
      return [
        request.headers.get("x-one"),
        request.header("x-one"),
        this.getCookie("a"),
        request.remoteIp,
        this.getArgument("q"),
        this.getStatus(),
        request.protocol,
        request.method,
        request.path,
      ];
    }
  }
  await using server = serve(new Application([["/", Reading]]));
  const headers = { "x-one": "1", cookie: "a=b" };
  using client = await RawWebSocket.connect(server.port, "/?q=r", { headers });
  await client.send(OPCODE.text, "now");
  await journal.until(1);
  await client.close();
  const seen = ["1", "1", "b", "127.0.0.1", "r", 101, "http", "GET", "/"];
  assertEquals(await journal.until(2), [seen, seen]);
});

Deno.test("error in get after the upgrade is logged, and the WebSocket goes on", async () => {
  using records = captureLogs();
  class Failing extends WebSocketHandler {
    override get() {
      super.get();
      throw new Error("Wind");
    }
    override open() {
      this.writeMessage("open");
    }
  }
  await using server = serve(new Application([["/", Failing]]));
  using client = await RawWebSocket.connect(server.port, "/");
  assertEquals((await client.receive())?.text, "open");
  await expectLog(records, "error", /Wind/);
  await client.close();
});

/** Middleware around an upgrade. The runtime stops the server if the 101 does not come back. */
const MIDDLEWARE: [
  does: string,
  middleware: NonNullable<ApplicationSettings["middleware"]>[number],
  log: RegExp | null,
][] = [
  ["passes the response on", (_request, next) => next(), null],
  ["waits", async (_request, next) => await next(), null],
  ["adds a header", async (_request, next) => {
    const response = await next();
    response.headers.set("x-one", "1");
    return response;
  }, null],
  ["makes another response", async (_request, next) => {
    await next();
    return new Response("mine");
  }, /Cannot replace the response of a WebSocket/],
  ["makes another response at once", (_request, next) => {
    next();
    return new Response("mine");
  }, /Cannot replace the response of a WebSocket/],
  ["fails", async (_request, next) => {
    await next();
    throw new Error("Wind");
  }, /Wind/],
  ["copies the response", async (_request, next) => {
    const response = await next();
    return new Response(response.body, response);
  }, /Cannot replace the response of a WebSocket/],
  ["sets a control character", async (_request, next) => {
    const response = await next();
    response.headers.set("x-one", "\x01");
    return response;
  }, /control character/],
];

for (const [does, middleware, log] of MIDDLEWARE) {
  Deno.test(`upgrade survives a middleware that ${does}`, async () => {
    using records = captureLogs();
    class Open extends WebSocketHandler {
      override open() {
        this.writeMessage("open");
      }
    }
    await using server = serve(new Application([["/", Open]], { middleware: [middleware] }));
    for (let i = 0; i < 2; i++) {
      using client = await RawWebSocket.connect(server.port, "/");
      assertEquals((await client.receive())?.text, "open");
      await client.close();
      if (log === null) continue;
      await expectLog(records, "error", log);
      if (!log.source.includes("replace")) await expectLog(records, "error", /Cannot replace/);
    }
  });
}

Deno.test("what a proxy says of the client stays readable after the upgrade", async () => {
  const journal = new Journal<unknown>();
  class Reading extends WebSocketHandler {
    override onMessage() {
      const context = this.request.connection as RequestContext;
      const url = this.request.fullUrl();
      journal.add([url, context.header("X-One"), context.protocol, context.remoteIp]);
    }
  }
  const app = new Application([["/", Reading]], { middleware: [(_request, next) => next()] });
  await using server = serve(app, { xheaders: true });
  const headers = { "x-forwarded-proto": "https", "x-forwarded-for": "9.9.9.9", "x-one": "1" };
  using client = await RawWebSocket.connect(server.port, "/", { headers });
  await client.send(OPCODE.text, "now");
  const [read] = await journal.until(1);
  assertEquals(read, [`https://127.0.0.1:${server.port}/`, "1", "https", "9.9.9.9"]);
  await client.close();
});

Deno.test("socket that fails before it is open is let go of, closed or not", async () => {
  for (const closes of [false, true]) {
    const listeners = new Set<string>();
    class FailingSocket extends EventTarget {
      readonly readyState = WebSocket.CONNECTING;
      override addEventListener(type: string, listener: EventListenerObject) {
        listeners.add(type);
        super.addEventListener(type, listener);
      }
      override removeEventListener(type: string, listener: EventListenerObject) {
        listeners.delete(type);
        super.removeEventListener(type, listener);
      }
    }
    const socket = new FailingSocket();
    const platform = {
      ...denoPlatform(),
      upgradeWebSocket: () => ({
        socket: socket as unknown as WebSocket,
        response: new Response(null, { status: 101 }),
      }),
    };
    const ends: (number | null)[] = [];
    class Ending extends WebSocketHandler {
      override prepare() {
        if (closes) queueMicrotask(() => this.close(1001));
      }
      override onClose() {
        ends.push(this.closeCode);
      }
    }
    const app = new Application([["/", Ending]], { platform });
    const headers = {
      connection: "upgrade",
      upgrade: "websocket",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "sec-websocket-version": "13",
    };
    const { status } = await app.fetch(new Request("http://localhost/", { headers }));
    assertEquals([status, listeners.size], [101, 4]);
    await undefined;
    socket.dispatchEvent(new Event("error"));
    assertEquals([ends.length, listeners.size], [1, 0]);
  }
});
