import { assertEquals } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { Journal } from "../support/journal.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { serve } from "../support/serve.ts";

/** An application that writes down its connections; `prepare` waits for the gate. */
function recorder(journal: Journal, gate?: Promise<void>): Application {
  class Recorder extends WebSocketHandler {
    override async prepare() {
      journal.add("prepare");
      await gate;
    }
    override open() {
      journal.add("open");
    }
    override onClose() {
      journal.add(`close ${this.closeCode}`);
    }
  }
  return new Application([["/", Recorder]]);
}

Deno.test("shutdown closes WebSockets with 1001, and settles when they are gone", async () => {
  const journal = new Journal();
  await using server = serve(recorder(journal));
  using client = await RawWebSocket.connect(server.port, "/");
  await journal.until(2);
  const stopped = server.server.shutdown();
  assertEquals((await client.close(1001))?.closeCode, 1001);
  await stopped;
  assertEquals(await journal.until(3), ["prepare", "open", "close 1001"]);
});

Deno.test("shutdown does not wait for a WebSocket that does not answer", async () => {
  const journal = new Journal();
  await using server = serve(recorder(journal));
  using client = await RawWebSocket.connect(server.port, "/");
  await journal.until(2);
  await server.server.shutdown();
  assertEquals(await journal.until(3), ["prepare", "open", "close 1001"]);
  assertEquals((await client.receive())?.closeCode, 1001);
});

Deno.test("server that stops lets go of every connection", async () => {
  const journal = new Journal();
  await using server = serve(recorder(journal));
  const connecting = Array.from({ length: 20 }, () => RawWebSocket.connect(server.port, "/"));
  const clients = await Promise.all(connecting);
  await journal.until(40);
  await server.server.stop();
  await journal.until(60);
  for (const client of clients) client.socket.close();
});

Deno.test("WebSocket that opens while the server shuts down is told to go", async () => {
  const journal = new Journal();
  const gate = Promise.withResolvers<void>();
  await using server = serve(recorder(journal, gate.promise));
  const connecting = RawWebSocket.connect(server.port, "/");
  await journal.until(1);
  const stopped = server.server.shutdown();
  gate.resolve();
  using client = await connecting;
  assertEquals((await client.close(1001))?.closeCode, 1001);
  await stopped;
  assertEquals(await journal.until(2), ["prepare", "close 1001"]);
});
