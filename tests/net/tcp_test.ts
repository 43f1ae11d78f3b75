import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import {
  bindSockets,
  bindUnixSocket,
  type IOStream,
  type SocketAddress,
  type SocketListener,
  StreamClosedError,
  TCPClient,
  TCPServer,
  type TCPServerOptions,
  TimeoutError,
} from "@gustnado/gustnado";
import { fakeClock } from "../support/fake_clock.ts";
import { captureLogs } from "../support/log_records.ts";
import { loggedTexts } from "../support/logged_texts.ts";

const fixture = (name: string) =>
  Deno.readTextFile(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
const [ca, cert, key] = await Promise.all([fixture("ca"), fixture("cert"), fixture("key")]);

class EchoServer extends TCPServer {
  readonly peers: SocketAddress[] = [];

  override async handleStream(stream: IOStream, address: SocketAddress): Promise<void> {
    this.peers.push(address);
    while (true) await stream.write(await stream.readUntil("\n"));
  }
}

function serve(options?: TCPServerOptions): EchoServer {
  const server = new EchoServer(options);
  server.listen(0, { hostname: "127.0.0.1" });
  return server;
}

async function echo(stream: IOStream, line: string): Promise<string> {
  await stream.write(`${line}\n`);
  return new TextDecoder().decode(await stream.readUntil("\n")).trimEnd();
}

Deno.test("server and client exchange lines, also many at once", async () => {
  await using server = serve();
  const client = new TCPClient();
  const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`);
  const echoes = await Promise.all(lines.map(async (line) => {
    using stream = await client.connect("127.0.0.1", server.port);
    return await echo(stream, line);
  }));
  assertEquals(echoes, lines);
  assertEquals(server.peers[0]?.transport, "tcp");
});

Deno.test("server on every address is reached by IPv4 and knows the peer by its IPv4 address", async () => {
  await using server = new EchoServer();
  server.listen(0);
  using stream = await new TCPClient().connect("127.0.0.1", server.port);
  assertEquals(await echo(stream, "hello"), "hello");
  const [address] = server.peers;
  assert(address?.transport === "tcp");
  assertEquals(address.hostname, "127.0.0.1");
});

Deno.test("server keeps its connections when it stops, and loses them when it is disposed", async () => {
  const server = serve();
  const { port } = server;
  using stream = await new TCPClient().connect("localhost", port);
  assertEquals(await echo(stream, "before"), "before");
  await server.stop();
  await server.stop();
  await assertRejects(() => new TCPClient().connect("127.0.0.1", port), Error);
  assertThrows(() => server.port, Error, "does not listen");
  assertEquals(await echo(stream, "after"), "after");
  await server[Symbol.asyncDispose]();
  await assertRejects(() => stream.readBytes(1), StreamClosedError);
});

Deno.test("server logs an error of its handler and closes the connection", async () => {
  using logs = captureLogs();
  class Failing extends TCPServer {
    override async handleStream(stream: IOStream): Promise<void> {
      await stream.readUntil("\n");
      throw new Error("The handler failed");
    }
  }
  await using server = new Failing();
  server.listen(0, { hostname: "127.0.0.1" });
  using stream = await new TCPClient().connect("127.0.0.1", server.port);
  await stream.write("x\n");
  assertEquals((await stream.readUntilClose()).length, 0);
  assertEquals(loggedTexts(logs), [
    "error: Exception in the handler of a connection: Error: The handler failed",
  ]);
});

Deno.test("server does not log that a peer has gone", async () => {
  using logs = captureLogs();
  await using server = serve();
  const stream = await new TCPClient().connect("127.0.0.1", server.port);
  await echo(stream, "x");
  stream.close();
  await server[Symbol.asyncDispose]();
  assertEquals(loggedTexts(logs), []);
});

Deno.test("server whose handler is not async leaves the stream to it", async () => {
  class Keeper extends TCPServer {
    override handleStream(stream: IOStream): void {
      stream.readUntil("\n").then((line) => stream.write(line)).then(() => stream.close());
    }
  }
  await using server = new Keeper();
  server.listen(0, { hostname: "127.0.0.1" });
  using stream = await new TCPClient().connect("127.0.0.1", server.port);
  assertEquals(await echo(stream, "kept"), "kept");
});

Deno.test("server without a handler says what to override", async () => {
  using logs = captureLogs();
  await using server = new TCPServer();
  server.listen(0, { hostname: "127.0.0.1" });
  using stream = await new TCPClient().connect("127.0.0.1", server.port);
  await stream.readUntilClose();
  assertMatch(loggedTexts(logs).join(), /override handleStream/);
});

Deno.test("server goes on when accepting a connection fails", async () => {
  using logs = captureLogs();
  const [socket] = bindSockets(0, { hostname: "127.0.0.1" });
  assert(socket !== undefined);
  let failures = 0;
  const flaky: SocketListener = {
    address: socket.address,
    close: () => socket.close(),
    accept: () => {
      if (++failures > 1) return socket.accept();
      return Promise.reject(new Error("Too many open files"));
    },
  };
  await using server = new EchoServer();
  server.addSocket(flaky);
  using stream = await new TCPClient().connect("127.0.0.1", server.port);
  assertEquals(await echo(stream, "x"), "x");
  assertEquals(loggedTexts(logs), [
    "error: Cannot accept a connection: Error: Too many open files",
  ]);
});

Deno.test("server listens on several sockets at once", async () => {
  await using server = new EchoServer();
  server.addSockets(bindSockets(0, { hostname: "127.0.0.1" }));
  server.listen(0, { hostname: "127.0.0.1" });
  assertEquals(server.addresses.length, 2);
  for (const address of server.addresses) {
    assert(address.transport === "tcp");
    using stream = await new TCPClient().connect("127.0.0.1", address.port);
    assertEquals(await echo(stream, "x"), "x");
  }
});

Deno.test("server listens where it is told, and everywhere only if it is told nothing", async () => {
  await using server = new EchoServer();
  server.listen(0, { hostname: "127.0.0.1" });
  server.listen(0);
  const [told, everywhere] = server.addresses;
  assert(told?.transport === "tcp" && everywhere?.transport === "tcp");
  assertEquals(told.hostname, "127.0.0.1");
  assertMatch(everywhere.hostname, /^(?:::|0\.0\.0\.0)$/);
});

Deno.test("server refuses a port that is taken or does not exist", async () => {
  await using server = serve();
  assertThrows(() => new TCPServer().listen(server.port, { hostname: "127.0.0.1" }), Error);
  for (const port of [-1, 65_536, 1.5, NaN]) {
    assertThrows(() => new TCPServer().listen(port), RangeError, `port ${port}`);
  }
});

Deno.test("server and client speak TLS, and the client verifies the name", async () => {
  await using server = serve({ tls: { cert, key } });
  const client = new TCPClient();
  using stream = await client.connect("localhost", server.port, { tls: { caCerts: [ca] } });
  assertEquals(await echo(stream, "secret"), "secret");
  await assertRejects(
    () => client.connect("localhost", server.port, { tls: true }),
    Error,
    "UnknownIssuer",
  );
  const tls = { caCerts: [ca], serverHostname: "example.com" };
  await assertRejects(() => client.connect("localhost", server.port, { tls }), Error);
});

Deno.test("client starts TLS on a connection that began in the clear", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const client = new TCPClient();
  const [clear, accepted] = await Promise.all([
    client.connect("127.0.0.1", listener.addr.port),
    listener.accept(),
  ]);
  // The runtime cannot begin TLS as a server, so the bytes are handed on to one that can.
  await using secure = serve({ tls: { cert, key } });
  const upstream = await Deno.connect({ hostname: "127.0.0.1", port: secure.port });
  await accepted.write(new TextEncoder().encode("go ahead\n"));
  const piping = [
    accepted.readable.pipeTo(upstream.writable),
    upstream.readable.pipeTo(accepted.writable),
  ];
  await clear.readUntil("\n");
  const stream = await clear.startTls("localhost", { caCerts: [ca], timeout: 60_000 });
  assertEquals(clear.closed(), true);
  assertEquals(await echo(stream, "secret"), "secret");
  await assertRejects(() => clear.startTls("localhost"), StreamClosedError);
  stream.close();
  await Promise.allSettled(piping);
});

Deno.test("client refuses to start TLS over bytes that were not read", async () => {
  await using server = serve();
  using stream = await new TCPClient().connect("127.0.0.1", server.port);
  await stream.write("ab\n");
  await stream.readBytes(1);
  await assertRejects(() => stream.startTls("localhost"), Error, "were not read");
  await stream.readUntil("\n");
  const reading = stream.readBytes(1);
  await assertRejects(() => stream.startTls("localhost"), Error, "a read is pending");
  await stream.write("c\n");
  await reading;
});

Deno.test("client gives up a TLS handshake that the server does not answer", async () => {
  using clock = fakeClock();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = listener.accept();
  const connecting = new TCPClient().connect("127.0.0.1", listener.addr.port, {
    tls: true,
    timeout: 1_000,
  });
  connecting.catch(() => {});
  using silent = await accepting;
  // The client has said hello and now waits for an answer.
  await silent.read(new Uint8Array(1_024));
  await clock.tick(1_000);
  await assertRejects(() => connecting, TimeoutError, "Cannot start TLS");
});

Deno.test("client is refused, times out or is aborted with a clear error", async () => {
  const client = new TCPClient();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  const { port } = listener.addr;
  await assertRejects(() => client.connect("127.0.0.1", port), Deno.errors.ConnectionRefused);
  await assertRejects(() => client.connect("127.0.0.1", port, { timeout: -1 }), RangeError);
  const signal = AbortSignal.abort(new Error("Not needed any more"));
  await assertRejects(() => client.connect("127.0.0.1", port, { signal }), Error, "Not needed");
  await assertRejects(() => client.connect("no-such-host.invalid", 80), Error);
});

Deno.test("client that gives up leaves no connection behind", async () => {
  await using server = serve();
  const controller = new AbortController();
  const connecting = new TCPClient().connect("127.0.0.1", server.port, {
    signal: controller.signal,
  });
  controller.abort(new Error("Not needed any more"));
  await assertRejects(() => connecting, Error, "Not needed");
});

Deno.test("server and client talk through a Unix domain socket of the owner's", async () => {
  const path = `${await Deno.makeTempDir()}/echo.sock`;
  const stale = bindUnixSocket(path);
  stale.close();
  await using server = new EchoServer();
  server.addSockets([bindUnixSocket(path)]);
  assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  assertEquals(server.addresses, [{ transport: "unix", path }]);
  using stream = await new TCPClient().connectUnix(path, { timeout: 60_000 });
  assertEquals(await echo(stream, "local"), "local");
  assertEquals(server.peers[0]?.transport, "unix");
  await assertRejects(() => stream.startTls("localhost"), TypeError, "needs a TCP connection");
});

Deno.test("unix socket does not replace a file of another kind", async () => {
  const path = await Deno.makeTempFile();
  assertThrows(() => bindUnixSocket(path), TypeError, "a file that is no socket is there");
  await Deno.remove(path);
  await assertRejects(() => new TCPClient().connectUnix(path), Deno.errors.NotFound);
});
