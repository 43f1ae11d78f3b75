/** permessage-deflate (RFC 7692), byte by byte: what Autobahn's cases 12 and 13 are about. */
import { Buffer } from "node:buffer";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { assert, assertEquals, assertLess } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { WebSocketHandler } from "../../../src/websocket/web_socket_handler.ts";
import { OPCODE, type RawFrame, RawWebSocket } from "../../support/raw_websocket.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { Journal } from "../../support/journal.ts";
import { serve } from "../../support/serve.ts";

const RSV1 = 4;
const MARK = new Uint8Array([0, 0, 0xff, 0xff]);

class Echo extends WebSocketHandler {
  override getCompressionOptions(): { compressionLevel?: number; memLevel?: number } | null {
    return { compressionLevel: 6, memLevel: 5 };
  }
  override open() {
    this.subscribe("all");
  }
  override onMessage(message: string | Uint8Array) {
    if (message === "publish") this.application.publish("all", LONG);
    else this.writeMessage(message);
  }
}

const LONG = "over and over ".repeat(100);

function echo(handler = Echo) {
  return serve(new Application([["/", handler]], { websocketMaxMessageSize: 100_000 }), {
    engine: "node",
  });
}

function connect(port: number, extensions: string): Promise<RawWebSocket> {
  return RawWebSocket.connect(port, "/", { headers: { "sec-websocket-extensions": extensions } });
}

function deflate(data: string | Uint8Array, windowBits = 15): Uint8Array {
  const bytes = deflateRawSync(typeof data === "string" ? Buffer.from(data) : data, {
    finishFlush: 2,
    windowBits,
  });
  return new Uint8Array(bytes.subarray(0, -4));
}

function inflate(frame: RawFrame | null, windowBits = 15): string {
  assertEquals(frame?.rsv, RSV1);
  const bytes = Buffer.concat([frame?.payload ?? new Uint8Array(), MARK]);
  return inflateRawSync(bytes, { finishFlush: 2, windowBits }).toString();
}

/** What is offered, what is answered besides the name, and the window that it comes to. */
const OFFERS: [offer: string, answer: RegExp, windowBits: number][] = [
  ["permessage-deflate", /^permessage-deflate; server_no_context_takeover$/, 15],
  ["permessage-deflate; client_max_window_bits", /server_no_context_takeover/, 15],
  ["permessage-deflate; client_max_window_bits=9", /server_no_context_takeover/, 15],
  ["permessage-deflate; server_max_window_bits=8", /server_max_window_bits=8/, 8],
  ["permessage-deflate; server_max_window_bits=9", /server_max_window_bits=9/, 9],
  ["permessage-deflate; server_max_window_bits=15", /server_max_window_bits=15/, 15],
  ["permessage-deflate; server_no_context_takeover; client_no_context_takeover", /client_no/, 15],
  ["x-unknown, permessage-deflate", /^permessage-deflate/, 15],
  [
    "permessage-deflate; server_max_window_bits=9, permessage-deflate",
    /server_max_window_bits=9/,
    9,
  ],
];

for (const [offer, answer, windowBits] of OFFERS) {
  Deno.test(`offer "${offer}" is taken, and messages of each size come back`, async () => {
    await using server = echo();
    using client = await connect(server.port, offer);
    const accepted = client.response.header("sec-websocket-extensions") ?? "";
    assert(answer.test(accepted), accepted);
    for (const size of [0, 1, 125, 126, 1_000, 65_535, 65_536, 99_000]) {
      const text = "gustnado ".repeat(Math.ceil(size / 9)).slice(0, size);
      await client.send(OPCODE.text, deflate(text, 9), { rsv: RSV1 });
      const frame = await client.receive();
      // zlib reads with no smaller window than it writes with: 8 is at least what 9 is.
      assertEquals(inflate(frame, Math.max(windowBits, 9)), text);
      if (size > 1_000) assertLess(frame?.payload.length ?? Infinity, size / 10);
    }
    await client.close();
  });
}

const REFUSED = [
  "permessage-deflate; server_max_window_bits=7",
  "permessage-deflate; server_max_window_bits=16",
  "permessage-deflate; client_max_window_bits=99",
  "permessage-deflate; server_no_context_takeover=1",
  "permessage-deflate; unknown=1",
];

for (const offer of REFUSED) {
  Deno.test(`offer "${offer}" is malformed, and nothing is compressed`, async () => {
    await using server = echo();
    using client = await connect(server.port, offer);
    assertEquals(client.response.status === 101, false);
  });
}

Deno.test("who offers nothing gets nothing compressed, and neither does who is not to", async () => {
  class Plain extends Echo {
    override getCompressionOptions() {
      return null;
    }
  }
  for (const [handler, offer] of [[Echo, "x-other"], [Plain, "permessage-deflate"]] as const) {
    await using server = echo(handler);
    using client = await connect(server.port, offer);
    assertEquals(client.response.header("sec-websocket-extensions"), null);
    await client.send(OPCODE.text, LONG);
    const frame = await client.receive();
    assertEquals([frame?.rsv, frame?.text], [0, LONG]);
    await client.close();
  }
});

Deno.test("compressed message may come in fragments, with a memory of the one before", async () => {
  await using server = echo();
  using client = await connect(server.port, "permessage-deflate");
  const bytes = deflate(LONG);
  await client.send(OPCODE.text, bytes.subarray(0, 5), { rsv: RSV1, fin: false });
  await client.send(OPCODE.ping, "between");
  await client.send(OPCODE.continuation, bytes.subarray(5, 9), { fin: false });
  await client.send(OPCODE.continuation, bytes.subarray(9));
  assertEquals((await client.receive())?.opcode, OPCODE.pong);
  assertEquals(inflate(await client.receive()), LONG);
  await client.send(OPCODE.text, "not compressed");
  assertEquals(inflate(await client.receive()), "not compressed");
  await client.close();
});

/** Stands for no close frame. */
const NONE = 0;

/** What breaks the rules, and the code of the close frame. */
const BROKEN: [what: string, payload: Uint8Array, rsv: number, opcode: number, code: number][] = [
  // Deno's zlib tells of it too late for a close frame.
  ["no deflate data", new Uint8Array([0xff, 0xff, 0xff]), RSV1, OPCODE.text, NONE],
  ["text that is not UTF-8", deflate(new Uint8Array([0xff, 0xfe])), RSV1, OPCODE.text, 1007],
  ["RSV1 at a ping", new Uint8Array([1]), RSV1, OPCODE.ping, 1002],
  ["RSV2", deflate("a"), 2, OPCODE.text, 1002],
  [
    "more than the limit when it is unpacked",
    deflate("a".repeat(200_000)),
    RSV1,
    OPCODE.text,
    1009,
  ],
];

for (const [what, payload, rsv, opcode, code] of BROKEN) {
  Deno.test(`compressed frame with ${what} closes with ${code}`, async () => {
    const journal = new Journal();
    class Watched extends Echo {
      override onClose() {
        journal.add(`close ${this.closeCode}`);
      }
    }
    await using server = echo(Watched);
    using client = await connect(server.port, "permessage-deflate");
    await client.send(opcode, payload, { rsv });
    assertEquals((await client.receive())?.closeCode ?? NONE, code);
    assertEquals(await journal.until(1), [code === 1009 ? "close 1009" : "close 1006"]);
  });
}

Deno.test("what is published is compressed once, and the same bytes go to all", async () => {
  await using server = echo();
  using one = await connect(server.port, "permessage-deflate");
  using two = await connect(server.port, "permessage-deflate");
  using plain = await connect(server.port, "x-none");
  await one.send(OPCODE.text, deflate("publish"), { rsv: RSV1 });
  const [first, second] = [await one.receive(), await two.receive()];
  assertEquals(inflate(first), LONG);
  assertEquals(first?.payload, second?.payload);
  assertEquals((await plain.receive())?.text, LONG);
});

Deno.test("getCompressionOptions of what cannot be is a 500, and says why", async () => {
  using records = captureLogs();
  class Wrong extends Echo {
    override getCompressionOptions() {
      return { memLevel: 10 };
    }
  }
  await using server = echo(Wrong);
  using client = await connect(server.port, "permessage-deflate");
  assertEquals(client.response.status, 500);
  await expectLog(records, "error", /memLevel.*an integer from 1 to 9/s);
});

Deno.test("ping has data of one's own, and onPing and onPong are told of it", async () => {
  const journal = new Journal();
  class Pinging extends WebSocketHandler {
    override open() {
      this.ping("are you there");
    }
    override onPing(data: Uint8Array) {
      journal.add(`ping ${new TextDecoder().decode(data)}`);
    }
    override onPong(data: Uint8Array) {
      journal.add(`pong ${new TextDecoder().decode(data)}`);
    }
  }
  await using server = serve(new Application([["/", Pinging]]), { engine: "node" });
  using client = await RawWebSocket.connect(server.port, "/");
  assertEquals((await client.receive())?.text, "are you there");
  await client.send(OPCODE.pong, "here");
  await client.send(OPCODE.ping, "and you");
  assertEquals((await client.receive())?.text, "and you");
  assertEquals(await journal.until(2), ["pong here", "ping and you"]);
  await client.close();
});
