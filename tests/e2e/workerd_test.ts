import { assertEquals, assertMatch } from "@std/assert";
import {
  Application,
  RequestHandler,
  template,
  websocketConnect,
  WebSocketHandler,
} from "../../mod.ts";
import { bundle } from "../support/bundle.ts";
import type { ChildServer } from "../support/child_server.ts";
import { type HostileServer, hostileServer } from "../support/hostile_server.ts";
import { serve } from "../support/serve.ts";
import { serviceTest, startWorkerd } from "../support/services.ts";

/** Tells what it was sent. */
class Echo extends RequestHandler {
  override get() {
    this.#answer();
  }
  override post() {
    this.#answer();
  }
  override put() {
    this.#answer();
  }
  #answer() {
    const { method, uri, body } = this.request;
    const headers = Object.fromEntries(this.request.headers);
    this.write({ method, uri, headers, body: new TextDecoder().decode(body) });
  }
}

class Moved extends RequestHandler {
  override get() {
    this.redirect(this.getQueryArgument("to"));
  }
}

class Status extends RequestHandler {
  override get(code: string) {
    this.setStatus(Number(code));
    this.write(`status ${code}`);
  }
}

class Bytes extends RequestHandler {
  override get(size: string) {
    this.write("x".repeat(Number(size)));
  }
}

/** Is there when it is asked for the third time. */
class Flaky extends RequestHandler {
  static readonly asked = new Map<string, number>();

  override get(id: string) {
    const times = (Flaky.asked.get(id) ?? 0) + 1;
    Flaky.asked.set(id, times);
    if (times < 3) this.setStatus(503);
    this.write(`asked ${times} times`);
  }
}

class Login extends RequestHandler {
  override get() {
    this.setCookie("user", "storm");
  }
}

class Fresh extends RequestHandler {
  override get() {
    this.setHeader("Cache-Control", "max-age=60");
    this.write(crypto.randomUUID());
  }
}

class Socket extends WebSocketHandler {
  override selectSubprotocol([first]: readonly string[]) {
    return first ?? null;
  }
  override onMessage(message: string | Uint8Array) {
    if (message === "bye") this.close(4001, "as you wish");
    else this.writeMessage(message);
  }
}

const routes = () =>
  new Application([
    ["/echo", Echo],
    ["/moved", Moved],
    ["/status/:code", Status],
    ["/bytes/:size", Bytes],
    ["/flaky/:id", Flaky],
    ["/login", Login],
    ["/fresh", Fresh],
    ["/ws", Socket],
  ], { compressResponse: true });

/** `/never` answers, `/dribble` answers a byte at a time, `/broken` hangs up in the middle. */
function rudeServer(): HostileServer {
  return hostileServer(async ({ head, send, gone }) => {
    if (head.includes("/never")) return void await gone();
    const length = head.includes("/broken") ? "Content-Length: 100" : "Transfer-Encoding: chunked";
    await send(`HTTP/1.1 200 OK\r\n${length}\r\n\r\n`);
    if (head.includes("/broken")) return await send("x");
    for (let i = 0; i < 100; i++) {
      await send("1\r\nx\r\n");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
}

/** What the clients report of each of their checks, in tests/fixtures/edge_worker.ts. */
const OUTCOMES: Readonly<Record<string, unknown>> = {
  get: [200, "OK", "GET", "/echo?a=1", "b", true],
  post: ["a=1", "application/x-www-form-urlencoded"],
  produced: ["PUT", "one two"],
  redirect: "/echo",
  stripped: [null, null, "c"],
  redirects: ["HTTPClientError: HTTP 302: Found", 302],
  raised: "HTTPClientError: HTTP 404: Not Found",
  unraised: "status 503",
  timeout: "HTTPTimeoutError: HTTP 599: Timeout during the request after 50 ms",
  connectTimeout: "HTTPTimeoutError: HTTP 599: Timeout while connecting after 50 ms",
  slowBody: "HTTPTimeoutError: HTTP 599: Timeout during the request after 100 ms",
  // It does not tell a server that is not there from one that hangs up.
  refused: "HTTPStreamClosedError: HTTP 599: Cannot get a response: Network connection lost.",
  brokenOff: "HTTPStreamClosedError: HTTP 599: Cannot read the body: Network connection lost.",
  tooLarge: [
    "HTTPBodySizeError: HTTP 599: Cannot read the body: it is larger than maxBodySize, 99999 bytes",
    "HTTPBodySizeError: HTTP 599: Cannot read the body: it is larger than maxBodySize, 2 bytes",
  ],
  gzip: [50_000, "gzip"],
  streamed: [300_000, 300_000, 0],
  head: ["HTTP/1.1 200 OK\r\n", "\r\n"],
  retried: "asked 3 times",
  cancelled: "Error: changed my mind",
  queued: Array.from({ length: 20 }, (_, i) => i),
  cookies: "user=storm",
  cached: true,
  socket: ["text", [1, 2, 255], "chat", 4000],
  socketClosed: [[], 4001, "as you wish"],
  socketFlooded: 800_000,
  socketRefused: "HTTPClientError: HTTP 403: Forbidden",
  unsupported: [
    ...["proxyHost", "caCerts", "clientCert", "unixSocket", "networkInterface"].flatMap((name) =>
      // By the client's defaults, by a fetch and by a WebSocket.
      Array.from({ length: 3 }, () => unsupported(name))
    ),
    unsupported("header fields of a WebSocket handshake"),
  ],
};

function unsupported(feature: string): string {
  return `UnsupportedFeatureError: Cannot use ${feature}: this runtime does not have it; use Deno`;
}

async function startWorker(): Promise<ChildServer> {
  return await startWorkerd({
    "worker.js": await bundle(new URL("../fixtures/edge_worker.ts", import.meta.url)),
    "page.js": template.compile("Hello {{ name }}", { name: "page.html" }),
  });
}

serviceTest("workerd", "application is a worker of the edge as it stands", async () => {
  await using worker = await startWorker();
  const origin = `http://127.0.0.1:${worker.port}`;
  const hello = await fetch(origin);
  assertEquals([hello.status, await hello.text()], [200, "hello"]);
  const posted = await fetch(origin, { method: "POST", body: new URLSearchParams({ a: "1" }) });
  assertEquals(await posted.json(), { got: "1" });
  const missing = await fetch(`${origin}/none`);
  assertEquals(missing.status, 404);
  await missing.body?.cancel();
  const compiled = await fetch(`${origin}/page/compiled`);
  assertEquals(await compiled.text(), "Hello edge");
  const interpreted = await fetch(`${origin}/page/text`);
  assertMatch(await interpreted.text(), /this runtime does not generate code.*PrecompiledLoader/);
});

serviceTest("workerd", "WebSocket handler is a worker of the edge as it stands", async () => {
  await using worker = await startWorker();
  const url = `ws://127.0.0.1:${worker.port}/ws`;
  await using connection = await websocketConnect(url, { protocols: ["chat"] });
  assertEquals(connection.selectedSubprotocol, "chat");
  assertEquals(await connection.readMessage(), "welcome");
  connection.writeMessage("text");
  assertEquals(await connection.readMessage(), "text");
  connection.writeMessage(new Uint8Array([1, 2, 255]));
  assertEquals(await connection.readMessage(), new Uint8Array([1, 2, 255]));
  for (let i = 0; i < 8; i++) {
    await connection.writeMessage("x".repeat(100_000));
    assertEquals((await connection.readMessage())?.length, 100_000);
  }
  connection.writeMessage("bye");
  assertEquals(await connection.readMessage(), null);
  assertEquals([connection.closeCode, connection.closeReason], [4001, "as you wish"]);
});

serviceTest("workerd", "clients work on the edge, and name what it cannot do", async (t) => {
  await using worker = await startWorker();
  await using server = serve(routes());
  await using other = serve(routes());
  await using rude = rudeServer();
  const query = new URLSearchParams({
    origin: server.origin,
    other: other.origin,
    rude: rude.origin,
  });
  for (const [name, expected] of Object.entries(OUTCOMES)) {
    await t.step(name, async () => {
      const response = await fetch(`http://127.0.0.1:${worker.port}/clients/${name}?${query}`);
      assertEquals(await response.json(), { outcome: expected });
    });
  }
});
