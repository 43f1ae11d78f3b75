/**
 * WebSockets on both sides: handlers that share the life cycle of HTTP requests, and a client
 * (`tornado.websocket`).
 *
 * Here are {@linkcode WebSocketHandler}, {@linkcode websocketConnect},
 * {@linkcode WebSocketClientConnection}, {@linkcode WebSocketClosedError},
 * {@linkcode WebSocketError}.
 *
 * @example
 * ```ts
 * import { Application } from "@gustnado/gustnado/web";
 * import { websocketConnect, WebSocketHandler } from "@gustnado/gustnado/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * class Echo extends WebSocketHandler {
 *   override onMessage(message: string | Uint8Array) {
 *     this.writeMessage(message);
 *   }
 * }
 *
 * await using server = new Application([["/ws", Echo]]).listen(0, { handleSignals: false });
 * await using socket = await websocketConnect(`ws://localhost:${server.port}/ws`);
 * await socket.writeMessage("Is anybody there?");
 * assertEquals(await socket.readMessage(), "Is anybody there?");
 * ```
 *
 * @module
 */
export type { WebSocketCompressionOptions } from "./engine_features.ts";
export type {
  SlowPeerPolicy,
  WebSocketClientLimits,
  WebSocketLimits,
  WebSocketSettings,
} from "./settings.ts";
export { WebSocketClosedError, WebSocketError } from "./web_socket_error.ts";
export { WebSocketHandler } from "./web_socket_handler.ts";
export type { ReconnectOptions } from "./client/reconnection.ts";
export {
  WebSocketClientConnection,
  type WebSocketMessage,
} from "./client/web_socket_client_connection.ts";
export { websocketConnect, type WebSocketConnectOptions } from "./client/websocket_connect.ts";
