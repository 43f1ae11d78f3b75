/**
 * A stream was or became closed (`tornado.iostream.StreamClosedError`).
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
 * @category Sockets
 */
export class StreamBufferFullError extends Error {
  /** Always `"StreamBufferFullError"`. */
  override readonly name = "StreamBufferFullError";
}
