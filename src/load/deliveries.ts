/** Which messages have arrived where. */
import { Latencies } from "./latencies.ts";

/** What became of the messages, over all receivers. */
export class Deliveries {
  /** From sending to arrival. */
  readonly latencies: Latencies = new Latencies();
  /** How many arrived. */
  delivered = 0;
  /** How many arrived again. */
  doubles = 0;
  /** How many arrived after a later one. */
  outOfOrder = 0;
}

/** What has arrived at one receiver. Messages have the numbers 1, 2, 3… */
export class Arrivals {
  readonly #all: Deliveries;
  readonly #missing = new Set<number>();
  #highest = 0;

  /** @param all Where it is counted. */
  constructor(all: Deliveries) {
    this.#all = all;
  }

  /**
   * A message has arrived.
   *
   * @param number Its number; not above that of the last one that was sent.
   * @param ms Milliseconds since it was sent.
   */
  add(number: number, ms: number): void {
    if (number <= this.#highest) {
      if (!this.#missing.delete(number)) return void this.#all.doubles++;
      this.#all.outOfOrder++;
    }
    for (let each = this.#highest + 1; each < number; each++) this.#missing.add(each);
    this.#highest = Math.max(this.#highest, number);
    this.#all.delivered++;
    this.#all.latencies.add(ms);
  }

  /**
   * How many messages have not arrived.
   *
   * @param last The number of the last one that was sent.
   * @param refused Those that the server has refused: nobody expects them.
   */
  missing(last: number, refused: ReadonlySet<number>): number {
    let missing = Math.max(0, last - this.#highest) + this.#missing.size;
    for (const number of refused) {
      if (number > this.#highest || this.#missing.has(number)) missing--;
    }
    return missing;
  }
}
