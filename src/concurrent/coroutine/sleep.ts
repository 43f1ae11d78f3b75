import { checkOptions, SIGNAL } from "../../checks/option_check.ts";
import { onAbort } from "../waiting/abort_listeners.ts";
import { checkDuration } from "../../checks/number_check.ts";
import { Timer } from "../loop/timer.ts";

/**
 * What can end a {@linkcode sleep} early.
 *
 * @category Event loop
 */
export interface SleepOptions {
  /** Ends the sleep: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits for some time (`tornado.gen.sleep`).
 *
 * @param ms Milliseconds; any length.
 * @param options What can end it early.
 * @throws {TypeError | RangeError} If `ms` is not a number of milliseconds, or an option is unknown.
 *
 * @example
 * ```ts
 * import { sleep } from "@gustnado/gustnado";
 *
 * await sleep(5);
 * ```
 *
 * @category Event loop
 */
export async function sleep(ms: number, options: SleepOptions = {}): Promise<void> {
  checkDuration("delay", ms);
  checkOptions(options, { signal: SIGNAL });
  const { signal } = options;
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = new Timer(ms, resolve);
  const stopListening = signal && onAbort(signal, () => {
    timer.cancel();
    reject(signal.reason);
  });
  try {
    await promise;
  } finally {
    stopListening?.();
  }
}
