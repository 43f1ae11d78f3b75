/** A WebSocket that this side has opened, as an application sees it. */

/**
 * A message: text, or bytes.
 *
 * @category WebSockets and event streams
 */
export type WebSocketMessage = string | Uint8Array;

/**
 * The client's end of a WebSocket (`tornado.websocket.WebSocketClientConnection`), which
 * `websocketConnect` gives.
 *
 * @example
 * ```ts
 * import {
 *   Application,
 *   type WebSocketClientConnection,
 *   websocketConnect,
 *   WebSocketHandler,
 * } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Countdown extends WebSocketHandler {
 *   override async open() {
 *     for (const number of ["3", "2", "1"]) await this.writeMessage(number);
 *     this.close(1000, "lift-off");
 *   }
 * }
 *
 * await using server = new Application([["/ws", Countdown]])
 *   .listen(0, { hostname: "127.0.0.1", handleSignals: false });
 * async function listen(connection: WebSocketClientConnection) {
 *   const heard = [];
 *   for await (const message of connection) heard.push(message);
 *   return heard;
 * }
 *
 * await using connection = await websocketConnect(`ws://127.0.0.1:${server.port}/ws`);
 * const heard = await listen(connection);
 * assertEquals(heard, ["3", "2", "1"]);
 * assertEquals([connection.closeCode, connection.closeReason], [1000, "lift-off"]);
 * ```
 *
 * @category WebSockets and event streams
 */
export abstract class WebSocketClientConnection implements AsyncDisposable {
  /** Whether messages can be sent now: not while a lost connection is being opened again. */
  abstract get isOpen(): boolean;

  /** The subprotocol that the server selected; `null` if none. */
  abstract get selectedSubprotocol(): string | null;

  /**
   * How the connection ended for good: `null` before, or if the peer gave no code; 1006 if it went
   * away without a close frame; 1008 or 1009 if this side ended it because too many messages waited or
   * one was too large (on the wire, a client says 4008 and 4009).
   */
  abstract get closeCode(): number | null;

  /** The reason that came with `closeCode`; `null` if there was none. */
  abstract get closeReason(): string | null;

  /** Settles when the connection has ended for good. It never rejects. */
  abstract get closed(): Promise<void>;

  /**
   * Waits for the next message. Messages that came before the end are still read after it.
   *
   * @returns Text or bytes; `null` when the connection has ended.
   */
  abstract readMessage(): Promise<WebSocketMessage | null>;

  /** Reads messages up to the end. Leaving the loop does not close the connection. */
  async *[Symbol.asyncIterator](): AsyncGenerator<WebSocketMessage, void, void> {
    for (;;) {
      const message = await this.readMessage();
      if (message === null) return;
      yield message;
    }
  }

  /**
   * Sends a message.
   *
   * @param message Text; bytes; or a plain object or an array, which is sent as JSON text.
   * @returns A promise that settles at once, unless more than 256 KiB are unsent: then when the peer
   * has taken enough of them. It rejects with a `WebSocketClosedError` when the connection is not open,
   * which may be left unhandled.
   * @throws {TypeError} If the message is anything else.
   */
  abstract writeMessage(message: WebSocketMessage | object): Promise<void>;

  /**
   * Closes the connection for good. Again, it does nothing.
   *
   * @param code 1000 unless given, or 3000 to 4999: no other may be sent by a client.
   * @param reason Why, in up to 123 bytes.
   * @throws {RangeError} If the code or the reason cannot be sent.
   */
  abstract close(code?: number, reason?: string): void;

  /** Closes the connection and waits until it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.closed;
  }
}
