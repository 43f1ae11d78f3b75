/**
 * The servers that the clients talk to on other runtimes, and what should come of it.
 *
 * @module
 */
import { Application, RequestHandler, WebSocketHandler } from "../../mod.ts";
import { type HostileServer, hostileServer } from "./hostile_server.ts";

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

/** The application that the checks of tests/fixtures/client_checks.ts talk to. */
export const routes = (): Application =>
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
export function rudeServer(): HostileServer {
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

/** What the clients report of each of their checks, in tests/fixtures/client_checks.ts. */
export const OUTCOMES: Readonly<Record<string, unknown>> = {
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
    unsupported("header fields of a WebSocket handshake", "Deno, Node or Bun"),
  ],
};

function unsupported(feature: string, runtimes = "Deno"): string {
  return `UnsupportedFeatureError: Cannot use ${feature}: this runtime does not have it; use ${runtimes}`;
}
