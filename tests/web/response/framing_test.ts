/** Statuses whose end the runtime would not show, so that clients wait for it until they give up. */
import { assertEquals, assertThrows } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { FallbackHandler } from "../../../src/web/fallback_handler.ts";
import { HTTPError } from "../../../src/web/http_error.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import type { Route } from "../../../src/web/routing/routing.ts";
import { WebSocketHandler } from "../../../src/websocket/web_socket_handler.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { rawRequest, RawSocket } from "../../support/raw_socket.ts";
import { RawWebSocket } from "../../support/raw_websocket.ts";
import { bothWays, serve } from "../../support/serve.ts";

class Resetting extends RequestHandler {
  override get(how: string) {
    if (how === "set") this.setStatus(205);
    if (how === "send") this.sendError(205);
    if (how === "throw") throw new HTTPError(205);
    if (how === "return") return new Response(null, { status: 205 });
  }
}

for (const how of ["set", "send", "throw", "return"]) {
  bothWays(`status 205 is refused with the way out: ${how}`, [
    ["/(.*)", Resetting],
  ], async (fetch) => {
    using records = captureLogs();
    assertEquals((await fetch(`/${how}`)).status, 500);
    await expectLog(records, "error", /205.*use 204/);
  });
}

const reset = () => new Response(null, { status: 205 });

const FOREIGN: Readonly<Record<string, Route>> = {
  "a fetch function": ["/", reset],
  "a FallbackHandler": ["/", FallbackHandler, { fallback: reset }],
};

for (const [source, route] of Object.entries(FOREIGN)) {
  bothWays(`status 205 of ${source} is refused`, [route], async (fetch) => {
    using records = captureLogs();
    assertEquals((await fetch("/")).status, 500);
    await expectLog(records, "error", /Cannot send a Response of status 205.*use 204/);
  });
}

bothWays("status 205 of a middleware is refused", () => {
  return new Application([], { middleware: [reset] });
}, async (fetch) => {
  using records = captureLogs();
  assertEquals((await fetch("/")).status, 500);
  await expectLog(records, "error", /Cannot send a Response of status 205/);
});

Deno.test("a middleware cannot answer with 205", () => {
  assertThrows(() => new HTTPError(205), RangeError, "use 204");
});

// ---- 101

const switching = () => new Response(null, { status: 101, headers: { upgrade: "websocket" } });

class Switching extends RequestHandler {
  override get() {
    return switching();
  }
}

const SWITCHES: Readonly<Record<string, () => Application>> = {
  "a method": () => new Application([["/", Switching]]),
  "a fetch function": () => new Application([["/", switching]]),
  "a middleware": () => new Application([], { middleware: [switching] }),
  "a method below middleware": () => {
    return new Application([["/", Switching]], { middleware: [(_request, next) => next()] });
  },
};

for (const [source, create] of Object.entries(SWITCHES)) {
  Deno.test(`101 of ${source} that is no upgrade is a 500, and not a connection without end`, async () => {
    using records = captureLogs();
    await using server = serve(create());
    using socket = await RawSocket.connect(server.port);
    await socket.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assertEquals((await socket.readResponse()).status, 500);
    await expectLog(records, "error", /Cannot send a Response of status 101: the request was not/);
  });
}

class Hello extends WebSocketHandler {
  override open() {
    this.writeMessage("hello");
  }
}

Deno.test("101 of a WebSocketHandler goes out", async () => {
  await using server = serve(new Application([["/", Hello]]));
  using client = await RawWebSocket.connect(server.port, "/");
  assertEquals((await client.receive())?.text, "hello");
  await client.close();
});

// ---- the version of HTTP

Deno.test("request.version is HTTP/1.1 in process and over a connection", async () => {
  class Version extends RequestHandler {
    override get() {
      this.write(this.request.version);
    }
  }
  const app = new Application([["/", Version]]);
  const inProcess = await app.fetch(new Request("http://localhost/"));
  assertEquals(await inProcess.text(), "HTTP/1.1");
  await using server = serve(app);
  assertEquals(await (await fetch(server.origin)).text(), "HTTP/1.1");
});

// ---- the reason phrase

Deno.test("reason of one's own is not sent: a status goes out with the standard one", async () => {
  class Teasing extends RequestHandler {
    override get() {
      this.setStatus(404, "Gone fishing");
    }
  }
  await using server = serve(new Application([["/", Teasing]]));
  const request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  assertEquals((await rawRequest(server.port, request)).statusLine, "HTTP/1.1 404 Not Found");
});
