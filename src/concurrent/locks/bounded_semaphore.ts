import { Semaphore } from "./semaphore.ts";

/**
 * A semaphore that notices when it is released more often than it was acquired
 * (`tornado.locks.BoundedSemaphore`), which is nearly always a bug.
 *
 * @example
 * ```ts
 * import { BoundedSemaphore } from "@gustnado/gustnado";
 * import { assertThrows } from "@std/assert";
 *
 * const semaphore = new BoundedSemaphore(1);
 * await semaphore.acquire();
 * semaphore.release();
 * assertThrows(() => semaphore.release(), RangeError);
 * ```
 *
 * @category Locks and queues
 */
export class BoundedSemaphore extends Semaphore {
  readonly #bound: number;

  /**
   * Makes a semaphore that nobody holds.
   *
   * @param value How many may hold it at once. Default: 1.
   * @throws {TypeError} If it is not a number.
   * @throws {RangeError} If it is not a whole number from 0.
   */
  constructor(value = 1) {
    super(value);
    this.#bound = value;
  }

  /**
   * Gives one place back and lets the first waiter in.
   *
   * @throws {RangeError} If nobody holds a place.
   */
  override release(): void {
    if (this.value >= this.#bound) {
      throw new RangeError(
        `Cannot release the semaphore: none of its places (${this.#bound}) is held`,
      );
    }
    super.release();
  }
}
