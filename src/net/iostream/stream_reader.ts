import { checkWaitOptions, type WaitOptions } from "../../concurrent/waiting/wait_options.ts";
import type { OptionTypes } from "../../checks/option_check.ts";
import type { StreamSocket } from "../../platform/deno/deno_net.ts";
import { ReadBuffer } from "./read_buffer.ts";
import { StreamClosedError, UnsatisfiableReadError } from "./stream_errors.ts";
import { WaitLimit } from "./wait_limit.ts";

/** The stream whose reading side a {@linkcode StreamReader} is. */
export interface ReadableEnd {
  /** What closed the stream, if it was an error. */
  readonly error: unknown;
  /** Whether nothing more will arrive. */
  closed(): boolean;
  /** Closes the stream, because of an error or because the peer did. */
  close(error?: unknown): void;
}

/** Completes one read at a time from what has arrived, and gets more until that succeeds. */
export class StreamReader {
  /** What has arrived and was not read. */
  readonly buffer: ReadBuffer = new ReadBuffer();
  readonly #socket: StreamSocket;
  readonly #chunkSize: number;
  readonly #stream: ReadableEnd;
  #filling: Promise<void> | undefined;
  #reading = false;
  #watching = false;

  /**
   * Begins with nothing.
   *
   * @param socket Where to read.
   * @param chunkSize How many bytes to ask for at a time.
   * @param stream Closed when the connection ends or fails.
   */
  constructor(socket: StreamSocket, chunkSize: number, stream: ReadableEnd) {
    this.#socket = socket;
    this.#chunkSize = chunkSize;
    this.#stream = stream;
  }

  /** Whether a read is pending. */
  get reading(): boolean {
    return this.#reading;
  }

  /** Whether the connection is free and everything that arrived was read. */
  get idle(): boolean {
    return this.#filling === undefined && this.buffer.size === 0;
  }

  /**
   * Reads.
   *
   * @param options How long to wait.
   * @param types What may stand in the options.
   * @param attempt Takes the result from the buffer, or returns `undefined` while that is too little.
   * @throws {StreamClosedError} If the stream is closed before the attempt succeeds.
   */
  async read<Result>(
    options: WaitOptions,
    types: OptionTypes,
    attempt: () => Result | undefined,
  ): Promise<Result> {
    checkWaitOptions(options, types);
    if (this.#reading) throw new Error("Cannot read: another read is pending");
    this.#reading = true;
    try {
      return attempt() ?? await this.#readMore(options, attempt);
    } catch (error) {
      if (error instanceof UnsatisfiableReadError) this.#stream.close(error);
      throw error;
    } finally {
      this.#reading = false;
      this.#lookAhead();
    }
  }

  /** From now on, notice the end also while nobody reads, hoarding one chunk at most. */
  watch(): void {
    this.#watching = true;
    this.#lookAhead();
  }

  async #readMore<Result>(
    options: WaitOptions,
    attempt: () => Result | undefined,
  ): Promise<Result> {
    using limit = new WaitLimit(options, "read");
    while (!this.#stream.closed()) {
      await limit.race(this.#fill());
      const result = attempt();
      if (result !== undefined) return result;
    }
    throw new StreamClosedError("Cannot read: the stream is closed", this.#stream.error);
  }

  /** Gets what arrives next. A read that gave up leaves this running for the read after it. */
  #fill(): Promise<void> {
    return this.#filling ??= this.#fillOnce();
  }

  async #fillOnce(): Promise<void> {
    let count: number | null = null;
    try {
      count = await this.#socket.read(this.buffer.reserve(this.#chunkSize));
    } catch (error) {
      this.#stream.close(error);
    }
    this.buffer.commit(count ?? 0);
    this.#filling = undefined;
    if (count === null) this.#stream.close();
  }

  #lookAhead(): void {
    if (!this.#watching || this.#stream.closed() || this.#filling !== undefined) return;
    if (this.buffer.size < this.#chunkSize) this.#fill().then(() => this.#lookAhead());
  }
}
