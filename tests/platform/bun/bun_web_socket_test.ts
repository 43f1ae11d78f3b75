import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { type BunProgram, lineOf, onBun } from "../../support/bun_program.ts";
import { poll } from "../../support/poll.ts";
import { encodeFrame, OPCODE, RawWebSocket } from "../../support/raw_websocket.ts";

const MIB = 1024 * 1024;

/** Echoes once, so that the connection is known to be well. */
async function echoes(client: RawWebSocket, text = "a"): Promise<void> {
  await client.send(OPCODE.text, text);
  assertEquals((await client.receive())?.text, text);
}

/** Registers a rule for an open connection. */
function rule(
  name: string,
  path: string,
  fn: (client: RawWebSocket, program: BunProgram) => Promise<void>,
): void {
  onBun(name, async (program) => {
    using client = await RawWebSocket.connect(program.port, path);
    assertEquals(client.response.status, 101);
    await fn(client, program);
  });
}

rule("message comes back as it was", "/ws", async (client) => {
  for (const payload of ["", "text", "\u00e9\u20ac\u{1f32a}", "x".repeat(70_000)]) {
    await echoes(client, payload);
  }
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  await client.send(OPCODE.binary, bytes);
  const frame = await client.receive();
  assertEquals([frame?.opcode, frame?.payload, frame?.masked], [OPCODE.binary, bytes, false]);
});

rule("message in fragments, with a ping among them, is one", "/ws", async (client) => {
  await client.send(OPCODE.text, "ca", { fin: false });
  await client.send(OPCODE.ping, "still there");
  await client.send(OPCODE.continuation, new Uint8Array([0x66, 0xc3]), { fin: false });
  await client.send(OPCODE.continuation, new Uint8Array([0xa9]));
  const pong = await client.receive();
  assertEquals([pong?.opcode, pong?.text], [OPCODE.pong, "still there"]);
  assertEquals((await client.receive())?.text, "caf\u00e9");
});

onBun("101 has what was set before, and no subprotocol that was not chosen", async ({ port }) => {
  for (const late of ["", "&late"]) {
    const offer = (protocol: string) =>
      RawWebSocket.connect(port, `/ws?hello${late}`, {
        headers: {
          "sec-websocket-protocol": protocol,
          "x-agent": "raw",
          "sec-websocket-extensions": "permessage-deflate",
        },
      });
    using client = await offer("other, gust.v1");
    const { response } = client;
    assertEquals([
      response.status,
      response.header("x-wind"),
      response.header("sec-websocket-protocol"),
    ], [101, "north", "gust.v1"]);
    assertEquals(response.header("sec-websocket-extensions"), null);
    assertEquals(
      response.headers.filter(([name]) => name === "set-cookie").map(([, value]) =>
        value.split(";")[0]
      ),
      ["a=1", "b=2"],
    );
    assertEquals((await client.receive())?.text, "hello");
    await client.send(OPCODE.text, "headers");
    assertEquals(JSON.parse((await client.receive())?.text ?? ""), {
      offered: "other, gust.v1",
      agent: "raw",
    });
    using other = await offer("other");
    assertEquals([other.response.status, other.response.header("sec-websocket-protocol")], [
      101,
      null,
    ]);
  }
});

onBun("request that is no handshake, or of another origin, is refused", async ({ port, url }) => {
  const plain = await fetch(`${url}/ws`);
  assertEquals([plain.status, await plain.text()], [400, 'Can "Upgrade" only to "WebSocket".']);
  for (
    const [headers, status] of [
      [{ "sec-websocket-version": "12" }, 426],
      [{ "sec-websocket-key": "short" }, 400],
      [{ origin: "http://evil.example" }, 403],
    ] as const
  ) {
    using client = await RawWebSocket.connect(port, "/ws", { headers });
    assertEquals(client.response.status, status);
  }
});

rule("message passes middleware and a mounted application", "/in/ws", async (client) => {
  assertEquals(client.response.header("x-middleware"), "inner");
  await echoes(client);
});

/** Frames that break the protocol, and what Bun closes with. */
const BROKEN: [what: string, bytes: Uint8Array, code: number][] = [
  ["a reserved bit", encodeFrame({ opcode: OPCODE.text, payload: "a", rsv: 4 }), 1002],
  ["a reserved opcode", encodeFrame({ opcode: 0x3, payload: "a" }), 1002],
  ["a continuation of nothing", encodeFrame({ opcode: OPCODE.continuation, payload: "a" }), 1002],
  ["a ping in fragments", encodeFrame({ opcode: OPCODE.ping, payload: "a", fin: false }), 1002],
  ["a ping of 126 bytes", encodeFrame({ opcode: OPCODE.ping, payload: "a".repeat(126) }), 1002],
  ["no mask", encodeFrame({ opcode: OPCODE.text, payload: "a", masked: false }), 1002],
  [
    "text that is not UTF-8",
    encodeFrame({ opcode: OPCODE.text, payload: new Uint8Array([0xff]) }),
    1007,
  ],
  [
    "an announced length of 70 MiB",
    new Uint8Array([0x82, 0xff, 0, 0, 0, 0, 0x04, 0x60, 0, 0, 1, 2, 3, 4, 5]),
    1009,
  ],
  ["half a close code", encodeFrame({ opcode: OPCODE.close, payload: new Uint8Array([3]) }), 1002],
  [
    "close code 999",
    encodeFrame({ opcode: OPCODE.close, payload: new Uint8Array([3, 231]) }),
    1002,
  ],
];

onBun(
  "frame that breaks the protocol ends its connection, and only it",
  async ({ port, child }) => {
    using bystander = await RawWebSocket.connect(port, "/ws");
    for (const [what, bytes, code] of BROKEN) {
      using client = await RawWebSocket.connect(port, "/ws");
      await client.socket.write(bytes);
      assertEquals((await client.receive())?.closeCode, code, what);
      assertStringIncludes(await lineOf(child, /^close/), `close ${code}`, what);
      await echoes(bystander);
    }
  },
);

/** Payloads of close frames, and what the handler is told. */
const CLOSES: [payload: number[], line: string][] = [
  [[], "close null null"],
  [[0x03, 0xe8], "close 1000 null"],
  [[0x0f, 0xa1, 0x68, 0x69], "close 4001 hi"],
];

onBun("close frame is answered, and told once", async ({ port, child }) => {
  for (const [payload, line] of CLOSES) {
    using client = await RawWebSocket.connect(port, "/ws");
    await client.send(OPCODE.close, Uint8Array.from(payload));
    const frame = await client.receive();
    assertEquals([frame?.opcode, frame?.payload], [OPCODE.close, Uint8Array.from(payload)]);
    assertEquals(await lineOf(child, /^close/), line);
  }
  using _gone = await RawWebSocket.connect(port, "/ws");
  _gone.socket.close();
  assertEquals(await lineOf(child, /^close/), "close 1006 null");
});

onBun(
  "close of the handler has its code and reason, and an exception is 1011",
  async ({ port, child }) => {
    using client = await RawWebSocket.connect(port, "/ws");
    await client.send(OPCODE.text, "close");
    const frame = await client.receive();
    assertEquals([frame?.closeCode, frame?.text], [4001, "as told"]);
    assertEquals(await lineOf(child, /^close/), "close 4001 as told");
    using failing = await RawWebSocket.connect(port, "/ws");
    await failing.send(OPCODE.text, "fail");
    assertEquals((await failing.receive())?.closeCode, 1011);
    assertEquals(await lineOf(child, /^close/), "close 1011 null");
    assert(await child.error(/failed on purpose/));
  },
);

onBun(
  "message past the limit closes with 1009, of the class and of the setting",
  async ({ port, child }) => {
    using small = await RawWebSocket.connect(port, "/ws/small");
    await small.send(OPCODE.binary, new Uint8Array(1000));
    assertEquals((await small.receive())?.payload.length, 1000);
    await small.send(OPCODE.binary, new Uint8Array(1001));
    assertEquals((await small.receive())?.closeCode, 1009);
    assertStringIncludes(await lineOf(child, /^close/), "close 1009");
    using large = await RawWebSocket.connect(port, "/ws");
    await large.send(OPCODE.binary, new Uint8Array(6 * MIB), { fin: false });
    await large.send(OPCODE.continuation, new Uint8Array(6 * MIB)).catch(() => {});
    assertEquals((await large.receive())?.closeCode, 1009);
    assertStringIncludes(await lineOf(child, /^close/), "close 1009");
  },
);

onBun("class that allows more than its server can take says so", async ({ port, child }) => {
  using client = await RawWebSocket.connect(port, "/ws/large");
  await client.send(OPCODE.binary, new Uint8Array(11 * MIB)).catch(() => {});
  assertEquals((await client.receive())?.closeCode, 1009);
  assert(await child.error(/maxMessageSize of Large allows/));
});

onBun(
  "messages are handled one after the other, and too many close with 1008",
  async ({ port }) => {
    using client = await RawWebSocket.connect(port, "/ws/ordered");
    for (let i = 0; i < 40; i++) await client.send(OPCODE.text, `${i}`);
    for (let i = 0; i < 40; i++) assertEquals((await client.receive())?.text, `${i}`);
    for (let i = 0; i < 500; i++) await client.send(OPCODE.text, "x").catch(() => {});
    let frame = await client.receive();
    while (frame?.opcode === OPCODE.text) frame = await client.receive();
    assertEquals(frame?.closeCode, 1008);
  },
);

onBun("pings and pongs come to their hooks, and ping() sends one", async ({ port, child }) => {
  using client = await RawWebSocket.connect(port, "/ws/pinged");
  await client.send(OPCODE.ping, "data");
  assertEquals((await client.receive())?.text, "data");
  assertEquals(await lineOf(child, /^ping/), "ping data");
  await client.send(OPCODE.text, "ping");
  const ping = await client.receive();
  assertEquals([ping?.opcode, ping?.text], [OPCODE.ping, "are you there"]);
  await client.send(OPCODE.pong, "yes");
  assertEquals(await lineOf(child, /^pong/), "pong yes");
});

onBun(
  "silent peer is pinged, kept while it answers, and dropped when it does not",
  async ({ port, child }) => {
    using client = await RawWebSocket.connect(port, "/ws/watched");
    for (let i = 0; i < 4; i++) {
      const frame = await client.receive();
      assertEquals(frame?.opcode, OPCODE.ping);
      await client.send(OPCODE.pong, frame?.payload);
    }
    const start = performance.now();
    assertEquals((await client.receive())?.opcode, OPCODE.ping);
    assertEquals(await client.receive().catch(() => null), null);
    assert(performance.now() - start < 5_000);
    assertEquals(await lineOf(child, /^close/), "close 1006 null");
  },
);

onBun(
  "writer waits for a peer that does not read, and memory is bounded",
  async ({ port, child }) => {
    using client = await RawWebSocket.connect(port, "/ws/flood");
    await lineOf(child, "sent 0");
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = child.peakMemory();
    for (let i = 0; i < 64; i++) {
      const frame = await client.receive();
      assertEquals([frame?.payload.length, frame?.payload[0]], [MIB, i]);
    }
    assertEquals((await client.receive())?.text, "done");
    assertLess(child.peakMemory() - before, 60);
  },
);

onBun(
  "peer that does not read is given up, and its connection dropped",
  async ({ port, child }) => {
    using client = await RawWebSocket.connect(port, "/ws/careless");
    assertEquals(await lineOf(child, /^close/), "close 1006 null");
    let read = 0;
    for (;;) {
      const frame = await client.receive().catch(() => null);
      if (frame === null) break;
      read++;
    }
    assertLess(read, 64);
    assert(await poll(() => openSockets(child, port) === 0), "the connection is kept");
  },
);

onBun(
  "close waits for what is unsent, and for the peer no longer than its time",
  async ({ port, child }) => {
    using _client = await RawWebSocket.connect(port, "/ws/flood?closing");
    await lineOf(child, "sent 0");
    // Nobody reads: the time for the close frame ends it.
    assertEquals(await lineOf(child, /^close/), "close 1006 null");
    assert(await poll(() => openSockets(child, port) === 0), "the connection is kept");
  },
);

onBun("client that resets the connection in the middle does no harm", async ({ port, child }) => {
  for (const path of ["/ws", "/ws/flood", "/ws?late", "/ws/packed"]) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const head = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\n` +
      "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    await connection.write(new TextEncoder().encode(head));
    if (path === "/ws") await connection.read(new Uint8Array(10));
    // Half a frame, and what came is not read: the kernel resets the connection.
    await connection.write(new Uint8Array([0x81, 0xfe, 0xff]));
    connection.close();
  }
  using client = await RawWebSocket.connect(port, "/ws");
  await echoes(client);
  assert(child.alive);
});

onBun(
  "messages are compressed where both sides want it, and not bombs",
  async ({ port, child }) => {
    const headers = { "sec-websocket-extensions": "permessage-deflate; client_max_window_bits" };
    using client = await RawWebSocket.connect(port, "/ws/packed", { headers });
    assertStringIncludes(
      client.response.header("sec-websocket-extensions") ?? "",
      "permessage-deflate",
    );
    await client.send(OPCODE.text, "gust ".repeat(1_000));
    const frame = await client.receive();
    assertEquals([frame?.rsv, frame?.opcode], [4, OPCODE.text]);
    assertLess(frame?.payload.length ?? Infinity, 500);
    using plain = await RawWebSocket.connect(port, "/ws/packed");
    await echoes(plain, "gust ".repeat(1_000));
    const bomb = await deflated(new Uint8Array(40 * MIB));
    assertLess(bomb.length, 100_000);
    await client.send(OPCODE.binary, bomb, { rsv: 4 });
    assertEquals((await client.receive())?.opcode, OPCODE.close);
    await lineOf(child, /^close/);
    assertEquals(await child.errors(), "");
  },
);

onBun("server that shuts down says so with 1001", async ({ port, child }) => {
  using client = await RawWebSocket.connect(port, "/ws");
  await echoes(client);
  child.process.kill("SIGTERM");
  const frame = await client.receive();
  assertEquals([frame?.closeCode, frame?.text], [1001, "Server is shutting down"]);
  assertEquals((await child.process.status).code, 0);
});

onBun("topic reaches those who have subscribed", async ({ port, url }) => {
  using client = await RawWebSocket.connect(port, "/topics", {
    headers: { "sec-websocket-protocol": "gustnado.v1.json" },
  });
  assertEquals(client.response.status, 101);
  await client.send(
    OPCODE.text,
    '{"type":"hello","token":null}\n{"type":"subscribe","id":1,"topic":"news"}',
  );
  let seen = "";
  while (!seen.includes('"subscribed"')) seen += (await client.receive())?.text ?? "";
  await (await fetch(`${url}/publish/gust`)).body?.cancel();
  while (!seen.includes('"gust"')) seen += (await client.receive())?.text ?? "";
});

onBun("peer that pings and does not read takes a bounded memory", async ({ port, child }) => {
  using client = await RawWebSocket.connect(port, "/ws");
  const before = child.peakMemory();
  const ping = encodeFrame({ opcode: OPCODE.ping, payload: "x".repeat(125) });
  const pings = new Uint8Array(ping.length * 8_000);
  for (let i = 0; i < 8_000; i++) pings.set(ping, i * ping.length);
  for (let i = 0; i < 150; i++) await client.socket.write(pings);
  using other = await RawWebSocket.connect(port, "/ws");
  await echoes(other);
  assertLess(child.peakMemory() - before, 100);
});

async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Connections of a process to its own port, as the system tells. */
function openSockets(child: { process: Deno.ChildProcess }, port: number): number {
  const lines = Deno.readTextFileSync(`/proc/${child.process.pid}/net/tcp`).split("\n");
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const inodes = new Set(
    lines.map((line) => line.trim().split(/\s+/))
      .filter(([, address = "", , state]) => address.endsWith(local) && state !== "0A")
      .map((fields) => fields[9]),
  );
  let open = 0;
  for (const { name } of Deno.readDirSync(`/proc/${child.process.pid}/fd`)) {
    const target = readLink(`/proc/${child.process.pid}/fd/${name}`);
    if (inodes.has(/^socket:\[(\d+)\]$/.exec(target)?.[1])) open++;
  }
  return open;
}

function readLink(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return "";
  }
}
