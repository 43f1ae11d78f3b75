import { assertEquals } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { Journal } from "../support/journal.ts";
import { encodeFrame, OPCODE, RawWebSocket } from "../support/raw_websocket.ts";
import { serve, type ServedApplication } from "../support/serve.ts";

/** An application that echoes, and writes down what its handlers see. */
function echo(journal: Journal): ServedApplication {
  class Echo extends WebSocketHandler {
    override onMessage(message: string | Uint8Array) {
      journal.add(`message of ${message.length}`);
      this.writeMessage(message);
    }
    override onClose() {
      journal.add(`close ${this.closeCode}`);
    }
  }
  return serve(new Application([["/", Echo]]));
}

for (const payload of ["", "text", "\u00e9\u20ac\u{1f32a}", "x".repeat(70_000)]) {
  Deno.test(`frame of text comes back as it was (${payload.length} characters)`, async () => {
    await using server = echo(new Journal());
    using client = await RawWebSocket.connect(server.port, "/");
    await client.send(OPCODE.text, payload);
    const frame = await client.receive();
    assertEquals([frame?.opcode, frame?.text === payload, frame?.masked], [
      OPCODE.text,
      true,
      false,
    ]);
    await client.close();
  });
}

Deno.test("frame of bytes comes back as bytes", async () => {
  await using server = echo(new Journal());
  using client = await RawWebSocket.connect(server.port, "/");
  const payload = Uint8Array.from({ length: 256 }, (_, i) => i);
  await client.send(OPCODE.binary, payload);
  const frame = await client.receive();
  assertEquals([frame?.opcode, frame?.payload], [OPCODE.binary, payload]);
  await client.close();
});

Deno.test("message in fragments, with a ping among them, is one message", async () => {
  const journal = new Journal();
  await using server = echo(journal);
  using client = await RawWebSocket.connect(server.port, "/");
  await client.send(OPCODE.text, "ca", { fin: false });
  await client.send(OPCODE.ping, "still there");
  await client.send(OPCODE.continuation, new Uint8Array([0x66, 0xc3]), { fin: false });
  await client.send(OPCODE.continuation, new Uint8Array([0xa9]));
  const pong = await client.receive();
  assertEquals([pong?.opcode, pong?.text], [OPCODE.pong, "still there"]);
  assertEquals((await client.receive())?.text, "café");
  assertEquals(journal.entries, ["message of 4"]);
  await client.close();
});

/** Frames that break the protocol. Engines differ in what they tell the peer, not the handler. */
const BROKEN: [what: string, bytes: Uint8Array][] = [
  ["a reserved bit", encodeFrame({ opcode: OPCODE.text, payload: "a", rsv: 4 })],
  ["a reserved opcode", encodeFrame({ opcode: 0x3, payload: "a" })],
  ["text that is not UTF-8", encodeFrame({ opcode: OPCODE.text, payload: new Uint8Array([0xff]) })],
  ["a continuation of nothing", encodeFrame({ opcode: OPCODE.continuation, payload: "a" })],
  ["a ping in fragments", encodeFrame({ opcode: OPCODE.ping, payload: "a", fin: false })],
  ["a ping of 126 bytes", encodeFrame({ opcode: OPCODE.ping, payload: "a".repeat(126) })],
];

for (const [what, bytes] of BROKEN) {
  Deno.test(`frame with ${what} ends the connection as abnormal, and only it`, async () => {
    const journal = new Journal();
    await using server = echo(journal);
    using bystander = await RawWebSocket.connect(server.port, "/");
    using client = await RawWebSocket.connect(server.port, "/");
    await client.socket.write(bytes);
    assertEquals(await journal.until(1), ["close 1006"]);
    await bystander.send(OPCODE.text, "a");
    assertEquals((await bystander.receive())?.text, "a");
    await bystander.close();
    await journal.until(3);
  });
}

/** Payloads of close frames, and the code that the handler is told. */
const CLOSES: [what: string, payload: number[], code: string][] = [
  ["no code", [], "close null"],
  ["code 1000", [0x03, 0xe8], "close 1000"],
  ["code 1001", [0x03, 0xe9], "close 1001"],
  ["code 4999", [0x13, 0x87], "close 4999"],
];

for (const [what, payload, code] of CLOSES) {
  Deno.test(`close frame with ${what} is reported and answered`, async () => {
    const journal = new Journal();
    await using server = echo(journal);
    using client = await RawWebSocket.connect(server.port, "/");
    await client.send(OPCODE.close, Uint8Array.from(payload));
    assertEquals((await client.receive())?.opcode, OPCODE.close);
    assertEquals(await journal.until(1), [code]);
  });
}

for (const [what, payload] of [["half a code", [0x03]], ["code 999", [0x03, 0xe7]]] as const) {
  Deno.test(`close frame with ${what} ends the connection once`, async () => {
    const journal = new Journal();
    await using server = echo(journal);
    using client = await RawWebSocket.connect(server.port, "/");
    await client.send(OPCODE.close, Uint8Array.from(payload));
    const frame = await client.receive();
    assertEquals(frame?.closeCode ?? 1002, 1002);
    assertEquals((await journal.until(1)).length, 1);
    await server.server.shutdown();
    assertEquals(journal.entries.length, 1);
  });
}
