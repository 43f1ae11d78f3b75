import { assertEquals } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { HTTPError } from "../../src/web/http_error.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { captureLogs } from "../support/log_records.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { serve } from "../support/serve.ts";

class QuietHandler extends WebSocketHandler {}

const app = () => new Application([["/", QuietHandler]]);

const ONLY_13 = "Only version 13 of the WebSocket protocol is supported";

/** What each request lacks, and the answer: status, body, `Sec-WebSocket-Version`. */
const REFUSALS: [rule: string, headers: Record<string, string | null>, answer: unknown[]][] = [
  ["no Upgrade", { upgrade: null }, [400, 'Can "Upgrade" only to "WebSocket".', null]],
  ["another Upgrade", { upgrade: "h2c" }, [400, 'Can "Upgrade" only to "WebSocket".', null]],
  ["no Connection", { connection: null }, [400, '"Connection" must be "Upgrade".', null]],
  ["another Connection", { connection: "close" }, [400, '"Connection" must be "Upgrade".', null]],
  [
    "another origin",
    { origin: "http://evil.example" },
    [403, "Cross origin websockets not allowed", null],
  ],
  [
    "another origin in the old header",
    { "sec-websocket-origin": "http://evil.example" },
    [403, "Cross origin websockets not allowed", null],
  ],
  ["no version", { "sec-websocket-version": null }, [426, ONLY_13, "13"]],
  ["version 8", { "sec-websocket-version": "8" }, [426, ONLY_13, "13"]],
  ["no key", { "sec-websocket-key": null }, [400, "Missing/Invalid WebSocket headers", null]],
  [
    "a key of 15 bytes",
    { "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAA" },
    [400, "Missing/Invalid WebSocket headers", null],
  ],
  [
    "a key that is not base64",
    { "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAA!!==" },
    [400, "Missing/Invalid WebSocket headers", null],
  ],
  // The first thing that is wrong is the one that is told.
  [
    "no Upgrade and another origin",
    { upgrade: null, origin: "http://evil.example" },
    [400, 'Can "Upgrade" only to "WebSocket".', null],
  ],
  [
    "another origin and no version",
    { origin: "http://evil.example", "sec-websocket-version": null },
    [403, "Cross origin websockets not allowed", null],
  ],
  ["neither version nor key", { "sec-websocket-version": null, "sec-websocket-key": null }, [
    426,
    ONLY_13,
    "13",
  ]],
];

for (const [rule, headers, answer] of REFUSALS) {
  Deno.test(`handshake with ${rule} is answered with ${answer[0]}`, async () => {
    await using server = serve(app());
    using client = await RawWebSocket.connect(server.port, "/", { headers });
    const { status, text } = client.response;
    assertEquals([status, text, client.response.header("sec-websocket-version")], answer);
  });
}

Deno.test("handshake accepts header words in any case and among others", async () => {
  await using server = serve(app());
  const headers = { upgrade: "WebSocket", connection: "keep-alive, UPGRADE" };
  using client = await RawWebSocket.connect(server.port, "/", { headers });
  assertEquals(client.response.status, 101);
  await client.close();
});

Deno.test("handshake by HEAD is refused", async () => {
  await using server = serve(app());
  using socket = await RawSocket.connect(server.port);
  await socket.write(
    "HEAD / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  );
  assertEquals((await socket.readResponse({ method: "HEAD" })).status, 400);
});

Deno.test("handshake by POST is answered with 405 and the methods that are allowed", async () => {
  const response = await app().fetch(new Request("http://localhost/", { method: "POST" }));
  await response.body?.cancel();
  assertEquals([response.status, response.headers.get("allow")], [405, "GET, HEAD"]);
});

Deno.test("handshake of an error in prepare is an error page", async () => {
  class Guarded extends WebSocketHandler {
    override prepare() {
      throw new HTTPError(401);
    }
  }
  await using server = serve(new Application([["/", Guarded]]));
  using client = await RawWebSocket.connect(server.port, "/");
  assertEquals(client.response.status, 401);
});

Deno.test("handshake of a handler that finishes in prepare is its answer", async () => {
  class Redirecting extends WebSocketHandler {
    override async prepare() {
      await Promise.resolve();
      this.redirect("/elsewhere");
    }
  }
  await using server = serve(new Application([["/", Redirecting]]));
  using client = await RawWebSocket.connect(server.port, "/");
  assertEquals([client.response.status, client.response.header("location")], [302, "/elsewhere"]);
});

Deno.test("handshake logs one access line with status 101, and calls onFinish once", async () => {
  using records = captureLogs();
  let finished = 0;
  class Counting extends WebSocketHandler {
    override onFinish() {
      finished++;
    }
  }
  await using server = serve(new Application([["/", Counting]]));
  using client = await RawWebSocket.connect(server.port, "/");
  await client.close();
  await server.server.shutdown();
  assertEquals(finished, 1);
  assertEquals(records.messages("gustnado.access").map((line) => line.slice(0, 9)), ["101 GET /"]);
});

Deno.test("handshake whose get waits before it goes on is upgraded", async () => {
  class Waiting extends WebSocketHandler {
    override async get() {
      await new Promise((resolve) => setTimeout(resolve, 1));
      super.get();
    }
    override open() {
      this.writeMessage("open");
    }
  }
  await using server = serve(new Application([["/", Waiting]]));
  using client = await RawWebSocket.connect(server.port, "/");
  assertEquals((await client.receive())?.text, "open");
  await client.close();
});
