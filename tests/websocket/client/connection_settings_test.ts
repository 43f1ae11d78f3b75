/** Connections of one's choice beneath a WebSocket, which Deno alone has. */
import { assertEquals, assertRejects } from "@std/assert";
import { Application, HTTPConnectError, websocketConnect, WebSocketHandler } from "../../../mod.ts";
import { Authority } from "../../support/authority.ts";
import { serve } from "../../support/serve.ts";
import { serviceTest, startTinyproxy } from "../../support/services.ts";

class Echo extends WebSocketHandler {
  override onMessage(message: string | Uint8Array) {
    this.writeMessage(message);
  }
}

const app = () => new Application([["/ws", Echo]]);
const wsUrl = (origin: string) => `${origin.replace("http", "ws")}/ws`;

Deno.test("connection trusts the authority that it is told, and no other", async () => {
  await using authority = await Authority.create();
  await using server = serve(app(), await authority.issue("IP:127.0.0.1"));
  const url = wsUrl(server.origin);
  const caCerts = [await authority.cert];
  await using connection = await websocketConnect(url, { caCerts });
  connection.writeMessage("safe");
  assertEquals(await connection.readMessage(), "safe");
  await assertRejects(() => websocketConnect(url), HTTPConnectError, "certificate");
});

serviceTest("tinyproxy", "connection goes through the tunnel of a proxy", async () => {
  await using authority = await Authority.create();
  await using server = serve(app(), await authority.issue("IP:127.0.0.1"));
  await using proxy = await startTinyproxy();
  await using connection = await websocketConnect(wsUrl(server.origin), {
    caCerts: [await authority.cert],
    proxyHost: "127.0.0.1",
    proxyPort: proxy.port,
  });
  connection.writeMessage("through");
  assertEquals(await connection.readMessage(), "through");
});
