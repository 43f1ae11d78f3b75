/** Statuses whose end the runtime would not show, so that clients wait for it until they give up. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { FallbackHandler } from "../../../src/web/fallback_handler.ts";
import { HTTPError } from "../../../src/web/http_error.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import type { Route } from "../../../src/web/routing/routing.ts";
import { WebSocketHandler } from "../../../src/websocket/web_socket_handler.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { RawSocket } from "../../support/raw_socket.ts";
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

/** Takes the connection over by itself, as a framework that is mounted does. */
function upgrade(request: Request): Response {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => socket.send("hello");
  return response;
}

class Hello extends WebSocketHandler {
  override open() {
    this.writeMessage("hello");
  }
}

const UPGRADES: Readonly<Record<string, () => Application>> = {
  "a fetch function": () => new Application([["/", upgrade]]),
  "a middleware": () => new Application([], { middleware: [upgrade] }),
  "a fetch function below middleware": () => {
    return new Application([["/", upgrade]], { middleware: [(_request, next) => next()] });
  },
  "a WebSocketHandler": () => new Application([["/", Hello]]),
};

for (const [source, create] of Object.entries(UPGRADES)) {
  Deno.test(`101 of ${source} that is an upgrade goes out`, async () => {
    await using server = serve(create());
    const socket = new WebSocket(server.origin.replace("http", "ws"));
    const { promise, resolve } = Promise.withResolvers<unknown>();
    socket.onmessage = ({ data }) => resolve(data);
    assertEquals(await promise, "hello");
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    await closed;
  });
}

Deno.test("what was set on the handler goes out with the 101 that it returns", async () => {
  class Upgrading extends RequestHandler {
    override get() {
      this.setHeader("X-A", "1");
      this.setCookie("a", "1");
      return upgrade(this.request.raw);
    }
  }
  await using server = serve(new Application([["/", Upgrading]]));
  using socket = await RawSocket.connect(server.port);
  await socket.write(
    "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  );
  const head = new TextDecoder().decode(
    await socket.readUntil(new TextEncoder().encode("\r\n\r\n")) ?? undefined,
  ).toLowerCase();
  assert(head.startsWith("http/1.1 101 "), head);
  assert(head.includes("\r\nx-a: 1\r\n") && head.includes("\r\nset-cookie: a=1; path=/\r\n"), head);
});

// ---- the version of HTTP

Deno.test("request.version is HTTP/1.1, and HTTP/2.0 where a connection brings no Host", async () => {
  class Version extends RequestHandler {
    override get() {
      this.write(this.request.version);
    }
  }
  const app = new Application([["/", Version]]);
  const inProcess = await app.fetch(new Request("http://localhost/"));
  assertEquals(await inProcess.text(), "HTTP/1.1");
  {
    await using server = serve(app);
    assertEquals(await (await fetch(server.origin)).text(), "HTTP/1.1");
  }
  const read = (name: string) =>
    Deno.readTextFile(new URL(`../../fixtures/tls/${name}`, import.meta.url));
  const [cert, key, ca] = await Promise.all(["cert.pem", "key.pem", "ca.pem"].map(read));
  assert(cert !== undefined && key !== undefined && ca !== undefined);
  await using server = serve(app, { cert, key });
  using client = Deno.createHttpClient({ caCerts: [ca] });
  const response = await fetch(`https://localhost:${server.port}/`, { client });
  assertEquals(await response.text(), "HTTP/2.0");
});
