import { AssertionError } from "@std/assert";

const TIMEOUT = 5_000;

/** What happened on the other side, in order, for a test to wait for. */
export class Journal<T = string> {
  /** The entries so far. */
  readonly entries: T[] = [];
  readonly #arrivals = new EventTarget();

  /** Adds an entry. */
  add(entry: T): void {
    this.entries.push(entry);
    this.#arrivals.dispatchEvent(new Event("arrival"));
  }

  /**
   * Waits for a number of entries.
   *
   * @param count How many there have to be.
   * @returns All there are by then.
   * @throws {AssertionError} When they do not come within 5 s.
   */
  async until(count: number): Promise<T[]> {
    const deadline = AbortSignal.timeout(TIMEOUT);
    while (this.entries.length < count) {
      if (deadline.aborted) throw this.#missing(count);
      await this.#arrival(deadline);
    }
    return this.entries;
  }

  #arrival(deadline: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = () => resolve();
    this.#arrivals.addEventListener("arrival", done, { once: true, signal: deadline });
    deadline.addEventListener("abort", done, { once: true });
    return promise;
  }

  #missing(count: number): AssertionError {
    return new AssertionError(`Expected ${count} entries, got: ${this.entries.join(", ")}`);
  }
}
