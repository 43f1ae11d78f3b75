import { checkWaitOptions, type WaitOptions } from "../waiting/wait_options.ts";
import { WaiterQueue } from "../waiting/waiter_queue.ts";

/**
 * A flag that callers can wait for (`tornado.locks.Event`). Everyone who waits is woken by `set`,
 * also when `clear` follows at once; while it is set nobody waits.
 *
 * @example
 * ```ts
 * import { locks } from "@gustnado/gustnado";
 * import { assert } from "@std/assert";
 *
 * const ready = new locks.Event();
 * setTimeout(() => ready.set(), 1);
 * await ready.wait({ timeout: 1_000 });
 * assert(ready.isSet());
 * ```
 *
 * @category Locks and queues
 */
export class Event {
  readonly #waiters: WaiterQueue<void> = new WaiterQueue("wait for the event");
  #set = false;

  /** Whether the flag is up. */
  isSet(): boolean {
    return this.#set;
  }

  /** Raises the flag and wakes everyone who waits. */
  set(): void {
    this.#set = true;
    this.#waiters.resolveAll();
  }

  /** Lowers the flag: from now on `wait` waits again. */
  clear(): void {
    this.#set = false;
  }

  /**
   * Waits until the flag is up.
   *
   * @param options How long to wait.
   * @throws {TimeoutError} If the timeout passed first.
   */
  async wait(options: WaitOptions = {}): Promise<void> {
    checkWaitOptions(options);
    if (!this.#set) await this.#waiters.wait(options, undefined);
  }

  /** The state for a log or a debugger: `<Event set>`, `<Event clear waiters[2]>`. */
  toString(): string {
    const waiters = this.#waiters.size === 0 ? "" : ` waiters[${this.#waiters.size}]`;
    return `<Event ${this.#set ? "set" : "clear"}${waiters}>`;
  }
}
