/** Messages in the order in which they came. */
import type { Chunk } from "../web/response/chunk.ts";

/** A message that waits. */
export interface QueuedMessage {
  /** The message. */
  readonly message: Chunk;
  /** What it counts as. */
  readonly bytes: number;
}

interface Link extends QueuedMessage {
  next: Link | undefined;
}

/**
 * A queue that knows its bytes. A message that was taken is let go of at once, also by a queue that is
 * never empty.
 */
export class MessageQueue {
  #first: Link | undefined;
  #last: Link | undefined;
  #size = 0;
  #bytes = 0;

  /** How many messages wait. */
  get size(): number {
    return this.#size;
  }

  /** How many bytes they have together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The message that has waited longest. */
  get first(): QueuedMessage | undefined {
    return this.#first;
  }

  /** Adds a message that counts as so many bytes. */
  put(message: Chunk, bytes: number): void {
    const link: Link = { message, bytes, next: undefined };
    if (this.#last === undefined) this.#first = link;
    else this.#last.next = link;
    this.#last = link;
    this.#size++;
    this.#bytes += bytes;
  }

  /** Takes the message that has waited longest. */
  take(): Chunk | undefined {
    const link = this.#first;
    if (link === undefined) return undefined;
    this.#first = link.next;
    if (link.next === undefined) this.#last = undefined;
    // An old link that is collected late must not hold the young ones behind it.
    link.next = undefined;
    this.#size--;
    this.#bytes -= link.bytes;
    return link.message;
  }

  /** Drops what waits. */
  clear(): void {
    this.#first = this.#last = undefined;
    this.#size = this.#bytes = 0;
  }
}
