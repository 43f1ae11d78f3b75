import { callGuarded, checkCallback, nameOf } from "../../concurrent/loop/guarded_call.ts";
import { shown } from "../../checks/shown.ts";
import {
  checkWaitOptions,
  WAIT_OPTIONS,
  type WaitOptions,
} from "../../concurrent/waiting/wait_options.ts";
import { checkWholeNumber } from "../../checks/number_check.ts";
import { checkOptions, type OptionTypes } from "../../checks/option_check.ts";
import {
  startTls,
  type StreamSocket,
  type TlsClientOptions,
} from "../../platform/deno/deno_net.ts";
import { latin1, searchableRegex } from "./searchable_regex.ts";
import {
  StreamBufferFullError,
  StreamClosedError,
  UnsatisfiableReadError,
} from "./stream_errors.ts";
import {
  READ_BYTES_OPTIONS,
  READ_UNTIL_OPTIONS,
  START_TLS_OPTIONS,
  STREAM_OPTIONS,
} from "./stream_options.ts";
import { StreamReader } from "./stream_reader.ts";
import { WaitLimit } from "./wait_limit.ts";
import { WriteQueue } from "./write_queue.ts";

/**
 * What an {@linkcode IOStream} is made with. Sizes are in bytes.
 *
 * @category Sockets
 */
export interface IOStreamOptions {
  /** The most that one read may hold before it is complete. Default: 100 MiB. */
  readonly maxBufferSize?: number | undefined;
  /**
   * The most that may be written and not be sent yet. Default: 100 MiB. It is what a peer that never
   * reads can cost a server that does not await its writes, each peer of it.
   */
  readonly maxWriteBufferSize?: number | undefined;
  /** How much is asked of the connection at a time. Default: 64 KiB. */
  readonly chunkSize?: number | undefined;
}

/**
 * How {@linkcode IOStream.readBytes} reads.
 *
 * @category Sockets
 */
export interface ReadBytesOptions extends WaitOptions {
  /** Be content with fewer bytes, but at least one. Default: `false`. */
  readonly partial?: boolean | undefined;
}

/**
 * How {@linkcode IOStream.readUntil} reads.
 *
 * @category Sockets
 */
export interface ReadUntilOptions extends WaitOptions {
  /** The most bytes the result may have. Default: `maxBufferSize`. */
  readonly maxBytes?: number | undefined;
}

/**
 * How {@linkcode IOStream.startTls} connects.
 *
 * @category Sockets
 */
export interface StartTlsOptions extends TlsClientOptions, WaitOptions {}

const MEBIBYTE = 2 ** 20;

/** A pattern sees everything again with each arrival, so its reads are bounded more tightly. */
const LONGEST_REGEX_READ = 64 * 1_024;

/**
 * Reads and writes a connection by the rules of a protocol (`tornado.iostream.IOStream`): up to a
 * delimiter, a number of bytes, a pattern, or the end.
 *
 * One read at a time; writes queue up. Awaiting `write` goes at the pace of the peer. When the peer
 * closes, the stream closes itself; what had arrived can still be read, and then reads fail with a
 * `StreamClosedError`. A read that times out takes nothing: what arrives later is for the next one.
 *
 * @example
 * ```ts
 * import { IOStream, TCPClient, TCPServer } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class EchoServer extends TCPServer {
 *   override async handleStream(stream: IOStream): Promise<void> {
 *     await stream.write(await stream.readUntil("\n"));
 *   }
 * }
 *
 * await using server = new EchoServer();
 * server.listen(0, { hostname: "127.0.0.1" });
 * using stream = await new TCPClient().connect("127.0.0.1", server.port);
 * await stream.write("Hello\n");
 * assertEquals(new TextDecoder().decode(await stream.readUntil("\n")), "Hello\n");
 * ```
 *
 * @category Sockets
 */
export class IOStream implements Disposable {
  readonly #socket: StreamSocket;
  readonly #maxBufferSize: number;
  readonly #maxWriteBufferSize: number;
  readonly #chunkSize: number;
  readonly #reader: StreamReader;
  readonly #writes: WriteQueue;
  readonly #whenClosed: PromiseWithResolvers<void> = Promise.withResolvers();
  #closed = false;
  #error: unknown;
  #closeCallback: (() => unknown) | undefined;

  /**
   * Takes over a connection.
   *
   * @param socket As `Deno.connect` or a listener's `accept` gives it.
   * @param options Limits.
   * @throws {TypeError} If a limit is unknown or makes no sense.
   */
  constructor(socket: StreamSocket, options: IOStreamOptions = {}) {
    checkOptions(options, STREAM_OPTIONS);
    this.#socket = socket;
    this.#maxBufferSize = options.maxBufferSize ?? 100 * MEBIBYTE;
    this.#maxWriteBufferSize = options.maxWriteBufferSize ?? 100 * MEBIBYTE;
    this.#chunkSize = options.chunkSize ?? 64 * 1_024;
    this.#reader = new StreamReader(socket, this.#chunkSize, this);
    this.#writes = new WriteQueue(socket, this.#maxWriteBufferSize);
  }

  /** What closed the stream, unless that was the peer or `close()`. */
  get error(): unknown {
    return this.#error;
  }

  /** Whether the stream is closed. What had arrived before can still be read. */
  closed(): boolean {
    return this.#closed;
  }

  /** Waits until the stream is closed, by whomever. The end is only noticed by reading. */
  whenClosed(): Promise<void> {
    return this.#whenClosed.promise;
  }

  /** Whether a read is pending. */
  reading(): boolean {
    return this.#reader.reading;
  }

  /** Whether a write is pending. */
  writing(): boolean {
    return this.#writes.unsent > 0;
  }

  /**
   * Reads a number of bytes.
   *
   * @param count How many.
   * @param options Whether fewer will do, and how long to wait.
   * @throws {StreamClosedError} If the stream is closed before.
   * @throws {UnsatisfiableReadError} If `count` is more than `maxBufferSize`; this closes the stream.
   * @throws {TimeoutError} If the timeout passed first.
   */
  readBytes(count: number, options: ReadBytesOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const { partial = false } = options ?? {};
    return this.#read(options, READ_BYTES_OPTIONS, () => {
      checkCount("count", count, Number.MAX_VALUE);
      const enough = partial ? Math.min(1, count) : count;
      this.#limit(enough);
      const { size } = this.#reader.buffer;
      return size >= enough ? this.#reader.buffer.take(Math.min(size, count)) : undefined;
    });
  }

  /**
   * Reads into memory of the caller, until it is full. To pass on a lot, this is the fastest way:
   * with `partial`, the same memory can be used again and again.
   *
   * @param target Where the bytes go.
   * @param options Whether less than full will do, and how long to wait.
   * @returns How many bytes were read.
   * @throws {StreamClosedError} If the stream is closed before.
   * @throws {TimeoutError} If the timeout passed first.
   */
  readInto(target: Uint8Array, options: ReadBytesOptions = {}): Promise<number> {
    const { partial = false } = options ?? {};
    return this.#read(options, READ_BYTES_OPTIONS, () => {
      checkTarget(target);
      const enough = partial ? Math.min(1, target.length) : target.length;
      this.#limit(enough);
      return this.#reader.buffer.size >= enough ? this.#reader.buffer.takeInto(target) : undefined;
    });
  }

  /**
   * Reads up to and including a delimiter.
   *
   * @param delimiter Bytes, or a text that stands for its UTF-8.
   * @param options The most bytes to read, and how long to wait.
   * @throws {StreamClosedError} If the stream is closed before.
   * @throws {UnsatisfiableReadError} If `maxBytes` arrived without it; this closes the stream.
   * @throws {TimeoutError} If the timeout passed first.
   */
  readUntil(
    delimiter: Uint8Array | string,
    options: ReadUntilOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { maxBytes = this.#maxBufferSize } = options ?? {};
    let searched = 0;
    return this.#read(options, READ_UNTIL_OPTIONS, () => {
      checkCount("maxBytes", maxBytes, Infinity);
      const sequence = toBytes(delimiter, "read until");
      if (sequence.length === 0) throw new RangeError("Cannot read until a delimiter of no bytes");
      // A delimiter can have begun in what was searched before.
      const index = this.#reader.buffer.indexOf(
        sequence,
        Math.max(0, searched - sequence.length + 1),
      );
      searched = this.#reader.buffer.size;
      return this.#takeMatch(index < 0 ? undefined : index + sequence.length, maxBytes);
    });
  }

  /**
   * Reads up to the end of the first match of a pattern, in which each byte is one character
   * (U+0000 to U+00FF).
   *
   * All that has arrived is searched again with each arrival, so the default limit is small, and the
   * pattern should be one that cannot backtrack for long.
   *
   * @param pattern Its flags `g` and `y` mean nothing here.
   * @param options The most bytes to read (default: 64 KiB), and how long to wait.
   * @throws {StreamClosedError} If the stream is closed before.
   * @throws {UnsatisfiableReadError} If `maxBytes` arrived without a match; this closes the stream.
   * @throws {TimeoutError} If the timeout passed first.
   */
  readUntilRegex(
    pattern: RegExp,
    options: ReadUntilOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { maxBytes = Math.min(LONGEST_REGEX_READ, this.#maxBufferSize) } = options ?? {};
    return this.#read(options, READ_UNTIL_OPTIONS, () => {
      checkCount("maxBytes", maxBytes, Infinity);
      const regex = searchableRegex(pattern);
      // One byte more than allowed tells a match that is too long from none.
      const match = regex.exec(latin1(this.#reader.buffer.view.subarray(0, maxBytes + 1)));
      return this.#takeMatch(match === null ? undefined : match.index + match[0].length, maxBytes);
    });
  }

  /**
   * Reads everything up to the end of the stream.
   *
   * @param options How long to wait.
   * @throws {StreamClosedError} If the stream ended with an error.
   * @throws {UnsatisfiableReadError} If `maxBufferSize` is exceeded; this closes the stream.
   * @throws {TimeoutError} If the timeout passed first.
   */
  readUntilClose(options: WaitOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return this.#read(options, WAIT_OPTIONS, () => {
      this.#limit(this.#reader.buffer.size);
      if (!this.#closed || this.#error !== undefined) return undefined;
      return this.#reader.buffer.take(this.#reader.buffer.size);
    });
  }

  /** The chunks as they arrive, until the stream is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    while (!this.#closed || this.#reader.buffer.size > 0) {
      let chunk: Uint8Array<ArrayBuffer>;
      try {
        chunk = await this.readBytes(this.#chunkSize, { partial: true });
      } catch (error) {
        if (error instanceof StreamClosedError && error.realError === undefined) return;
        throw error;
      }
      yield chunk;
    }
  }

  /**
   * Writes bytes, after those that were written before.
   *
   * @param data Bytes, not to be changed until they are sent; or a text, sent as UTF-8.
   * @returns A promise that resolves when all was handed to the operating system: the pace at which
   * the peer reads. It need not be awaited; an error closes the stream in any case.
   * @throws {StreamClosedError} If the stream is or becomes closed.
   * @throws {StreamBufferFullError} If more than `maxWriteBufferSize` would be unsent.
   * @throws {TypeError} In the call itself, if the data is neither bytes nor a text.
   */
  write(data: Uint8Array | string): Promise<void> {
    return handled(this.#write(toBytes(data, "write")));
  }

  /** Tells the peer, after what was written, that nothing more comes. Reading goes on. */
  async closeWrite(): Promise<void> {
    await this.#writes.flushed();
    if (!this.#closed) await this.#socket.closeWrite();
  }

  /**
   * Goes on in TLS, as the client: for protocols that begin in the clear.
   *
   * This stream is closed by it, also if it fails, and the returned one takes its place. To serve
   * TLS, give `tls` to the `TCPServer`: the runtime has no way to begin it later on that side.
   *
   * @param hostname The name of the server, which its certificate must have.
   * @param options Whom to trust, and how long to wait.
   * @throws {Error} If a read is pending, or something has arrived that was not read.
   */
  async startTls(hostname: string, options: StartTlsOptions = {}): Promise<IOStream> {
    checkWaitOptions(options, START_TLS_OPTIONS);
    await this.#writes.flushed();
    if (this.#closed) throw this.#closedError("start TLS");
    if (!this.#reader.idle) {
      throw new Error("Cannot start TLS: a read is pending, or bytes that arrived were not read");
    }
    const socket = await this.#convert(hostname, options);
    const stream = new IOStream(socket, {
      maxBufferSize: this.#maxBufferSize,
      maxWriteBufferSize: this.#maxWriteBufferSize,
      chunkSize: this.#chunkSize,
    });
    await stream.#shakeHands(options);
    return stream;
  }

  /** Whether small writes are sent at once, `true`, or gathered. Only TCP without TLS can choose. */
  setNodelay(noDelay: boolean): void {
    if (!this.#closed) this.#socket.setNoDelay?.(noDelay);
  }

  /**
   * Sets what is called when the stream is closed, by whomever; soon, if it is closed already.
   *
   * With it the stream looks for the end also while nobody reads, up to one chunk ahead.
   *
   * @throws {TypeError} If it is neither a function nor `null`.
   */
  setCloseCallback(callback: (() => unknown) | null): void {
    if (callback !== null) checkCallback(callback, "set the close callback");
    this.#closeCallback = callback ?? undefined;
    if (this.#closed) this.#announceClose();
    else if (callback !== null) this.#reader.watch();
  }

  /**
   * Closes the stream. Pending reads and writes fail. A second call does nothing.
   *
   * @param error What to report as the reason.
   */
  close(error?: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#error = error;
    this.#socket[Symbol.dispose]();
    this.#whenClosed.resolve();
    this.#announceClose();
  }

  /** The same as {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #read<Result>(
    options: WaitOptions,
    types: OptionTypes,
    attempt: () => Result | undefined,
  ): Promise<Result> {
    return handled(this.#reader.read(options, types, attempt));
  }

  #takeMatch(length: number | undefined, maxBytes: number): Uint8Array<ArrayBuffer> | undefined {
    if (length !== undefined && length <= maxBytes) return this.#reader.buffer.take(length);
    if (length !== undefined || this.#reader.buffer.size >= maxBytes) {
      throw unsatisfiable(`nothing to stop at in the first ${maxBytes} bytes`);
    }
    return undefined;
  }

  #limit(count: number): void {
    if (count <= this.#maxBufferSize) return;
    throw unsatisfiable(`${count} bytes are more than maxBufferSize, ${this.#maxBufferSize}`);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#closed) throw this.#closedError("write");
    try {
      await this.#writes.write(bytes);
    } catch (error) {
      if (error instanceof StreamBufferFullError) throw error;
      this.close(error);
      throw this.#closedError("write");
    }
  }

  /** Turns the connection into one with TLS. In any case nothing is left of it here. */
  async #convert(hostname: string, options: StartTlsOptions): Promise<StreamSocket> {
    try {
      const socket = await startTls(this.#socket, hostname, options);
      this.#closed = true;
      this.#whenClosed.resolve();
      return socket;
    } catch (error) {
      this.close(error);
      throw error;
    }
  }

  async #shakeHands(options: WaitOptions): Promise<void> {
    using limit = new WaitLimit(options, "start TLS");
    const handshake = this.#socket.handshake?.() ?? Promise.resolve();
    try {
      await limit.race(handshake);
    } catch (error) {
      this.close(error);
      throw error;
    }
  }

  #announceClose(): void {
    const callback = this.#closeCallback;
    this.#closeCallback = undefined;
    if (callback !== undefined) queueMicrotask(() => callGuarded(callback, nameOf(callback)));
  }

  #closedError(attempt: string): StreamClosedError {
    return new StreamClosedError(`Cannot ${attempt}: the stream is closed`, this.#error);
  }
}

function checkCount(name: string, count: number, most: number): void {
  checkWholeNumber(`Cannot read with ${name}`, count, { most });
}

function checkTarget(target: unknown): void {
  if (target instanceof Uint8Array) return;
  throw new TypeError(`Cannot read into ${shown(target)}: it must be a Uint8Array`);
}

function toBytes(data: Uint8Array | string, attempt: string): Uint8Array {
  if (typeof data === "string") return new TextEncoder().encode(data);
  if (data instanceof Uint8Array) return data;
  throw new TypeError(`Cannot ${attempt} ${shown(data)}: it must be a Uint8Array or a string`);
}

function unsatisfiable(reason: string): UnsatisfiableReadError {
  return new UnsatisfiableReadError(`Cannot complete the read: ${reason}`);
}

/** A promise whose rejection is the business of whoever awaits it, and of nobody if nobody does. */
function handled<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}
