/**
 * WebSockets on both sides: handlers that share the life cycle of HTTP requests, and a client
 * (`tornado.websocket`).
 *
 * Here are {@linkcode WebSocketHandler}, {@linkcode websocketConnect},
 * {@linkcode WebSocketClientConnection}, {@linkcode WebSocketClosedError},
 * {@linkcode WebSocketError}; and for JSON-RPC {@linkcode JSONRPCHandler}, {@linkcode rpc},
 * {@linkcode JSONRPCError}.
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
export { JSONRPCError } from "./json_rpc/json_rpc_error.ts";
export { JSONRPCHandler, type RPCCallOptions } from "./json_rpc/json_rpc_handler.ts";
export type { RPCParams } from "./json_rpc/json_rpc_message.ts";
export { rpc, type RPCFunction, type RPCMethodList } from "./json_rpc/rpc_method.ts";
