/** Messages that wait for their turn. */
import { byteLength, type Chunk } from "../http/body/chunk.ts";
import { MessageQueue } from "./message_queue.ts";

/**
 * A queue that is bounded in messages and in bytes. The runtime cannot stop a client from sending, so
 * what a slow handler has not taken yet is kept here.
 */
export class Inbox {
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  readonly #queue = new MessageQueue();

  /**
   * @param maxMessages How many messages may wait.
   * @param maxBytes How many bytes they may have together, text as UTF-8.
   */
  constructor(maxMessages: number, maxBytes: number) {
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
  }

  /** How many messages wait. */
  get size(): number {
    return this.#queue.size;
  }

  /** Adds a message. Returns whether there was room for it. */
  put(message: Chunk): boolean {
    const bytes = byteLength(message);
    const { size, bytes: held } = this.#queue;
    if (size >= this.#maxMessages || held + bytes > this.#maxBytes) return false;
    this.#queue.put(message, bytes);
    return true;
  }

  /** Takes the message that has waited longest. */
  take(): Chunk | undefined {
    return this.#queue.take();
  }

  /** Drops what waits. */
  clear(): void {
    this.#queue.clear();
  }
}
