/** What waits until a peer has read what it was sent before. */
import { byteLength, type Chunk } from "../web/chunk.ts";
import { backlogs } from "./backlog_watch.ts";
import { MessageQueue } from "./message_queue.ts";
import { keepable, type SharedMessage } from "./shared_message.ts";

/** The end of a connection that an outbox sends through. */
export interface Sender {
  /** Bytes that the runtime may have unsent. */
  readonly highWaterMark: number;
  /** Milliseconds without any leaving after which the peer is dead; 0 for never. */
  readonly stallTimeout: number;
  /** Asks the runtime how many bytes have not left yet; `Infinity` when none will any more. */
  measureUnsent(): number;
  /** Hands a message to the runtime. */
  transmit(message: Chunk): void;
  /** Nothing waits any more. The outbox is not needed until the next backlog. */
  onDrained(): void;
  /** The peer is dead. */
  cut(): void;
}

/** What a look at an outbox has found: whether it is worth to look again soon. */
export type Progress = "drained" | "hungry" | "moving" | "stuck";

/** What a message in the queue takes at least: it is a reference, however short the message. */
const LEAST_BYTES = 64;

/** What a write gives that need not wait. */
export const SENT: Promise<void> = Promise.resolve();

/**
 * The messages of one connection whose peer reads slowly.
 *
 * The runtime copies what it is handed, and neither takes it back nor closes a connection before it
 * has left. So it gets as much as the high-water mark allows, or one message that is larger; the rest
 * waits here, as references. As long as any waits, there is more unsent than the mark.
 */
export class Outbox {
  readonly #sender: Sender;
  readonly #queue = new MessageQueue();
  /** Bytes that the runtime had when it was asked last, and was handed since. */
  #handed = 0;
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
    return this.#handed + this.#queue.bytes;
  }

  /**
   * Hands over what there is room for by now.
   *
   * @returns How many bytes the runtime had left before.
   */
  flush(): number {
    const unsent = this.#sender.measureUnsent();
    if (unsent < this.#handed) this.#moved = true;
    this.#handed = unsent;
    for (let next = this.#queue.first; next !== undefined; next = this.#queue.first) {
      if (!this.#hasRoom(next.bytes)) break;
      this.#queue.take();
      this.#sender.transmit(next.message);
      this.#handed += next.bytes;
    }
    return unsent;
  }

  /** Hands a message over, if none waits and there is room for it; otherwise it waits. */
  put(message: Chunk, shared?: SharedMessage): void {
    if (this.#handed === 0 && this.#queue.size === 0) return this.#transmit(message);
    const bytes = Math.max(byteLength(message), LEAST_BYTES);
    if (this.#queue.size === 0 && this.#hasRoom(bytes)) this.#transmit(message);
    else this.#queue.put(shared?.keep() ?? keepable(message), bytes);
  }

  /** Waits until no more is unsent than the mark; rejects if the outbox is given up before. */
  whenDrained(): Promise<void> {
    if (this.unsent <= this.#sender.highWaterMark) {
      this.#drained();
      return SENT;
    }
    if (this.#wait === undefined) {
      this.#wait = Promise.withResolvers();
      // A handler need not await its writes: a peer that leaves must not end the process.
      this.#wait.promise.catch(() => {});
      backlogs.add(this);
    }
    return this.#wait.promise;
  }

  /** Looks how far the peer is. */
  look(now: number): Progress {
    const left = this.flush();
    const { highWaterMark, stallTimeout } = this.#sender;
    if (this.unsent <= highWaterMark) {
      this.#drained();
      return "drained";
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

  /** The connection is gone, or takes no more: drops what is in the queue. */
  discard(): void {
    this.#queue.clear();
    backlogs.delete(this);
  }

  #hasRoom(bytes: number): boolean {
    return this.#handed === 0 || this.#handed + bytes <= this.#sender.highWaterMark;
  }

  #transmit(message: Chunk): void {
    this.#sender.transmit(message);
    this.#handed = this.#sender.measureUnsent();
  }

  #drained(): void {
    backlogs.delete(this);
    this.#wait?.resolve();
    this.#sender.onDrained();
  }
}
