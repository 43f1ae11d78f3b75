/** The masks of clients, taken off in words (RFC 6455 §5.3). */
import { assert, assertEquals } from "@std/assert";
import { Receiver } from "ws";
import { Application, WebSocketHandler } from "@gustnado/gustnado";
import { unmask, unmaskByWords } from "../../../src/platform/node/word_mask.ts";
import { encodeFrame, OPCODE, RawWebSocket } from "../../support/raw_websocket.ts";
import { serve } from "../../support/serve.ts";

const MASK = new Uint8Array([0x37, 0xfa, 0x21, 0x3d]);

Deno.test("mask is taken off bytes of any length, wherever they begin", () => {
  for (let start = 0; start < 17; start++) {
    for (let length = 0; length < 80; length++) {
      const memory = crypto.getRandomValues(new Uint8Array(start + length + 9));
      const expected = memory.map((byte, i) => {
        const at = i - start;
        return at < 0 || at >= length ? byte : byte ^ (MASK[at & 3] ?? 0);
      });
      unmask(memory.subarray(start, start + length), MASK);
      assertEquals(memory, expected, `${length} bytes from ${start}`);
    }
  }
});

Deno.test("mask is taken off here: ws has what that needs", () => {
  const receiver = new Receiver({ isServer: true });
  const { consume } = receiver as unknown as Record<string, unknown>;
  assertEquals(typeof consume, "function");
  unmaskByWords({ _receiver: receiver });
  assert((receiver as unknown as Record<string, unknown>).consume !== consume);
  receiver.destroy();
});

Deno.test("mask stays with ws where it has not", () => {
  for (const socket of [{}, { _receiver: {} }, { _receiver: { _mask: undefined } }]) {
    const before = structuredClone(socket);
    unmaskByWords(socket);
    assertEquals(socket, before);
  }
});

class Echo extends WebSocketHandler {
  override onMessage(message: string | Uint8Array) {
    this.writeMessage(message);
  }
}

Deno.test("message of any length comes as it was, in one piece or in many", async () => {
  await using server = serve(new Application([["/", Echo]]), { engine: "node" });
  using client = await RawWebSocket.connect(server.port, "/");
  for (const length of [...Array(140).keys(), 4_096, 65_535, 65_536, 70_001, 200_003]) {
    const payload = crypto.getRandomValues(new Uint8Array(Math.min(length, 65_536)));
    const message = new Uint8Array(length).map((_, i) => payload[i % payload.length] ?? 0);
    await client.send(OPCODE.binary, message);
    assertEquals((await client.receive())?.payload, message);
    const half = length >> 1;
    await client.socket.write(
      encodeFrame({ opcode: OPCODE.binary, payload: message.subarray(0, half), fin: false }),
    );
    await client.socket.write(
      encodeFrame({ opcode: OPCODE.continuation, payload: message.subarray(half) }),
    );
    assertEquals((await client.receive())?.payload, message);
  }
});
