/** A response body that is written piece by piece. */
import { StreamClosedError } from "../http_error.ts";

/**
 * Turns writes into a `ReadableStream` with back-pressure: a write settles when the client's side has
 * taken it, so a handler that awaits its writes never runs ahead of a slow client.
 */
export class ResponseStream {
  /** What becomes the body of the `Response`. */
  readonly readable: ReadableStream<Uint8Array>;
  readonly #onCancel: () => void;
  readonly #closed = Promise.withResolvers<void>();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #taken: PromiseWithResolvers<void> | undefined;
  #gone: unknown;
  #open = true;

  /** @param onCancel Is called once if the client leaves before the body is complete. */
  constructor(onCancel: () => void) {
    this.#onCancel = onCancel;
    this.readable = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => {
        this.#taken?.resolve();
        this.#taken = undefined;
      },
      cancel: (reason) => this.#cancelled(reason),
    }, { highWaterMark: 0 });
  }

  /** Settles when the body is complete, or when the client has gone. Never rejects. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /**
   * Sends a chunk.
   *
   * @returns A promise that settles when the chunk was taken.
   * @throws {StreamClosedError} The promise rejects if the client has gone.
   */
  write(chunk: Uint8Array): Promise<void> {
    if (!this.#open) {
      return unobserved(Promise.reject(new StreamClosedError({ cause: this.#gone })));
    }
    if (chunk.length === 0) return this.#taken?.promise ?? Promise.resolve();
    // Chunks that are written without waiting for each other are taken together.
    const { promise } = this.#taken ??= Promise.withResolvers<void>();
    unobserved(promise);
    // At once, the runtime may ask for more, or find that the client has gone and cancel: then the
    // promise has to be there.
    this.#controller?.enqueue(chunk);
    return promise;
  }

  /** Completes the body. */
  close(): void {
    this.#end(() => this.#controller?.close());
  }

  /** Breaks the connection off, so that the client sees that the body is not complete. */
  abort(error: unknown): void {
    this.#end(() => this.#controller?.error(error));
  }

  #cancelled(reason: unknown): void {
    this.#end(() => {
      this.#gone = reason;
      this.#taken?.reject(new StreamClosedError({ cause: reason }));
      this.#onCancel();
    });
  }

  #end(close: () => void): void {
    if (!this.#open) return;
    this.#open = false;
    close();
    this.#taken?.resolve();
    this.#closed.resolve();
  }
}

/** A handler need not await its writes: a client that leaves must not end the process. */
export function unobserved(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}
