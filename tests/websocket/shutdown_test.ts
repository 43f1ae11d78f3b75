import { assert, assertEquals, assertLess } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { Journal } from "../support/journal.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
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

Deno.test("shutdown cuts WebSockets that do not answer within the grace period", async () => {
  using records = captureLogs();
  const journal = new Journal();
  class Flooding extends WebSocketHandler {
    override open() {
      journal.add("open");
      // So much that the close frame cannot leave.
      this.writeMessage(new Uint8Array(64 * 1024 * 1024));
    }
    override onClose() {
      journal.add(`close ${this.closeCode}`);
    }
  }
  await using server = serve(new Application([["/", Flooding]]));
  using _client = await RawWebSocket.connect(server.port, "/");
  await journal.until(1);
  const start = performance.now();
  await server.server.shutdown({ graceMs: 50 });
  assertLess(performance.now() - start, 4_000);
  assert((await journal.until(2))[1]?.startsWith("close"));
  await expectLog(records, "warning", /Cutting connections that are open after the grace period/);
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
