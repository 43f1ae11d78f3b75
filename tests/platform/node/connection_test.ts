/** What goes over connections of `node:http`, byte by byte, on each version of Node and on Deno. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ChildServer } from "../../support/child_server.ts";
import { buildForNode } from "../../support/node_program.ts";
import { poll } from "../../support/poll.ts";
import { type RawResponse, RawSocket } from "../../support/raw_socket.ts";
import { runtime } from "../../support/runtimes.ts";
import { serviceTest } from "../../support/services.ts";

const WS = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
/** What curl asks for by `--http2`. */
const H2C = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";

function get(path: string, fields = ""): string {
  return `GET ${path} HTTP/1.1\r\nHost: h\r\n${fields}\r\n`;
}

function post(path: string, body: string, fields = ""): string {
  return `POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;
}

/** Sends some requests at once, and reads so many responses. */
async function answers(server: ChildServer, bytes: string, count: number): Promise<RawResponse[]> {
  using socket = await RawSocket.connect(server.port);
  await socket.write(bytes);
  const responses: RawResponse[] = [];
  while (responses.length < count) responses.push(await socket.readResponse());
  return responses;
}

function texts(responses: readonly RawResponse[]): string[] {
  return responses.map(({ status, text }) => status === 200 ? text : String(status));
}

async function waitFor(server: ChildServer, line: string): Promise<void> {
  assert(await poll(() => server.output.includes(line)), `${line}: ${server.output}`);
}

type Rule = (server: ChildServer, name: string) => Promise<void>;

const RULES: Record<string, Rule> = {
  "a body that nobody reads, and that is there, is followed by the next request": async (
    server,
  ) => {
    const requests = post("/refused", "x") + get("/text") + post("/none", "xy") + get("/text");
    assertEquals(texts(await answers(server, requests, 4)), ["401", "Hello", "404", "Hello"]);
    using socket = await RawSocket.connect(server.port);
    for (const [path, status] of [["/refused", 401], ["/none", 404], ["/refused", 401]] as const) {
      await socket.write(post(path, "body"));
      const response = await socket.readResponse();
      assertEquals([response.status, response.header("connection")], [status, "keep-alive"]);
    }
  },
  "who still sends a body that nobody reads is told that the connection ends": async (server) => {
    using socket = await RawSocket.connect(server.port);
    const [head = "", body = ""] = post("/refused", "x".repeat(100_000)).split("\r\n\r\n");
    await socket.write(`${head}\r\n\r\n`);
    const response = await socket.readResponse();
    assertEquals([response.status, response.header("connection")], [401, "close"]);
    // It reads its answer only then, as simple clients do.
    await socket.write(body);
    await socket.readToEnd();
    assert(socket.ended);
  },
  "a WebSocket waits for the responses to what was asked before": async (server) => {
    using socket = await RawSocket.connect(server.port);
    await socket.write(get("/slow") + get("/ws", WS));
    assertEquals((await socket.readResponse()).text, "slow");
    assertEquals((await socket.readResponse()).status, 101);
    // "hi", masked by zeros.
    await socket.write(new Uint8Array([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
    assertEquals(await socket.readBytes(4), new Uint8Array([0x81, 2, 0x68, 0x69]));
  },
  "a WebSocket may be one of several protocols that are asked for": async (server) => {
    const fields = WS.replace("websocket", "h2c, WebSocket");
    const [response] = await answers(server, get("/ws", fields), 1);
    assertEquals(response?.status, 101);
  },
  "a large response before a WebSocket leaves whole": async (server) => {
    const [large, switched] = await answers(server, get("/large") + get("/ws", WS), 2);
    assertEquals([large?.body.length, switched?.status], [1_000_000, 101]);
  },
  "another protocol is not gone over to: body, order and connection stay": async (server, name) => {
    const requests = get("/slow") + post("/text", "hello", H2C) + get("/text", H2C) + get("/text");
    const responses = await answers(server, requests, 4);
    assertEquals(texts(responses), ["slow", "5 bytes", "Hello", "Hello"]);
    const chunked = `POST /text HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n${H2C}\r\n` +
      "3\r\nabc\r\n0\r\n\r\n";
    // Deno gives the body without its chunks, and cannot go on.
    const expected = name === "deno" ? ["400"] : ["3 bytes", "Hello"];
    const read = await answers(server, chunked + get("/text"), expected.length);
    assertEquals(texts(read), expected);
  },
  "large responses leave whole, whatever was asked for beside them": async (server) => {
    for (const fields of ["", H2C, WS]) {
      const [response] = await answers(server, get("/large", fields), 1);
      assertEquals([response?.complete, response?.body.length], [true, 1_000_000]);
    }
  },
  "who waits behind another is told that the client has left": async (server) => {
    const socket = await RawSocket.connect(server.port);
    await socket.write(get("/kept?first") + get("/kept?second"));
    await waitFor(server, "kept second");
    socket.close();
    await waitFor(server, "left first");
    await waitFor(server, "left second");
  },
  "what is no HTTP is refused after what came before it": async (server) => {
    const requests = get("/slow") + get("/text") + "nonsense\r\n\r\n";
    assertEquals(texts(await answers(server, requests, 3)), ["slow", "Hello", "400"]);
  },
  "what comes behind the last request does not take its response": async (server) => {
    using socket = await RawSocket.connect(server.port);
    await socket.write(get("/slow", "Connection: close\r\n") + get("/text"));
    assertEquals((await socket.readResponse()).text, "slow");
    assertEquals((await socket.readToEnd()).length, 0);
  },
  "a stream that fails has sent what it had": async (server) => {
    const [response] = await answers(server, get("/broken"), 1).catch(() => []);
    assertEquals([response?.status, response?.complete], [200, false]);
  },
  "a length and a coding are not both told": async (server) => {
    const [framed, empty, next] = await answers(
      server,
      get("/framed") + get("/empty") + get("/text"),
      3,
    );
    assertEquals([framed?.text, framed?.header("transfer-encoding")], ["framed", null]);
    assertEquals([empty?.header("content-length"), next?.text], ["0", "Hello"]);
  },
  "no field is left out, and an empty host is none": async (server) => {
    const many = `${"a: b\r\n".repeat(2_100)}X-Last: 1\r\nCookie: a=1\r\nCookie: b=2\r\n`;
    const [response] = await answers(server, get("/fields", many), 1);
    const { last, cookies } = JSON.parse(response?.text ?? "");
    assertEquals([last, cookies], ["1", "a=1; b=2"]);
    const [none] = await answers(server, "GET /fields HTTP/1.1\r\nHost:\r\n\r\n", 1);
    assertEquals(JSON.parse(none?.text ?? "").host, `localhost:${server.port}`);
  },
  "a request is copied by the constructor of the runtime": async (server) => {
    const [response] = await answers(server, get("/copied", "X-Wind: north\r\n"), 1);
    const copied = { path: "/copied", method: "GET", wind: "north" };
    assertEquals(JSON.parse(response?.text ?? ""), copied);
  },
};

const PROGRAM = new URL("../../fixtures/node_connections.ts", import.meta.url);
let program: Promise<string> | undefined;
let folder = "";

async function build(): Promise<string> {
  folder = await Deno.makeTempDir();
  return await buildForNode(PROGRAM, folder);
}

Deno.test.afterAll(async () => {
  if (folder !== "") await Deno.remove(folder, { recursive: true });
});

for (const name of ["deno", "node@20", "node@22", "node@24"] as const) {
  serviceTest(name === "deno" ? [] : name, `connections of node:http on ${name}`, async (t) => {
    const args = name === "deno"
      ? ["run", "-A", "--no-check", "--quiet", PROGRAM.pathname]
      : [await (program ??= build())];
    await using server = await ChildServer.start({
      program: runtime(name) ?? "",
      args: ({ port }) => [...args, `${port}`],
    });
    for (const [rule, check] of Object.entries(RULES)) {
      await t.step(rule, () => check(server, name));
    }
    await t.step("who has asked for nothing, or half of it, keeps no server", async () => {
      using silent = await RawSocket.connect(server.port);
      using half = await RawSocket.connect(server.port);
      await half.write(get("/text"));
      assertEquals((await half.readResponse()).text, "Hello");
      await half.write("GET /te");
      using silentPeer = await RawSocket.connect(server.port);
      await silentPeer.write(get("/ws", WS));
      assertEquals((await silentPeer.readResponse()).status, 101);
      const begin = performance.now();
      await server.stop("SIGTERM");
      assert(performance.now() - begin < 4_000, server.output);
      assert(!server.output.includes("Cutting"), server.output);
      assertEquals((await silent.readToEnd()).length, 0);
      assertMatch(server.output, /closed 1001\nended\n$/);
    });
  });
}
