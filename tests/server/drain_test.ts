import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { Journal } from "../support/journal.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { serve } from "../support/serve.ts";

class Hello extends RequestHandler {
  override get() {
    this.write("Hello");
  }
  override async post() {
    await Promise.resolve();
    return new Response("made elsewhere");
  }
}

const REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const POST = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
/** Longer than any test takes: a test that has seen enough ends it. */
const LONG = { drainMs: 30_000, graceMs: 60_000 };

function hello(): Application {
  return new Application([["/", Hello]]);
}

/** Sends to a Unix socket; a response as short as these comes at once. */
async function ask(connection: Deno.Conn, request = REQUEST): Promise<string> {
  await connection.write(new TextEncoder().encode(request));
  const bytes = new Uint8Array(1024);
  return new TextDecoder().decode(bytes.subarray(0, await connection.read(bytes) ?? 0));
}

Deno.test("server that drains answers on, and says with each response that it is the last", async () => {
  await using server = serve(hello(), LONG);
  using kept = await RawSocket.connect(server.port);
  await kept.write(REQUEST);
  assertNotEquals((await kept.readResponse()).header("connection"), "close");
  const stopped = server.server.shutdown();
  using fresh = await RawSocket.connect(server.port);
  for (const [socket, request] of [[kept, REQUEST], [fresh, POST]] as const) {
    await socket.write(request);
    const response = await socket.readResponse();
    assertEquals([response.status, response.header("connection")], [200, "close"]);
  }
  await server.server.shutdown({ graceMs: 0 });
  await stopped;
});

Deno.test("WebSocket lives while the server drains, and gets 1001 after it", async () => {
  const journal = new Journal();
  class Quiet extends WebSocketHandler {
    override open() {
      journal.add("open");
    }
    override onMessage(message: string | Uint8Array) {
      this.writeMessage(message);
    }
  }
  await using server = serve(new Application([["/", Quiet]]), LONG);
  using client = await RawWebSocket.connect(server.port, "/");
  await journal.until(1);
  const stopped = server.server.shutdown();
  // One that upgrades meanwhile is told nothing of a close.
  using late = await RawWebSocket.connect(server.port, "/");
  assertEquals(late.response.header("connection")?.toLowerCase(), "upgrade");
  await client.send(1, "still here");
  assertEquals((await client.receive())?.text, "still here");
  const ended = server.server.shutdown({ graceMs: 1_000 });
  await server.server.shutdown({ graceMs: 0 });
  assertEquals((await client.receive())?.closeCode, 1001);
  await Promise.all([stopped, ended]);
});

Deno.test("drain is a part of the grace", async () => {
  await using server = serve(hello(), { drainMs: 60_000, graceMs: 20 });
  await server.server.shutdown();
});

Deno.test("Unix socket of a server that drains refuses connections, and serves those it has", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/socket`;
  await using server = serve(hello(), { ...LONG, path });
  using kept = await Deno.connect({ transport: "unix", path });
  // It has been accepted when another one has been answered.
  using another = await Deno.connect({ transport: "unix", path });
  await ask(another);
  const stopped = server.server.shutdown();
  await assertRejects(
    () => Deno.connect({ transport: "unix", path }),
    Deno.errors.ConnectionRefused,
  );
  const response = await ask(kept);
  assert(response.startsWith("HTTP/1.1 200 OK\r\n"), response);
  assert(/^connection: close\r$/im.test(response), response);
  await server.server.shutdown({ graceMs: 0 });
  await stopped;
});

Deno.test("path of a server that drains is taken until the server has ended", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/socket`;
  await using former = serve(hello(), { ...LONG, path });
  const stopped = former.server.shutdown();
  assertThrows(() => hello().listen(0, { path }), Error, "something is there already");
  await former.server.shutdown({ graceMs: 0 });
  await stopped;
  await using _next = serve(hello(), { path });
  using connection = await Deno.connect({ transport: "unix", path });
  assert((await ask(connection)).startsWith("HTTP/1.1 200"));
});

async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
