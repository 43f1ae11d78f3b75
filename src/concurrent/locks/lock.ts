import { Release } from "../waiting/release.ts";
import { checkWaitOptions, type WaitOptions } from "../waiting/wait_options.ts";
import { WaiterQueue } from "../waiting/waiter_queue.ts";

/**
 * A mutual exclusion lock for code that awaits (`tornado.locks.Lock`): one holder at a time, the
 * others in the order they came. It is not re-entrant.
 *
 * @example
 * ```ts
 * import { Lock } from "@gustnado/gustnado";
 *
 * const lock = new Lock();
 * {
 *   using _held = await lock.acquire();
 *   // Nobody else is here, whatever is awaited.
 * }
 * ```
 *
 * @category Locks and queues
 */
export class Lock {
  readonly #waiters: WaiterQueue<Release> = new WaiterQueue("acquire the lock");
  #locked = false;

  /**
   * Takes the lock, waiting for it if need be.
   *
   * @param options How long to wait.
   * @returns What releases the lock again when a `using` block ends; `release()` does so too.
   * @throws {TimeoutError} If the timeout passed first.
   */
  async acquire(options: WaitOptions = {}): Promise<Disposable> {
    checkWaitOptions(options);
    if (this.#locked) return await this.#waiters.wait(options, undefined);
    this.#locked = true;
    return new Release(this);
  }

  /**
   * Hands the lock to the first waiter, or unlocks it.
   *
   * @throws {Error} If it is not locked.
   */
  release(): void {
    if (!this.#locked) throw new Error("Cannot release the lock: it is not locked");
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#locked = false;
    else waiter.resolve(new Release(this));
  }

  /** The state for a log or a debugger: `<Lock [locked,waiters:2]>`. */
  toString(): string {
    const waiters = this.#waiters.size === 0 ? "" : `,waiters:${this.#waiters.size}`;
    return `<Lock [${this.#locked ? "locked" : "unlocked"}${waiters}]>`;
  }
}
