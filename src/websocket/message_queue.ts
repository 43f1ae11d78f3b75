/** Messages in the order in which they came. */
import type { Chunk } from "../http/body/chunk.ts";

/**
 * A queue that knows its bytes. A message that was taken is let go of at once, also by a queue that is
 * never empty; one that waits takes two places in an array, which is less than an object.
 */
export class MessageQueue {
  #messages: (Chunk | undefined)[] = [];
  #sizes: number[] = [];
  #taken = 0;
  #bytes = 0;

  /** How many messages wait. */
  get size(): number {
    return this.#messages.length - this.#taken;
  }

  /** How many bytes they have together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What the message that has waited longest counts as; 0 if there is none. */
  get firstBytes(): number {
    return this.#sizes[this.#taken] ?? 0;
  }

  /** Adds a message that counts as so many bytes. */
  put(message: Chunk, bytes: number): void {
    this.#messages.push(message);
    this.#sizes.push(bytes);
    this.#bytes += bytes;
  }

  /** Takes the message that has waited longest. */
  take(): Chunk | undefined {
    const message = this.#messages[this.#taken];
    if (message === undefined) return undefined;
    this.#bytes -= this.firstBytes;
    this.#messages[this.#taken++] = undefined;
    if (this.#taken * 2 >= this.#messages.length) this.#compact();
    return message;
  }

  /** Drops what waits. */
  clear(): void {
    this.#taken = this.#messages.length;
    this.#bytes = 0;
    this.#compact();
  }

  /** Half of the array is free at most, so that a message is moved once on average. */
  #compact(): void {
    this.#messages = this.#messages.slice(this.#taken);
    this.#sizes = this.#sizes.slice(this.#taken);
    this.#taken = 0;
  }
}
