/** How fast somebody may write. */
export interface MessageRateOptions {
  /** Messages in a row, after a silence. */
  readonly burst: number;
  /** Messages per second in the long run. */
  readonly perSecond: number;
}

/** Counts the messages of one client: a bucket that every message takes from, and time fills. */
export class MessageRate {
  readonly #options: MessageRateOptions;
  #left: number;
  #countedAt: number;

  /** @param now The time, in milliseconds, on the clock that `allows` is asked with. */
  constructor(options: MessageRateOptions, now: number) {
    this.#options = options;
    this.#left = options.burst;
    this.#countedAt = now;
  }

  /** Whether one more message may pass at this time. If so, it is counted. */
  allows(now: number): boolean {
    const { burst, perSecond } = this.#options;
    const filled = (now - this.#countedAt) / 1000 * perSecond;
    this.#left = Math.min(burst, this.#left + filled);
    this.#countedAt = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
