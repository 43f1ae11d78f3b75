/** What waits until a peer has read what it was sent before. */
import { byteLength, type Chunk } from "../http/body/chunk.ts";
import { backlogs } from "./backlog_watch.ts";
import { MessageQueue } from "./message_queue.ts";
import { keepable, type SharedMessage } from "../topics/shared_message.ts";

/** The connection that an outbox sends through. */
export interface Sender {
  /** Bytes that the runtime may have unsent. */
  readonly highWaterMark: number;
  /** Milliseconds without any leaving after which the peer is dead; 0 for never. */
  readonly stallTimeout: number;
  /** Bytes that the runtime has unsent at most; `Infinity` when none will leave any more. */
  readonly unsent: number;
  /** About how many messages these are. */
  readonly inFlight: number;
  /** Asks the runtime for both. */
  measure(): void;
  /** Hands a message to the runtime, which has so many bytes at most. */
  transmit(message: Chunk, bytes: number): void;
  /** Nothing waits any more. The outbox is not needed until the next backlog. */
  onDrained(): void;
  /** The peer is dead. */
  cut(): void;
}

/** What a look at an outbox has found: whether it is worth to look again soon. */
export type Progress = "drained" | "hungry" | "moving" | "stuck";

/** Messages that the runtime may have unsent: it takes 1 KiB for each, besides its bytes. */
export const MAX_IN_FLIGHT = 256;
/** What a message in the queue takes at least: it is a reference, however short the message. */
const LEAST_BYTES = 64;

/** What a write gives that need not wait. */
export const SENT: Promise<void> = Promise.resolve();

/**
 * The messages of one connection whose peer reads slowly.
 *
 * The runtime copies what it is handed, and neither takes it back nor closes a connection before it
 * has left. So it gets as much as the high-water mark allows, or one message that is larger; the rest
 * waits here, as references.
 */
export class Outbox {
  readonly #sender: Sender;
  readonly #queue = new MessageQueue();
  /** Some have left since the last look. */
  #moved = true;
  /** When the last look found that some had. */
  #movedAt = 0;
  #wait: PromiseWithResolvers<void> | undefined;

  /** @param sender Where messages go. */
  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /** Messages that have not been handed to the runtime. */
  get size(): number {
    return this.#queue.size;
  }

  /** Bytes that have not left, those that wait here and those that the runtime has. */
  get unsent(): number {
    return this.#sender.unsent + this.#queue.bytes;
  }

  /**
   * Hands over what there is room for by now.
   *
   * @returns How many bytes the runtime had left before.
   */
  flush(): number {
    const before = this.#sender.unsent;
    this.#sender.measure();
    const { unsent } = this.#sender;
    if (unsent < before) this.#moved = true;
    while (this.#queue.size > 0 && this.#hasRoom(this.#queue.firstBytes)) {
      const message = this.#queue.take() ?? "";
      this.#sender.transmit(message, byteLength(message));
    }
    return unsent;
  }

  /** Hands a message over, if none waits and there is room for it; otherwise it waits. */
  put(message: Chunk, shared?: SharedMessage): void {
    const bytes = byteLength(message);
    if (this.#queue.size === 0 && this.#hasRoom(bytes)) {
      this.#sender.transmit(message, bytes);
      // Not every runtime tells what is unsent.
      this.#sender.measure();
    } else {
      this.#queue.put(shared?.keep() ?? keepable(message), Math.max(bytes, LEAST_BYTES));
    }
  }

  /**
   * Sees to it that what waits goes out.
   *
   * @returns A promise that settles when no more is unsent than the mark, and rejects if it is given
   *   up before.
   */
  settle(): Promise<void> {
    const isAbove = this.unsent > this.#sender.highWaterMark;
    if (!isAbove && this.#queue.size === 0) this.#drained();
    else backlogs.add(this);
    return isAbove ? this.#waiting() : SENT;
  }

  #waiting(): Promise<void> {
    if (this.#wait === undefined) {
      this.#wait = Promise.withResolvers();
      // A handler need not await its writes: a peer that leaves must not end the process.
      this.#wait.promise.catch(() => {});
    }
    return this.#wait.promise;
  }

  /** Looks how far the peer is. */
  look(now: number): Progress {
    const left = this.flush();
    const { highWaterMark, stallTimeout } = this.#sender;
    if (this.unsent <= highWaterMark) {
      this.#letWrite();
      if (this.#queue.size === 0) {
        this.#drained();
        return "drained";
      }
    }
    if (this.#moved) {
      this.#moved = false;
      this.#movedAt = now;
      return left <= highWaterMark / 2 ? "hungry" : "moving";
    }
    if (stallTimeout > 0 && now - this.#movedAt >= stallTimeout) this.#sender.cut();
    return "stuck";
  }

  /** Nobody may wait any longer; what is in the queue still goes out. */
  abandon(reason: unknown): void {
    this.#wait?.reject(reason);
  }

  /** The connection is gone, or takes no more: nothing goes out any more. */
  discard(): void {
    backlogs.delete(this);
  }

  #hasRoom(bytes: number): boolean {
    const { unsent, inFlight, highWaterMark } = this.#sender;
    return unsent === 0 || unsent + bytes <= highWaterMark && inFlight < MAX_IN_FLIGHT;
  }

  #letWrite(): void {
    this.#wait?.resolve();
    this.#wait = undefined;
  }

  #drained(): void {
    backlogs.delete(this);
    this.#letWrite();
    this.#sender.onDrained();
  }
}
