/** The exceptions of WebSockets. */

/**
 * Something went wrong with a WebSocket (`tornado.websocket.WebSocketError`).
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
 * @category WebSockets and event streams
 */
export class WebSocketClosedError extends WebSocketError {
  /** The name of the class. */
  override readonly name: string = "WebSocketClosedError";
}
