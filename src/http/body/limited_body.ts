import { ByteWindow } from "./byte_window.ts";
import { excerpt } from "../excerpt.ts";
import { HTTPInputError } from "../input_error.ts";

/** How much of a body is read, and for how long. */
export interface BodyLimits {
  /** The largest body in bytes; 0 allows none. */
  readonly maxSize: number;
  /** How long to wait for the client in all, in milliseconds. Default: as long as it takes. */
  readonly timeout?: number | undefined;
  /** Is called once when the stream itself fails: the client has gone. */
  readonly onBroken?: ((cause: unknown) => void) | undefined;
  /** Is called when no more is read: at the end, or when the body is refused or given up. */
  readonly onEnd?: (() => void) | undefined;
}

/** What reads a body: a reader of a stream, or what does the same without one. */
export type BodyReader = Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel">;

/** Timers count in 32 bits; a longer delay would fire at once. */
const MAX_DELAY = 2 ** 31 - 1;
/** Deflate shrinks a byte to 1/1032 at best, so that a bomb is let out 4 MiB at a time. */
const COMPRESSED_PIECE = 4096;

/**
 * Reads a whole body, counting while it reads. A body of one chunk is not copied.
 *
 * @param source The body. When it is refused it is cancelled.
 * @param limits How much to read, and for how long.
 * @throws {HTTPInputError} 413 beyond `maxSize`, 408 after `timeout`, 400 when reading fails (the
 * failure is the `cause`).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const stream = new Blob(["hello"]).stream();
 * assertEquals((await readBody(stream, { maxSize: 1024 })).length, 5);
 * ```
 */
export async function readBody(
  source: ReadableStream<Uint8Array> | BodyReader,
  limits: BodyLimits,
): Promise<Uint8Array> {
  const reader = source instanceof ReadableStream ? source.getReader() : source;
  const body = new LimitedReader(reader, limits);
  // Chunks are not kept as they are: a body sent byte by byte would take 100 times its size.
  const window = new ByteWindow();
  for (let chunk = await body.read(); chunk !== null; chunk = await body.read()) {
    window.append(chunk);
  }
  return window.bytes;
}

/**
 * Passes a body through under the rules of {@linkcode readBody}, for those who read it piece by
 * piece: the stream errors with the `HTTPInputError` at the moment a limit is crossed. Only the time
 * spent waiting for the client counts, and nothing is read ahead.
 *
 * @param stream The body. When it is refused, or the result is cancelled, it is cancelled.
 * @param limits How much to read, and for how long.
 */
export function limitedStream(
  stream: ReadableStream<Uint8Array>,
  limits: BodyLimits,
): ReadableStream<Uint8Array> {
  const body = new LimitedReader(stream.getReader(), limits);
  return new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      const chunk = await body.read();
      if (chunk === null) controller.close();
      else controller.enqueue(chunk);
    },
    cancel: (reason) => body.cancel(reason),
  }, { highWaterMark: 0 });
}

/**
 * Undoes the `Content-Encoding` of a body: `gzip` (also `x-gzip`), `deflate` (in its zlib form, RFC
 * 9110 §8.4.1.2) or `identity`.
 *
 * The result is not limited by itself. Hand it to {@linkcode readBody} or {@linkcode limitedStream},
 * which count decompressed bytes, and end a decompression bomb within 4 MiB of their limit.
 *
 * @param stream The body as it was sent.
 * @param contentEncoding The value of the header.
 * @returns The decoded body. Damaged data makes it fail, which `readBody` turns into a 400.
 * @throws {HTTPInputError} (415) If the coding is any other, or there are several.
 */
export function decodeBody(
  stream: ReadableStream<Uint8Array>,
  contentEncoding: string,
): ReadableStream<Uint8Array> {
  const coding = contentEncoding.trim().toLowerCase();
  switch (coding) {
    case "":
    case "identity":
      return stream;
    case "gzip":
    case "x-gzip":
      return decompress(stream, "gzip");
    case "deflate":
      return decompress(stream, "deflate");
    default:
      throw new HTTPInputError(`Unsupported Content-Encoding: ${excerpt(contentEncoding)}`, {
        status: 415,
      });
  }
}

/** Reads a body under limits. After it has thrown once, the body is cancelled and of no use. */
class LimitedReader {
  readonly #reader: BodyReader;
  readonly #limits: BodyLimits;
  #size = 0;
  #waited = 0;
  #refusal: HTTPInputError | null = null;

  constructor(reader: BodyReader, limits: BodyLimits) {
    this.#reader = reader;
    this.#limits = limits;
  }

  /** The next chunk, or `null` at the end. */
  async read(): Promise<Uint8Array | null> {
    const { done, value } = await this.#next();
    if (this.#refusal !== null) throw this.#refusal;
    if (done) {
      this.#limits.onEnd?.();
      return null;
    }
    this.#size += value.length;
    if (this.#size > this.#limits.maxSize) throw this.#refuseSize();
    return value;
  }

  async cancel(reason: unknown): Promise<void> {
    this.#limits.onEnd?.();
    await this.#reader.cancel(reason);
  }

  #refuseSize(): HTTPInputError {
    return this.#refuse(
      new HTTPInputError(`Request body is larger than ${this.#limits.maxSize} bytes`, {
        status: 413,
      }),
    );
  }

  #next(): Promise<ReadableStreamReadResult<Uint8Array>> {
    const { timeout } = this.#limits;
    const reading = timeout === undefined ? this.#reader.read() : this.#readWithin(timeout);
    return reading.catch((cause) => this.#fail(cause));
  }

  #fail(cause: unknown): never {
    // What happens to a body that was refused is of no interest.
    if (this.#refusal !== null) throw this.#refusal;
    this.#limits.onEnd?.();
    this.#limits.onBroken?.(cause);
    throw new HTTPInputError("Request body could not be read", { cause });
  }

  /** A body that is read on after its refusal goes on waiting, which nobody is to wait for. */
  async #readWithin(timeout: number): Promise<ReadableStreamReadResult<Uint8Array>> {
    const start = performance.now();
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(this.#refuse(
        new HTTPInputError(`Request body did not arrive within ${timeout} ms`, { status: 408 }),
      ));
    }, Math.max(0, Math.min(timeout - this.#waited, MAX_DELAY)));
    try {
      return await Promise.race([this.#reader.read(), late]);
    } finally {
      clearTimeout(timer);
      this.#waited += performance.now() - start;
    }
  }

  #refuse(error: HTTPInputError): HTTPInputError {
    this.#refusal = error;
    this.#limits.onEnd?.();
    // The error is what the caller hears of; that the source cannot even be cancelled adds nothing.
    this.#reader.cancel(error).catch(() => {});
    return error;
  }
}

function decompress(
  stream: ReadableStream<Uint8Array>,
  format: CompressionFormat,
): ReadableStream<Uint8Array> {
  return stream.pipeThrough(pieces()).pipeThrough(new DecompressionStream(format));
}

/** Cuts chunks small: all that a chunk decompresses to comes out at once, whatever the limit. */
function pieces(): TransformStream<Uint8Array, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform(chunk, controller): void {
      for (let start = 0; start < chunk.length; start += COMPRESSED_PIECE) {
        controller.enqueue(chunk.slice(start, start + COMPRESSED_PIECE));
      }
    },
  });
}

/**
 * A request body that is not cancelled while its answer is on its way: when it is given up, it is read
 * on and thrown away for a moment, and only then cancelled.
 *
 * Cancelled at once, it would bind Deno to read the rest of it before the connection can go on: for as
 * long as the client likes to send, and a server that shuts down would wait for that too. A body that
 * is still being read makes Deno close the connection behind the answer and lets a shutdown go ahead.
 * The moment is what a client needs to see the answer rather than a connection that was reset while
 * it was sending.
 *
 * @param stream The body of a request that came over a socket.
 * @param options `lingerMs` is how long it is read on, in milliseconds.
 */
export function lingeringStream(
  stream: ReadableStream<Uint8Array>,
  { lingerMs }: { lingerMs: number },
): ReadableStream<Uint8Array> {
  const reader = lingeringReader(stream.getReader(), { lingerMs });
  return new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => reader.cancel(),
  }, { highWaterMark: 0 });
}

/** As {@linkcode lingeringStream}, for those who read the body whole: a stream more costs a lot. */
export function lingeringReader(
  reader: BodyReader,
  { lingerMs }: { lingerMs: number },
): BodyReader {
  return {
    read: () => reader.read(),
    // The promise is let go: whoever gave the body up has nothing to wait for.
    cancel(): Promise<void> {
      drain(reader, lingerMs);
      return Promise.resolve();
    },
  };
}

async function drain(reader: BodyReader, ms: number): Promise<void> {
  const timer = setTimeout(() => reader.cancel().catch(() => {}), ms);
  try {
    while (!(await reader.read()).done);
  } catch {
    // The client has gone, or the server was shut down: that is the end of the body too.
  } finally {
    clearTimeout(timer);
  }
}
