/** A WebSocket as a test sees it. */
import { WebSocketClientConnection } from "../../websocket/client/web_socket_client_connection.ts";

/**
 * The client's end of a WebSocket, as `websocketConnect` gives it, and what only a test can do with one
 * that needs no port: hang, and vanish. `TestClient.websocket` opens one.
 *
 * @example
 * ```ts
 * import { Application, WebSocketHandler } from "@gustnado/gustnado";
 * import { type TestWebSocket, testServer } from "@gustnado/gustnado/testing";
 * import { assertEquals } from "@std/assert";
 *
 * class Echo extends WebSocketHandler {
 *   override onMessage(message: string | Uint8Array) {
 *     this.writeMessage(message);
 *   }
 * }
 *
 * await using t = testServer(new Application([["/ws", Echo]]));
 * await using socket: TestWebSocket = await t.websocket("/ws");
 * socket.writeMessage({ wind: "a gust" });
 * assertEquals(await socket.readJSON(), { wind: "a gust" });
 * ```
 *
 * @category Testing
 */
export abstract class TestWebSocket extends WebSocketClientConnection {
  /**
   * Waits for the next message, and reads it as JSON.
   *
   * @typeParam T What a test expects it to be. It is not checked.
   * @throws {SyntaxError} If it is none.
   * @throws {Error} If the connection has ended instead; the message tells how.
   */
  // deno-lint-ignore no-explicit-any -- as of a Response
  async readJSON<T = any>(): Promise<T> {
    const message = await this.readMessage();
    if (message !== null) {
      return JSON.parse(typeof message === "string" ? message : new TextDecoder().decode(message));
    }
    const { closeCode, closeReason } = this;
    const how = [closeCode ?? "no code", closeReason ?? "no reason"].join(", ");
    throw new Error(`Cannot read a message: the WebSocket was closed with ${how}`);
  }

  /**
   * Reads nothing more, and answers no ping, as a client that hangs. What the server sends stays with it,
   * so this is how its limits are tried: `websocketHighWaterMark`, `websocketOnSlow`, `websocketPingTimeout`.
   *
   * @throws {Error} If it goes over a socket.
   */
  abstract pause(): void;

  /**
   * Reads on.
   *
   * @throws {Error} If it goes over a socket.
   */
  abstract resume(): void;

  /**
   * Vanishes without a close frame, as a client that loses its network: the server sees the code 1006.
   *
   * @throws {Error} If it goes over a socket.
   */
  abstract drop(): void;
}
