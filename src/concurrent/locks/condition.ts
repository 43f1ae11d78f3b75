import { shown } from "../../checks/shown.ts";
import { TimeoutError } from "../waiting/timeout_error.ts";
import { checkWaitOptions, type WaitOptions } from "../waiting/wait_options.ts";
import { WaiterQueue } from "../waiting/waiter_queue.ts";

/**
 * Lets any number of callers wait until they are notified (`tornado.locks.Condition`).
 *
 * It needs no lock around it: nothing else runs between a check and the `wait` that follows it.
 * Waiters are woken in the order they came, and never inside `notify` itself.
 *
 * @example
 * ```ts
 * import { Condition } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const condition = new Condition();
 * const waiting = condition.wait();
 * condition.notify();
 * assertEquals(await waiting, true);
 * assertEquals(await condition.wait({ timeout: 5 }), false);
 * ```
 *
 * @category Locks and queues
 */
export class Condition {
  readonly #waiters: WaiterQueue<boolean> = new WaiterQueue("wait for the condition");

  /**
   * Waits for `notify`.
   *
   * @param options How long to wait. A timeout is no error here.
   * @returns `true` when notified, `false` when the timeout passed first.
   */
  async wait(options: WaitOptions = {}): Promise<boolean> {
    checkWaitOptions(options);
    try {
      return await this.#waiters.wait(options, undefined);
    } catch (error) {
      if (error instanceof TimeoutError && error !== options.signal?.reason) return false;
      throw error;
    }
  }

  /**
   * Wakes the callers that have waited longest. Those that timed out do not count.
   *
   * @param count How many to wake. Default: 1.
   * @throws {TypeError} If the count is not a number.
   * @throws {RangeError} If it is neither a whole number from 0 nor `Infinity`.
   */
  notify(count = 1): void {
    checkCount(count);
    for (let woken = 0; woken < count; woken++) {
      const waiter = this.#waiters.shift();
      if (waiter === undefined) return;
      waiter.resolve(true);
    }
  }

  /** Wakes every caller that waits now. */
  notifyAll(): void {
    this.#waiters.resolveAll(true);
  }

  /** The state for a log or a debugger: `<Condition waiters[2]>`. */
  toString(): string {
    return this.#waiters.size === 0 ? "<Condition>" : `<Condition waiters[${this.#waiters.size}]>`;
  }
}

function checkCount(count: number): void {
  if (typeof count !== "number") {
    throw new TypeError(`Cannot notify ${shown(count)} waiters: the count must be a number`);
  }
  if (count === Infinity || Number.isInteger(count) && count >= 0) return;
  throw new RangeError(`Cannot notify ${count} waiters: the count must be a whole number from 0`);
}
