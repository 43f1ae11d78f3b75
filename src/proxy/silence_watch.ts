/** A limit of the silence of the other side. */
import { LONGEST_DELAY } from "../platform/timer.ts";

/** Calls back once when the other side has been silent for too long. One timer runs, not one a piece. */
export class SilenceWatch {
  readonly #limit: number;
  readonly #onSilence: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heard = 0;
  #waiting = false;
  #over = false;

  /**
   * @param limit Milliseconds; `Infinity` for none.
   * @param onSilence Is called once.
   */
  constructor(limit: number, onSilence: () => void) {
    this.#limit = Math.min(limit, LONGEST_DELAY);
    this.#onSilence = onSilence;
  }

  /** Whether it has called back. */
  get isOver(): boolean {
    return this.#over;
  }

  /** The other side has something to do from now on, or has just done a part of it. */
  expect(): void {
    this.#heard = performance.now();
    this.#waiting = true;
    if (this.#limit < LONGEST_DELAY) this.#timer ??= this.#arm(this.#limit);
  }

  /** It is this side that takes its time. */
  pause(): void {
    this.#waiting = false;
  }

  /** Nothing is expected any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = false;
  }

  #arm(ms: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#timer = undefined;
      const left = this.#waiting ? this.#heard + this.#limit - performance.now() : this.#limit;
      if (left > 0) {
        this.#timer = this.#arm(left);
        return;
      }
      this.#over = true;
      this.#onSilence();
    }, ms);
  }
}
