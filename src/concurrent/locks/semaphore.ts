import { Release } from "../waiting/release.ts";
import { checkWaitOptions, type WaitOptions } from "../waiting/wait_options.ts";
import { WaiterQueue } from "../waiting/waiter_queue.ts";
import { checkWholeNumber } from "../../checks/number_check.ts";

/**
 * Lets a fixed number of callers in at a time (`tornado.locks.Semaphore`). The others wait in the
 * order they came.
 *
 * @example
 * ```ts
 * import { Semaphore } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const seats = new Semaphore(2);
 * async function visit(): Promise<void> {
 *   using _seat = await seats.acquire();
 *   await Promise.resolve();
 * }
 * await Promise.all([visit(), visit(), visit()]);
 * assertEquals(String(seats), "<Semaphore [unlocked,value:2]>");
 * ```
 *
 * @category Locks and queues
 */
export class Semaphore {
  readonly #waiters: WaiterQueue<Release> = new WaiterQueue("acquire the semaphore");
  #value: number;

  /**
   * Makes a semaphore that nobody holds.
   *
   * @param value How many may hold it at once. Default: 1.
   * @throws {TypeError} If it is not a number.
   * @throws {RangeError} If it is not a whole number from 0.
   */
  constructor(value = 1) {
    checkWholeNumber("Cannot make a semaphore of value", value);
    this.#value = value;
  }

  /** How many more may acquire it without waiting. */
  get value(): number {
    return this.#value;
  }

  /**
   * Takes one place, waiting for it if need be.
   *
   * @param options How long to wait.
   * @returns What releases the place again when a `using` block ends; `release()` does so too.
   * @throws {TimeoutError} If the timeout passed first.
   */
  async acquire(options: WaitOptions = {}): Promise<Disposable> {
    checkWaitOptions(options);
    if (this.#value === 0) return await this.#waiters.wait(options, undefined);
    this.#value--;
    return new Release(this);
  }

  /** Gives one place back and lets the first waiter in. */
  release(): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#value++;
    else waiter.resolve(new Release(this));
  }

  /** The state for a log or a debugger: `<Semaphore [locked,waiters:2]>`. */
  toString(): string {
    const state = this.#value === 0 ? "locked" : `unlocked,value:${this.#value}`;
    const waiters = this.#waiters.size === 0 ? "" : `,waiters:${this.#waiters.size}`;
    return `<${this.constructor.name} [${state}${waiters}]>`;
  }
}
