import type { StreamSocket } from "../../platform/deno/deno_net.ts";
import { StreamBufferFullError } from "./stream_errors.ts";

/** Writes to a connection one after the other, and bounds what is not sent yet. */
export class WriteQueue {
  readonly #socket: StreamSocket;
  readonly #maxSize: number;
  #last: Promise<void> = Promise.resolve();
  #unsent = 0;

  /**
   * Makes an empty queue.
   *
   * @param socket Where to write.
   * @param maxSize How many bytes may be unsent.
   */
  constructor(socket: StreamSocket, maxSize: number) {
    this.#socket = socket;
    this.#maxSize = maxSize;
  }

  /** How many bytes are not sent yet. */
  get unsent(): number {
    return this.#unsent;
  }

  /**
   * Writes bytes after those before.
   *
   * @throws {StreamBufferFullError} At once, if too much is unsent.
   * @throws What the connection throws; what is queued behind then fails in the same way.
   */
  async write(bytes: Uint8Array): Promise<void> {
    this.#checkRoom(bytes);
    const previous = this.#unsent === 0 ? undefined : this.#last;
    this.#unsent += bytes.length;
    const sent = this.#send(bytes, previous);
    // Nobody need await a write, and what fails must not end the process.
    this.#last = sent.catch(() => {});
    try {
      await sent;
    } finally {
      this.#unsent -= bytes.length;
    }
  }

  /** Resolves when what was written so far is sent or has failed. */
  flushed(): Promise<void> {
    return this.#last;
  }

  async #send(bytes: Uint8Array, previous: Promise<void> | undefined): Promise<void> {
    if (previous !== undefined) await previous;
    let rest = bytes;
    while (rest.length > 0) rest = rest.subarray(await this.#socket.write(rest));
  }

  #checkRoom(bytes: Uint8Array): void {
    if (this.#unsent + bytes.length <= this.#maxSize) return;
    throw new StreamBufferFullError(
      `Cannot write ${bytes.length} bytes: ${this.#unsent} are unsent, and ${this.#maxSize} may be. ` +
        "Await what was written before",
    );
  }
}
