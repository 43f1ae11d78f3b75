/** One direction of a WebSocket that lives in memory. */
import { Deque } from "../../concurrent/collections/deque.ts";
import { nextIteration } from "../../concurrent/loop/next_iteration.ts";

/** What goes over a line. */
export type Frame =
  | { readonly type: "open" }
  | { readonly type: "message"; readonly data: string | ArrayBuffer; readonly bytes: number }
  | { readonly type: "close"; readonly code: number; readonly reason: string }
  /** The connection is gone, without a close frame. */
  | { readonly type: "end" };

/**
 * Carries frames in their order: one in each iteration of the loop, as a runtime does that reads a
 * socket, so that what a frame sets off is done before the next one comes.
 */
export class MemoryLine {
  readonly #deliver: (frame: Frame) => void;
  #frames = new Deque<Frame>();
  #unread = 0;
  #isDue = false;
  #isPaused = false;

  /** @param deliver Takes what arrives. It must not throw. */
  constructor(deliver: (frame: Frame) => void) {
    this.#deliver = deliver;
  }

  /** Bytes of messages that have not arrived. */
  get unread(): number {
    return this.#unread;
  }

  /** Whether the receiver does not read. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Sends a frame. */
  put(frame: Frame): void {
    this.#frames.push(frame);
    if (frame.type === "message") this.#unread += frame.bytes;
    this.#schedule();
  }

  /** The receiver stops to read. */
  pause(): void {
    this.#isPaused = true;
  }

  /** The receiver reads on. */
  resume(): void {
    this.#isPaused = false;
    this.#schedule();
  }

  /** Drops what is under way. */
  clear(): void {
    this.#frames = new Deque();
    this.#unread = 0;
  }

  #schedule(): void {
    if (this.#isDue || this.#isPaused || this.#frames.size === 0) return;
    this.#isDue = true;
    nextIteration(() => this.#next());
  }

  #next(): void {
    this.#isDue = false;
    const frame = this.#isPaused ? undefined : this.#frames.shift();
    if (frame === undefined) return;
    if (frame.type === "message") this.#unread -= frame.bytes;
    this.#deliver(frame);
    this.#schedule();
  }
}
