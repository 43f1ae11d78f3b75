/** Messages that wait for their turn. */
import { byteLength, type Chunk } from "../web/chunk.ts";

/**
 * A queue that is bounded in messages and in bytes. The runtime cannot stop a client from sending, so
 * what a slow handler has not taken yet is kept here.
 */
export class Inbox {
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  #messages: Chunk[] = [];
  #taken = 0;
  #bytes = 0;

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
    return this.#messages.length - this.#taken;
  }

  /** Adds a message. Returns whether there was room for it. */
  put(message: Chunk): boolean {
    const bytes = this.#bytes + byteLength(message);
    if (this.size >= this.#maxMessages || bytes > this.#maxBytes) return false;
    this.#messages.push(message);
    this.#bytes = bytes;
    return true;
  }

  /** Takes the message that has waited longest. */
  take(): Chunk | undefined {
    const message = this.#messages[this.#taken];
    if (message === undefined) return undefined;
    this.#bytes -= byteLength(message);
    this.#taken++;
    this.#compact();
    return message;
  }

  /** Drops what waits. */
  clear(): void {
    this.#messages = [];
    this.#taken = 0;
    this.#bytes = 0;
  }

  /** Half of the array is free at most, so that a message is moved once on average. */
  #compact(): void {
    if (this.#taken * 2 < this.#messages.length) return;
    this.#messages = this.#messages.slice(this.#taken);
    this.#taken = 0;
  }
}
