import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { HTTPClientError } from "../../src/client/client_error.ts";
import { ProxyHandler, type ProxyOptions } from "../../src/proxy/proxy_handler.ts";
import { Application } from "../../src/web/application.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { websocketConnect } from "../../src/websocket/client/websocket_connect.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { poll } from "../support/poll.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { serve, type ServedApplication } from "../support/serve.ts";

/** What the server behind has seen. */
const seen: { closes: unknown[]; headers: Record<string, string>; open: number } = {
  closes: [],
  headers: {},
  open: 0,
};

Deno.test.beforeEach(() => {
  Object.assign(seen, { closes: [], headers: {}, open: 0 });
});

class Echo extends WebSocketHandler {
  override selectSubprotocol(offered: string[]) {
    return offered.includes("b") ? "b" : null;
  }
  override open() {
    seen.open++;
    seen.headers = Object.fromEntries(this.request.headers);
  }
  override onMessage(message: string | Uint8Array) {
    if (typeof message === "string" && message.startsWith("close ")) {
      return this.close(Number(message.slice(6)), "as asked");
    }
    this.writeMessage(message);
  }
  override onClose() {
    seen.closes.push([this.closeCode, this.closeReason]);
  }
}

class Forbidden extends RequestHandler {
  override get(status: string) {
    this.setStatus(Number(status));
  }
}

class Page extends RequestHandler {
  override get() {
    this.write("a page");
  }
}

const behind = () =>
  serve(new Application([["/ws", Echo], ["/status/:n", Forbidden], ["/page", Page]]));

function front(back: { readonly origin: string }, options: Partial<ProxyOptions> = {}) {
  return serve(new Application([["/*", ProxyHandler, { target: back.origin, ...options }]]));
}

const connect = (server: ServedApplication, path = "/ws", options = {}) =>
  websocketConnect(`${server.origin.replace("http", "ws")}${path}`, options);

Deno.test("a WebSocket passes text and bytes through, both ways and in order", async () => {
  await using back = behind();
  await using server = front(back);
  await using socket = await connect(server);
  const messages = ["a", "\u{1f32a}", "", new Uint8Array([0, 255]), new Uint8Array(1_000_000), "z"];
  for (const message of messages) await socket.writeMessage(message);
  for (const message of messages) assertEquals(await socket.readMessage(), message);
});

Deno.test("a WebSocket keeps subprotocol, query, cookies, host and origin, and says who asks", async () => {
  await using back = behind();
  await using server = front(back, { headers: { "X-Key": "k" } });
  const origin = `http://127.0.0.1:${server.port}`;
  await using socket = await connect(server, "/ws?a=1", {
    protocols: ["a", "b"],
    headers: { cookie: "c=d", origin, "x-forwarded-for": "6.6.6.6" },
  });
  assertEquals(socket.selectedSubprotocol, "b");
  assert(await poll(() => seen.open === 1));
  const { cookie, host, "x-forwarded-for": client, "x-key": key } = seen.headers;
  assertEquals([cookie, host, seen.headers["origin"], client, key], [
    "c=d",
    `127.0.0.1:${server.port}`,
    origin,
    "127.0.0.1",
    "k",
  ]);
});

for (const code of [1000, 1001, 1003, 1011, 1013, 3000, 4999]) {
  Deno.test(`the close code ${code} of the server behind reaches the client`, async () => {
    await using back = behind();
    await using server = front(back);
    await using socket = await connect(server);
    await socket.writeMessage(`close ${code}`);
    await socket.closed;
    assertEquals([socket.closeCode, socket.closeReason], [code, "as asked"]);
    assert(await poll(() => seen.closes.length === 1));
  });
}

for (
  const [code, there] of [[1000, 1000], [3001, 3001], [4321, 4321], [1001, 4001], [
    1011,
    4011,
  ]] as const
) {
  Deno.test(`the close code ${code} of the client reaches the server behind as ${there}`, async () => {
    await using back = behind();
    await using server = front(back);
    using socket = await RawWebSocket.connect(server.port, "/ws");
    await socket.close(code);
    assert(await poll(() => seen.closes.length === 1));
    assertEquals(seen.closes, [[there, null]]);
  });
}

Deno.test("a client that vanishes closes the server behind", async () => {
  await using back = behind();
  await using server = front(back);
  {
    using _socket = await RawWebSocket.connect(server.port, "/ws");
    assert(await poll(() => seen.open === 1));
  }
  assert(await poll(() => seen.closes.length === 1));
  assertEquals(seen.closes, [[4006, null]]);
});

Deno.test("a server behind that vanishes closes the client with 1011", async () => {
  const back = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onopen = () => {
        const rid = Object.getOwnPropertySymbols(socket).find((s) => s.description === "[[rid]]");
        const internal = Reflect.get(Deno, Reflect.get(Deno, "internal"));
        internal.core.tryClose(Reflect.get(socket, rid ?? ""));
      };
      socket.onerror = () => {};
      return response;
    },
  );
  {
    await using server = front({ origin: `http://127.0.0.1:${back.addr.port}` });
    await using socket = await connect(server);
    await socket.closed;
    assertEquals(socket.closeCode, 1011);
  }
  await back.shutdown();
});

for (const status of [401, 403, 404, 503]) {
  Deno.test(`a server behind that refuses with ${status} is heard`, async () => {
    await using back = behind();
    await using server = front(back);
    const error = await assertRejects(() => connect(server, `/status/${status}`), HTTPClientError);
    assertEquals(error.code, status);
  });
}

Deno.test("what is no WebSocket behind, or nothing, is 502", async () => {
  using records = captureLogs();
  await using back = behind();
  await using server = front(back);
  const error = await assertRejects(() => connect(server, "/page"), HTTPClientError);
  assertEquals(error.code, 502);
  await expectLog(records, "warning", /502/);
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  await using none = front({ origin: `http://127.0.0.1:${port}` });
  const refused = await assertRejects(() => connect(none), HTTPClientError);
  assertEquals(refused.code, 502);
  await expectLog(records, "warning", /502/);
});

Deno.test("a handshake that is not answered is 504", async () => {
  using records = captureLogs();
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const accepted: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) accepted.push(connection);
  })();
  {
    await using server = front({ origin: `http://127.0.0.1:${listener.addr.port}` }, {
      timeout: 50,
    });
    const error = await assertRejects(() => connect(server), HTTPClientError);
    assertInstanceOf(error, HTTPClientError);
    assertEquals(error.code, 504);
    await expectLog(records, "warning", /504/);
  }
  listener.close();
  await accepting;
  for (const connection of accepted) connection.close();
});

Deno.test("a page of another origin reaches nothing behind", async () => {
  using records = captureLogs();
  await using back = behind();
  await using server = front(back);
  const headers = { origin: "https://evil.example" };
  const error = await assertRejects(() => connect(server, "/ws", { headers }), HTTPClientError);
  assertEquals([error.code, seen.open], [403, 0]);
  await expectLog(records, "warning", /evil.example/);
});

Deno.test("a path that leads elsewhere is no WebSocket either", async () => {
  using records = captureLogs();
  await using back = behind();
  await using server = front(back);
  const error = await assertRejects(() => connect(server, "/a/..%2fws"), HTTPClientError);
  assertEquals(error.code, 400);
  await expectLog(records, "warning", /may lead elsewhere/);
});

Deno.test("a client that leaves during the handshake leaves no connection behind", async () => {
  let left = 0;
  class Slow extends Echo {
    override async prepare() {
      const { signal } = this.request;
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      left++;
      signal.throwIfAborted();
    }
  }
  await using back = serve(new Application([["/ws", Slow]]));
  await using server = front(back);
  const leave = new AbortController();
  const connecting = connect(server, "/ws", { signal: leave.signal });
  setTimeout(() => leave.abort(), 50);
  await assertRejects(() => connecting);
  assert(await poll(() => left === 1));
  assertEquals(seen.open, 0);
});
