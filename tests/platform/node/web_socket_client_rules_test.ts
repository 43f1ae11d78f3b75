/**
 * The rules of WebSockets that this side opens, once more by the package `ws`, as on Node. Those of
 * `connection_settings_test.ts` are for Deno alone.
 */
import { detectPlatform } from "../../../src/platform/platform.ts";
import { NodeClientWebSocket } from "../../../src/platform/node/node_client_web_socket.ts";
import "../../websocket/client/client_connection_test.ts";
import "../../websocket/client/websocket_connect_test.ts";

Object.assign(detectPlatform(), {
  openWebSocket: (...args: ConstructorParameters<typeof NodeClientWebSocket>) =>
    new NodeClientWebSocket(...args).asWebSocket(),
});
