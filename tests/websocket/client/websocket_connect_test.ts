import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import {
  Application,
  HTTPClientError,
  HTTPConnectError,
  HTTPProtocolError,
  HTTPStreamClosedError,
  HTTPTimeoutError,
  RequestHandler,
  websocketConnect,
  WebSocketError,
  WebSocketHandler,
} from "../../../mod.ts";
import { type HostileConnection, hostileServer } from "../../support/hostile_server.ts";
import { poll } from "../../support/poll.ts";
import { serve } from "../../support/serve.ts";
import { serviceTest, startPython } from "../../support/services.ts";
import { runPython } from "../../support/tornado.ts";
import { acceptance } from "../../support/websocket_peer.ts";

class Echo extends WebSocketHandler {
  override selectSubprotocol(offered: string[]) {
    return offered.at(-1) ?? null;
  }
  override open() {
    if (this.request.header("x-greet") !== null) {
      this.writeMessage(this.request.header("x-greet") ?? "");
    }
  }
  override onMessage(message: string | Uint8Array) {
    this.writeMessage(message);
  }
}

class Forbidden extends RequestHandler {
  override get() {
    this.sendError(403);
  }
}

const app = () => new Application([["/ws", Echo], ["/forbidden", Forbidden]]);
const wsUrl = (origin: string, path = "/ws") => origin.replace("http", "ws") + path;

Deno.test("connection exchanges text, bytes and objects", async () => {
  await using server = serve(app());
  await using connection = await websocketConnect(wsUrl(server.origin));
  assert(connection.isOpen);
  connection.writeMessage("h\u00e9llo");
  connection.writeMessage(new Uint8Array([1, 2, 3]));
  await connection.writeMessage({ a: [1] });
  assertEquals(await connection.readMessage(), "h\u00e9llo");
  assertEquals(await connection.readMessage(), new Uint8Array([1, 2, 3]));
  assertEquals(await connection.readMessage(), '{"a":[1]}');
});

Deno.test("connection sends header fields and selects a subprotocol", async () => {
  await using server = serve(app());
  const options = { headers: { "x-greet": "hi" }, protocols: ["v1", "v2"] };
  await using connection = await websocketConnect(wsUrl(server.origin), options);
  assertEquals(await connection.readMessage(), "hi");
  assertEquals(connection.selectedSubprotocol, "v2");
});

Deno.test("handshake refuses what it cannot send", async () => {
  for (const url of ["http://a/", "/ws", "ftp://a/", "wss//x"]) {
    await assertRejects(() => websocketConnect(url), TypeError, "the scheme must be ws: or wss:");
  }
  const connect = (options: object) => () => websocketConnect("ws://127.0.0.1/", options);
  await assertRejects(connect({ protocols: ["a b"] }), TypeError, '"a b"');
  await assertRejects(connect({ protocols: ["a", "a"] }), TypeError, '"a"');
  await assertRejects(connect({ headers: { "x-a": "b\u0001" } }), TypeError, "x-a");
  await assertRejects(connect({ maxMessageSize: -1 }), RangeError, "maxMessageSize");
});

/** What a server does with a handshake, and what comes of it. */
interface Case {
  readonly name: string;
  readonly treat: (connection: HostileConnection) => void | Promise<void>;
  // deno-lint-ignore no-explicit-any -- the constructor of any error
  readonly outcome: abstract new (...args: any[]) => Error;
  readonly code?: number;
}

const answer = (status: number) => ({ send }: HostileConnection) =>
  send(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`);

const cases: Case[] = [
  { name: "answers with 200", treat: answer(200), outcome: WebSocketError },
  { name: "redirects", treat: answer(302), outcome: HTTPClientError, code: 302 },
  { name: "answers with 401", treat: answer(401), outcome: HTTPClientError, code: 401 },
  { name: "answers with 503", treat: answer(503), outcome: HTTPClientError, code: 503 },
  { name: "switches to nothing", treat: answer(101), outcome: WebSocketError },
  {
    name: "answers with garbage",
    treat: ({ send }) => send("garbage\r\n\r\n"),
    outcome: HTTPProtocolError,
    code: 599,
  },
  { name: "hangs up", treat: () => {}, outcome: HTTPStreamClosedError, code: 599 },
  {
    name: "never answers",
    treat: (connection) => connection.gone().then(() => {}),
    outcome: HTTPTimeoutError,
    code: 599,
  },
  {
    name: "selects a subprotocol that was not offered",
    treat: async (connection) => {
      const fields = "Sec-WebSocket-Protocol: other\r\n";
      await connection.send(await acceptance(connection.head, fields));
      await connection.gone();
    },
    outcome: WebSocketError,
  },
];

for (const { name, treat, outcome, code } of cases) {
  Deno.test(`handshake fails and leaks nothing when a server ${name}`, async () => {
    await using server = hostileServer(treat);
    const connecting = websocketConnect(wsUrl(server.origin, "/"), { connectTimeout: 300 });
    const error = await connecting.then(() => null, (error: unknown) => error);
    assertInstanceOf(error, outcome);
    assertEquals(error.constructor.name, outcome.name, error.message);
    if (error instanceof HTTPClientError) assertEquals(error.code, code);
    assert(await poll(() => server.open === 0), "The connection is still open");
  });
}

Deno.test("handshake fails with what is known when a handler refuses or nobody listens", async () => {
  await using server = serve(app());
  const refused = await assertRejects(
    () => websocketConnect(wsUrl(server.origin, "/forbidden")),
    HTTPClientError,
  );
  assertEquals(refused.code, 403);
  const { port } = server;
  await server.server.shutdown();
  await assertRejects(() => websocketConnect(`ws://127.0.0.1:${port}/ws`), HTTPConnectError);
});

Deno.test("signal cancels the handshake, and closes the connection later", async () => {
  await using hanging = hostileServer((connection) => connection.gone().then(() => {}));
  const reason = new Error("not needed");
  const abort = new AbortController();
  const connecting = websocketConnect(wsUrl(hanging.origin, "/"), { signal: abort.signal });
  setTimeout(() => abort.abort(reason), 10);
  assertEquals(await assertRejects(() => connecting), reason);
  assert(await poll(() => hanging.open === 0));
  await using server = serve(app());
  const later = new AbortController();
  const connection = await websocketConnect(wsUrl(server.origin), { signal: later.signal });
  later.abort();
  await connection.closed;
  assertEquals([connection.closeCode, await connection.readMessage()], [1000, null]);
});

serviceTest("python3-tornado", "connection speaks with a server of Python's Tornado", async () => {
  await using python = await startPython(`
import asyncio, sys, tornado.web, tornado.websocket

class Echo(tornado.websocket.WebSocketHandler):
    def select_subprotocol(self, offered):
        return offered[0] if offered else None

    def on_message(self, message):
        if message == "bye":
            self.close(4321, "so long")
        else:
            self.write_message(message, binary=isinstance(message, bytes))

async def main():
    tornado.web.Application([("/", Echo)], websocket_ping_interval=0.05).listen(
        int(sys.argv[1]), "127.0.0.1")
    await asyncio.Event().wait()

asyncio.run(main())
`);
  const url = `ws://127.0.0.1:${python.port}/`;
  const connection = await websocketConnect(url, { protocols: ["a"] });
  assertEquals(connection.selectedSubprotocol, "a");
  connection.writeMessage("x".repeat(100_000));
  connection.writeMessage(new Uint8Array([0, 255]));
  assertEquals((await connection.readMessage())?.length, 100_000);
  assertEquals(await connection.readMessage(), new Uint8Array([0, 255]));
  connection.writeMessage("bye");
  assertEquals(await connection.readMessage(), null);
  assertEquals([connection.closeCode, connection.closeReason], [4321, "so long"]);
  await assertRejects(() => websocketConnect(`${url}none`), HTTPClientError, "HTTP 404");
});

serviceTest("python3-tornado", "Python's Tornado is a WebSocket client of ours", async () => {
  await using server = serve(app());
  const got = await runPython(
    `
import asyncio
from tornado.websocket import websocket_connect

async def main():
    connection = await websocket_connect(input, subprotocols=["p"])
    await connection.write_message("hello")
    text = await connection.read_message()
    await connection.write_message(b"\\x00\\x01", binary=True)
    data = await connection.read_message()
    selected = connection.selected_subprotocol
    connection.close(1000)
    return [selected, text, list(data), await connection.read_message()]

output = asyncio.run(main())
`,
    wsUrl(server.origin),
  );
  assertEquals(got, ["p", "hello", [0, 1], null]);
});
