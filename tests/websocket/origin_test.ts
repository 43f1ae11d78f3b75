import { assertEquals } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { serve } from "../support/serve.ts";

async function statusOf(
  check: { checkOrigin(origin: string): unknown },
  headers: Record<string, string>,
): Promise<number> {
  class Checked extends WebSocketHandler {
    override checkOrigin(origin: string): boolean {
      return check.checkOrigin(origin) as boolean;
    }
  }
  await using server = serve(new Application([["/", Checked]]));
  using client = await RawWebSocket.connect(server.port, "/", { headers });
  if (client.response.status === 101) await client.close();
  return client.response.status;
}

Deno.test("checkOrigin is asked with the value of Origin", async () => {
  const asked: string[] = [];
  const check = { checkOrigin: (origin: string) => asked.push(origin) > 0 };
  assertEquals(await statusOf(check, { origin: "https://Elsewhere.example" }), 101);
  assertEquals(asked, ["https://Elsewhere.example"]);
});

Deno.test("checkOrigin is not asked where no Origin was sent", async () => {
  assertEquals(await statusOf({ checkOrigin: () => false }, {}), 101);
});

Deno.test("checkOrigin that is async by mistake lets nobody in", async () => {
  const check = { checkOrigin: () => Promise.resolve(true) };
  assertEquals(await statusOf(check, { origin: "http://elsewhere.example" }), 403);
});

Deno.test("refused origin is logged with the host that it asked for, and the way out", async () => {
  using records = captureLogs();
  class Chat extends WebSocketHandler {}
  await using server = serve(new Application([["/", Chat]]));
  const headers = { origin: "https://evil.example" };
  using client = await RawWebSocket.connect(server.port, "/", { headers });
  assertEquals(client.response.status, 403);
  const { message } = await expectLog(records, "warning", /^Refused/);
  assertEquals(
    message,
    `Refused a WebSocket of the origin "https://evil.example" to the host ` +
      `"127.0.0.1:${server.port}": override checkOrigin() of Chat to let it in`,
  );
});
