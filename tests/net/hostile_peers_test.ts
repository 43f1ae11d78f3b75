/** Peers that mean no good, or too many of them: the server goes on, and its memory stays bounded. */
import { assert, assertEquals, assertLess, assertMatch, assertRejects } from "@std/assert";
import {
  bindSockets,
  type IOStream,
  StreamBufferFullError,
  StreamClosedError,
  TCPClient,
  TCPServer,
  UnsatisfiableReadError,
} from "@gustnado/gustnado";
import { captureLogs } from "../support/log_records.ts";
import { poll } from "../support/poll.ts";

const fixture = (name: string) =>
  Deno.readTextFile(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
const [ca, cert, key] = await Promise.all([fixture("ca"), fixture("cert"), fixture("key")]);

/** How many files the process of the echo server may have open. */
const FEW_FILES = 64;

class LineServer extends TCPServer {
  readonly failures: unknown[] = [];

  override async handleStream(stream: IOStream): Promise<void> {
    try {
      while (true) await stream.write(await stream.readUntil("\n", { maxBytes: 1_000 }));
    } catch (error) {
      this.failures.push(error);
      throw error;
    }
  }
}

async function echo(stream: IOStream, line: string): Promise<string> {
  await stream.write(`${line}\n`);
  return new TextDecoder().decode(await stream.readUntil("\n")).trimEnd();
}

Deno.test("server hangs up on a peer that sends without end and no delimiter, and serves the others", async () => {
  using logs = captureLogs();
  await using server = new LineServer();
  server.listen(0, { hostname: "127.0.0.1" });
  using endless = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  const chunk = new Uint8Array(65_536).fill(120);
  await assertRejects(async () => {
    while (true) await endless.write(chunk);
  });
  assert(server.failures[0] instanceof UnsatisfiableReadError);
  using stream = await new TCPClient().connect("127.0.0.1", server.port);
  assertEquals(await echo(stream, "served"), "served");
  assertEquals(logs.all.length, 0);
});

Deno.test("server with TLS hangs up on garbage, and serves the others", async () => {
  using logs = captureLogs();
  await using server = new LineServer({ tls: { cert, key } });
  server.listen(0, { hostname: "127.0.0.1" });
  for (const bytes of [[0], [22, 3, 1, 255, 255, 0], [71, 69, 84, 32, 47, 10]]) {
    using garbage = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    await garbage.write(
      new Uint8Array(1_000).fill(bytes[0] ?? 0).map((byte, index) => bytes[index] ?? byte),
    );
    // What comes is an alert, or nothing; and then the end, or a reset.
    const buffer = new Uint8Array(1_000);
    while (await garbage.read(buffer).catch(() => null) !== null);
  }
  // One that says nothing holds up nobody.
  using _silent = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  const tls = { caCerts: [ca] };
  using stream = await new TCPClient().connect("localhost", server.port, { tls });
  assertEquals(await echo(stream, "secret"), "secret");
  assertEquals(logs.all.length, 0);
  for (const failure of server.failures) assert(failure instanceof StreamClosedError);
});

Deno.test("server that writes to peers that never read keeps no more than maxWriteBufferSize for each", async () => {
  class Flood extends TCPServer {
    readonly full: PromiseWithResolvers<unknown> = Promise.withResolvers();
    unsent = 0;

    override handleStream(stream: IOStream): void {
      const bytes = new Uint8Array(65_536);
      // Nobody awaits the writes: the mistake that the limit is for.
      for (let count = 0; count < 1_000; count++) {
        stream.write(bytes).then(
          () => this.unsent -= bytes.length,
          (error) => {
            this.unsent -= bytes.length;
            this.full.resolve(error);
          },
        );
        this.unsent += bytes.length;
      }
    }
  }
  await using server = new Flood({ maxWriteBufferSize: 2 ** 20 });
  server.listen(0, { hostname: "127.0.0.1" });
  using _deaf = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  assert(await server.full.promise instanceof StreamBufferFullError);
  assertLess(server.unsent, 2 ** 20 + 1);
});

Deno.test("server whose listener somebody else closed stops accepting and says nothing", async () => {
  using logs = captureLogs();
  await using server = new LineServer();
  const sockets = bindSockets(0, { hostname: "127.0.0.1" });
  server.addSockets(sockets);
  assertEquals(server.addresses.length, 1);
  for (const socket of sockets) socket.close();
  assert(await poll(() => server.addresses.length === 0));
  const others = bindSockets(0, { hostname: "127.0.0.1" });
  server.addSockets(others);
  for (const socket of others) socket.close();
  await server.stop();
  assertEquals(logs.all.length, 0);
});

Deno.test("server that runs out of files waits, says so once, and then serves again", async () => {
  await using child = await EchoProcess.start();
  const first = await child.connect();
  assertEquals(await echo(first, "before"), "before");
  const crowd = await Promise.all(Array.from({ length: 200 }, () => child.connect()));
  // All that fit are there; for the next one there is no file left.
  assertMatch(await child.errorLine(), /Cannot accept a connection.*Too many open files/);
  assertEquals(await echo(first, "during"), "during");
  for (const stream of crowd) stream.close();
  using late = await child.connect();
  assertEquals(await echo(late, "after"), "after");
  first.close();
  assertEquals((await child.end()).match(/Cannot accept/g), null);
});

/** The echo server in a process of its own that may not open many files. */
class EchoProcess implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #output: ReadableStreamDefaultReader<string>;
  readonly #errors: ReadableStreamDefaultReader<string>;
  #port = 0;
  #ended = false;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#errors = process.stderr.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async start(): Promise<EchoProcess> {
    const root = new URL("../../", import.meta.url).pathname;
    const program = `ulimit -n ${FEW_FILES} && exec "$0" run -q --no-check --allow-net "$1"`;
    const process = new Deno.Command("sh", {
      args: ["-c", program, Deno.execPath(), "tests/fixtures/tcp_echo_server.ts"],
      cwd: root,
      env: { NO_COLOR: "1" },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const child = new EchoProcess(process);
    child.#port = Number((await child.#output.read()).value);
    return child;
  }

  connect(): Promise<IOStream> {
    return new TCPClient().connect("127.0.0.1", this.#port);
  }

  /** What is next on its standard error. */
  async errorLine(): Promise<string> {
    return (await this.#errors.read()).value ?? "";
  }

  /** Ends it, and gives what else it wrote to its standard error. */
  async end(): Promise<string> {
    this.#ended = true;
    try {
      this.#process.kill("SIGTERM");
    } catch {
      // It has ended by itself, which is what the test then finds.
    }
    let text = "";
    for (let part = await this.#errors.read(); !part.done; part = await this.#errors.read()) {
      text += part.value;
    }
    while (!(await this.#output.read()).done);
    await this.#process.status;
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) await this.end();
  }
}
