/** Puts what comes nearly in order into its order. */

/** Milliseconds that everything is late for it. */
const DELAY = 20;

/** How many may wait. */
const MOST_HELD = 1_000;

/** What has a number. */
export interface Sequenced {
  readonly sequence: number;
}

/**
 * Hands over a little later, in the order of the numbers: for what does not tell the one before it, so that
 * nothing shows whether one is missing.
 */
export class SortedDelay<T extends Sequenced> {
  readonly #hand: (item: T) => void;
  #held: T[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param hand Takes what is handed over. It does not throw. */
  constructor(hand: (item: T) => void) {
    this.#hand = hand;
  }

  /** Takes an item. */
  take(item: T): void {
    this.#held.push(item);
    if (this.#held.length > MOST_HELD) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), DELAY);
  }

  /** Forgets what waits. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held = [];
  }

  #flush(): void {
    const items = this.#held;
    this.reset();
    items.sort((a, b) => a.sequence - b.sequence).forEach(this.#hand);
  }
}
