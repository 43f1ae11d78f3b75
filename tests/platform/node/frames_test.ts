/** What the engine "node" says to a peer that breaks the rules, where Deno's own drops it or does not mind. */
import { assertEquals } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { WebSocketHandler } from "../../../src/websocket/web_socket_handler.ts";
import { Journal } from "../../support/journal.ts";
import { encodeFrame, OPCODE, RawWebSocket } from "../../support/raw_websocket.ts";
import { serve } from "../../support/serve.ts";

/** What comes, the code of the close frame that answers it, and what the handler is told. */
const BROKEN: [what: string, bytes: Uint8Array, code: number, told: string][] = [
  [
    "no mask",
    encodeFrame({ opcode: OPCODE.text, payload: "bare", masked: false }),
    1002,
    "close 1006",
  ],
  ["a reserved opcode", encodeFrame({ opcode: 0x3, payload: "a" }), 1002, "close 1006"],
  [
    "text that is not UTF-8",
    encodeFrame({ opcode: OPCODE.text, payload: new Uint8Array([0xff]) }),
    1007,
    "close 1006",
  ],
  [
    "an announced length of 70 MiB",
    new Uint8Array([0x82, 0xff, 0, 0, 0, 0, 0x04, 0x60, 0, 0, 1, 2, 3, 4, 5]),
    1009,
    "close 1009",
  ],
];

for (const [what, bytes, code, told] of BROKEN) {
  Deno.test(`frame with ${what} is answered with ${code}`, async () => {
    const journal = new Journal();
    class Closing extends WebSocketHandler {
      override onClose() {
        journal.add(`close ${this.closeCode}`);
      }
    }
    await using server = serve(new Application([["/", Closing]]), { engine: "node" });
    using client = await RawWebSocket.connect(server.port, "/");
    await client.socket.write(bytes);
    assertEquals((await client.receive())?.closeCode, code);
    assertEquals(await journal.until(1), [told]);
  });
}
