/** What the WebSockets of Deno's own engine take and drop, where others do otherwise. */
import { assertEquals } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { WebSocketHandler } from "../../../src/websocket/web_socket_handler.ts";
import { Journal } from "../../support/journal.ts";
import { OPCODE, RawWebSocket } from "../../support/raw_websocket.ts";
import { serve } from "../../support/serve.ts";

Deno.test("frame that is not masked is taken", async () => {
  class Echo extends WebSocketHandler {
    override onMessage(message: string | Uint8Array) {
      this.writeMessage(message);
    }
  }
  await using server = serve(new Application([["/", Echo]]));
  using client = await RawWebSocket.connect(server.port, "/");
  await client.send(OPCODE.text, "bare", { masked: false });
  assertEquals((await client.receive())?.text, "bare");
  await client.close();
});

Deno.test("frame with an announced length of 70 MiB is dropped without a close frame", async () => {
  const journal = new Journal();
  class Closing extends WebSocketHandler {
    override onClose() {
      journal.add(`close ${this.closeCode}`);
    }
  }
  await using server = serve(new Application([["/", Closing]]));
  using client = await RawWebSocket.connect(server.port, "/");
  await client.socket.write(
    new Uint8Array([0x82, 0xff, 0, 0, 0, 0, 0x04, 0x60, 0, 0, 1, 2, 3, 4, 5]),
  );
  assertEquals(await journal.until(1), ["close 1006"]);
  assertEquals(await client.receive(), null);
});
