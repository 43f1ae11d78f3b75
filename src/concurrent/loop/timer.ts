import { BOOLEAN, checkOptions } from "../../checks/option_check.ts";
import { checkDuration } from "../../checks/number_check.ts";
import { LONGEST_DELAY } from "../../platform/timer.ts";
import { callGuarded, checkCallback, nameOf } from "./guarded_call.ts";

/**
 * How a {@linkcode Timer} behaves.
 *
 * @category Event loop
 */
export interface TimerOptions {
  /** Let the process end although the timer has not fired. Default: `false`. */
  readonly unref?: boolean | undefined;
}

/**
 * A one-shot timer of any length, `Infinity` included. It is cancelled by `cancel` or `using`.
 *
 * @example
 * ```ts
 * import { Timer } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const { promise, resolve } = Promise.withResolvers<string>();
 * // Cancelled at the end of the block, before it says anything.
 * using _reminder = new Timer(60_000, () => console.warn("Still busy"));
 * using _timer = new Timer(1, () => resolve("done"));
 * assertEquals(await promise, "done");
 * ```
 *
 * @category Event loop
 */
export class Timer implements Disposable {
  readonly #callback: () => unknown;
  readonly #unref: boolean;
  #remaining: number;
  #handle: ReturnType<typeof setTimeout> | undefined;

  /**
   * Starts the timer.
   *
   * @param delay Milliseconds until the callback runs.
   * @param callback Called once, unless the timer is cancelled first. An error in it is logged.
   * @param options Whether the process may end before.
   * @throws {TypeError | RangeError} If the delay is not a number of milliseconds.
   * @throws {TypeError} If the callback is not a function, or an option is unknown.
   */
  constructor(delay: number, callback: () => unknown, options: TimerOptions = {}) {
    checkDuration("delay", delay);
    checkCallback(callback, "start a timer");
    checkOptions(options, { unref: BOOLEAN });
    this.#callback = callback;
    this.#remaining = delay;
    this.#unref = options.unref ?? false;
    this.#arm();
  }

  /** Keeps the callback from running; does nothing once it has run. */
  cancel(): void {
    clearTimeout(this.#handle);
    this.#handle = undefined;
  }

  /** The same as {@linkcode cancel}. */
  [Symbol.dispose](): void {
    this.cancel();
  }

  #arm(): void {
    const delay = Math.min(this.#remaining, LONGEST_DELAY);
    this.#remaining -= delay;
    this.#handle = setTimeout(() => this.#elapse(), delay);
    if (this.#unref) unref(this.#handle);
  }

  #elapse(): void {
    if (this.#remaining > 0) return this.#arm();
    this.#handle = undefined;
    callGuarded(this.#callback, nameOf(this.#callback));
  }
}

/** Releases the process from a timer, where the runtime's timers are objects that can. */
function unref(handle: unknown): void {
  if (typeof handle !== "object" || handle === null || !("unref" in handle)) return;
  if (typeof handle.unref === "function") handle.unref();
}
