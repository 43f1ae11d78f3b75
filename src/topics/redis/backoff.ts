/** When a lost connection is opened again. */
import { backoff, type BackoffRange } from "../backoff.ts";

/** Milliseconds of the first and of the longest pause. */
export const RECONNECT_DEFAULTS = { min: 100, max: 2_000 } as const;

/** Pauses that double, by chance down to the half: processes that were cut off together do not come back so. */
export class Backoff {
  readonly #range: BackoffRange;
  #attempts = 0;

  /** Takes the first and the longest pause, in milliseconds. */
  constructor(min: number, max: number) {
    this.#range = { min, max: Math.max(min, max) };
  }

  /** The next pause, in milliseconds. */
  next(): number {
    return backoff(this.#attempts++, this.#range);
  }

  /** The next pause is the first again. */
  reset(): void {
    this.#attempts = 0;
  }
}
