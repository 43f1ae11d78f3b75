/** A real program, run by the Node of this machine. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { buildForNode, nodePath } from "../../support/node_program.ts";
import { OPCODE, RawWebSocket } from "../../support/raw_websocket.ts";
import { RawSocket } from "../../support/raw_socket.ts";

const node = nodePath();
const required = Deno.env.get("GUSTNADO_ALL") === "1";

class NodeServer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #reading: Promise<void>[];
  output = "";
  port = 0;

  private constructor(child: Deno.ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    this.#reading = [this.#read(child.stdout), this.#read(child.stderr)];
  }

  static async start(): Promise<NodeServer> {
    const folder = await Deno.makeTempDir();
    const program = await buildForNode(
      new URL("../../fixtures/node_server.ts", import.meta.url),
      folder,
    );
    await Deno.writeTextFile(`${folder}/file.txt`, "in a file");
    const command = new Deno.Command(node ?? "node", {
      args: [program, folder],
      stdout: "piped",
      stderr: "piped",
    });
    const server = new NodeServer(command.spawn(), folder);
    server.port = Number(await server.until(/^(\d+)$/m));
    return server;
  }

  /** Waits for something that it writes. */
  async until(pattern: RegExp): Promise<string> {
    const end = performance.now() + 10_000;
    while (performance.now() < end) {
      const found = pattern.exec(this.output);
      if (found !== null) return found[1] ?? found[0];
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`Node has not written ${pattern} but: ${this.output}`);
  }

  async stop(): Promise<number> {
    this.#child.kill("SIGTERM");
    const { code } = await this.#child.status;
    await Promise.all(this.#reading);
    return code;
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.output += text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
    await Promise.all(this.#reading);
    await Deno.remove(this.#folder, { recursive: true });
  }
}

Deno.test({
  name: `Node runs an application${node === undefined ? " [needs node]" : ""}`,
  ignore: node === undefined && !required,
  async fn(t) {
    await using server = await NodeServer.start();
    const origin = `http://127.0.0.1:${server.port}`;
    const text = async (path: string, init?: RequestInit) =>
      await (await fetch(origin + path, init)).text();

    await t.step(
      "answers a text without what Node fetches with, which takes long to load",
      async () => {
        assertEquals(await text("/"), "Hello");
        const { loaded, node } = JSON.parse(await text("/loaded"));
        // Later ones need it, for their `Request` to take ours.
        assertEquals(loaded, node >= 23);
      },
    );

    await t.step("keeps a connection from request to request", async () => {
      using socket = await RawSocket.connect(server.port);
      for (let i = 0; i < 5; i++) {
        await socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertEquals((await socket.readResponse()).text, "Hello");
      }
    });

    await t.step("answers, and reads forms", async () => {
      assertEquals(await text("/"), "Hello");
      const form = new FormData();
      form.set("name", "Ann");
      assertMatch(
        await text("/", { method: "POST", body: form }),
        /^\{"name":"Ann","bytes":\d+\}$/,
      );
      const body = new URLSearchParams({ name: "Bob" });
      assertEquals(await text("/", { method: "POST", body }), '{"name":"Bob","bytes":8}');
    });

    await t.step("renders templates", async () => {
      assertEquals(await text("/page"), "Hello &lt;Ann&gt;");
    });

    await t.step("signs cookies", async () => {
      const response = await fetch(`${origin}/signed`);
      assertEquals(await response.text(), "null");
      const [cookie = ""] = (response.headers.getSetCookie()[0] ?? "").split(";");
      assertEquals(await text("/signed", { headers: { cookie } }), "before");
    });

    await t.step("serves files, and parts of them", async () => {
      assertEquals(await text("/static/file.txt"), "in a file");
      assertEquals(await text("/static/file.txt", { headers: { range: "bytes=3-3" } }), "a");
      assertEquals((await fetch(`${origin}/static/none.txt`).then(discard)).status, 404);
    });

    await t.step("streams down and up", async () => {
      const down = await (await fetch(`${origin}/down`)).arrayBuffer();
      assertEquals(down.byteLength, 64 * 65_536);
      const pieces = Array.from({ length: 64 }, () => new Uint8Array(65_536));
      const up = await text("/up", { method: "POST", body: ReadableStream.from(pieces) });
      assertEquals(up, String(64 * 65_536));
    });

    await t.step("its texts behave as responses of the runtime", async () => {
      const { ours, real } = JSON.parse(await text("/responses"));
      assertEquals(ours, real);
    });

    await t.step("speaks WebSocket", async () => {
      using client = await RawWebSocket.connect(server.port, "/ws");
      await client.send(OPCODE.text, "hé");
      assertEquals((await client.receive())?.text, "hé");
      await client.send(OPCODE.text, "publish");
      assertEquals((await client.receive())?.text, "for all");
      assertEquals((await client.close())?.closeCode, 1000);
    });

    await t.step("survives what nobody catches, and clients that are none", async () => {
      assertEquals(await text("/failing"), "lives");
      for (const bytes of HOSTILE) {
        using socket = await RawSocket.connect(server.port);
        await socket.write(bytes);
      }
      assertEquals(await text("/"), "Hello");
    });

    await t.step("ends by SIGTERM when requests in flight are answered", async () => {
      const slow = text("/slow");
      await server.until(/^slow$/m);
      const code = await server.stop();
      assertEquals(await slow, "finished");
      assertEquals(code, 0, server.output);
      assert(/^ended$/m.test(server.output), server.output);
    });
  },
});

/** What no browser sends. */
const HOSTILE: readonly string[] = [
  "nonsense\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\npart",
  `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(100_000)}\r\n\r\n`,
  "GET /down HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(50),
  "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n\xff\xff\xff",
];

async function discard(response: Response): Promise<Response> {
  await response.body?.cancel();
  return response;
}
