/** The exceptions of WebSockets. */

/**
 * Something went wrong with a WebSocket (`tornado.websocket.WebSocketError`).
 *
 * @example
 * ```ts
 * import { Application, websocketConnect, WebSocketError } from "@gustnado/gustnado";
 * import { assertRejects } from "@std/assert";
 *
 * await using server = new Application([["/", () => new Response("only a page")]])
 *   .listen(0, { hostname: "127.0.0.1", handleSignals: false });
 * await assertRejects(() => websocketConnect(`ws://127.0.0.1:${server.port}/`), WebSocketError);
 * ```
 *
 * @category WebSockets and event streams
 */
export class WebSocketError extends Error {
  /** The name of the class. */
  override readonly name: string = "WebSocketError";
}

/**
 * The connection is closed, or is closing (`tornado.websocket.WebSocketClosedError`).
 *
 * @example
 * ```ts
 * import {
 *   Application,
 *   websocketConnect,
 *   WebSocketClosedError,
 *   WebSocketHandler,
 * } from "@gustnado/gustnado";
 * import { assertRejects } from "@std/assert";
 *
 * await using server = new Application([["/ws", WebSocketHandler]])
 *   .listen(0, { hostname: "127.0.0.1", handleSignals: false });
 * const connection = await websocketConnect(`ws://127.0.0.1:${server.port}/ws`);
 * connection.close();
 * await connection.closed;
 * await assertRejects(() => connection.writeMessage("too late"), WebSocketClosedError);
 * ```
 *
 * @category WebSockets and event streams
 */
export class WebSocketClosedError extends WebSocketError {
  /** The name of the class. */
  override readonly name: string = "WebSocketClosedError";
}
