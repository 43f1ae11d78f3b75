/**
 * A stream was or became closed (`tornado.iostream.StreamClosedError`).
 *
 * @example
 * ```ts
 * import { type IOStream, StreamClosedError, TCPClient, TCPServer } from "@gustnado/gustnado";
 * import { assertRejects } from "@std/assert";
 *
 * class Greeter extends TCPServer {
 *   override async handleStream(stream: IOStream) {
 *     await stream.write("hi");
 *     stream.close();
 *   }
 * }
 *
 * const server = new Greeter();
 * server.listen(0, { hostname: "127.0.0.1" });
 * using stream = await new TCPClient().connect("127.0.0.1", server.port);
 * await stream.readBytes(2);
 * // There is nothing after it.
 * await assertRejects(() => stream.readBytes(1), StreamClosedError);
 * await server.stop();
 * ```
 *
 * @category Sockets
 */
export class StreamClosedError extends Error {
  /** Always the name of the class. */
  override readonly name: string = "StreamClosedError";
  /** What closed the stream, unless that was the peer or `close()`. Also the `cause`. */
  readonly realError: unknown;

  /**
   * Makes the error of a read or write on a closed stream.
   *
   * @param message What was attempted.
   * @param realError What closed the stream.
   */
  constructor(message: string, realError?: unknown) {
    super(message, realError === undefined ? undefined : { cause: realError });
    this.realError = realError;
  }
}

/**
 * The peer sent more than a read allows without completing it
 * (`tornado.iostream.UnsatisfiableReadError`). The stream is closed then.
 *
 * @example
 * ```ts
 * import { type IOStream, TCPClient, TCPServer, UnsatisfiableReadError } from "@gustnado/gustnado";
 * import { assertRejects } from "@std/assert";
 *
 * class Talker extends TCPServer {
 *   override async handleStream(stream: IOStream) {
 *     await stream.write("a line that never comes to its end");
 *     stream.close();
 *   }
 * }
 *
 * const server = new Talker();
 * server.listen(0, { hostname: "127.0.0.1" });
 * using stream = await new TCPClient().connect("127.0.0.1", server.port);
 * await assertRejects(() => stream.readUntil("\n", { maxBytes: 10 }), UnsatisfiableReadError);
 * await server.stop();
 * ```
 *
 * @category Sockets
 */
export class UnsatisfiableReadError extends StreamClosedError {
  /** Always `"UnsatisfiableReadError"`. */
  override readonly name: string = "UnsatisfiableReadError";
}

/**
 * More was written than `maxWriteBufferSize` allows to be unsent
 * (`tornado.iostream.StreamBufferFullError`). Await `write` to go at the pace of the peer.
 *
 * @example
 * ```ts
 * import { StreamBufferFullError, TCPClient, TCPServer } from "@gustnado/gustnado";
 * import { assertRejects } from "@std/assert";
 *
 * const server = new TCPServer();
 * server.listen(0, { hostname: "127.0.0.1" });
 * using stream = await new TCPClient().connect("127.0.0.1", server.port, {
 *   maxWriteBufferSize: 1_000,
 * });
 * await assertRejects(() => stream.write("x".repeat(2_000)), StreamBufferFullError);
 * await server.stop();
 * ```
 *
 * @category Sockets
 */
export class StreamBufferFullError extends Error {
  /** Always `"StreamBufferFullError"`. */
  override readonly name = "StreamBufferFullError";
}
