import { checkOptions, type OptionTypes, SIGNAL, SIZE } from "../../checks/option_check.ts";
import { checkDuration } from "../../checks/number_check.ts";

/**
 * How long a caller is willing to wait.
 *
 * @category Event loop
 */
export interface WaitOptions {
  /**
   * Milliseconds until the wait fails with a `TimeoutError`. `0` never waits: what cannot be had at
   * once is a `TimeoutError`. Default: for ever.
   */
  readonly timeout?: number | undefined;
  /** Ends the wait: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What may stand in {@linkcode WaitOptions}. */
export const WAIT_OPTIONS: OptionTypes = { timeout: SIZE, signal: SIGNAL };

/**
 * Checks the options of a wait before anything is done.
 *
 * @param options What a caller gave.
 * @param types What may stand in them. Default: that of a `WaitOptions`.
 * @throws {TypeError | RangeError} If the timeout is not a number of milliseconds.
 * @throws {TypeError} If an option is unknown or ill-typed.
 * @throws The signal's reason, if it has already aborted.
 */
export function checkWaitOptions(options: WaitOptions, types: OptionTypes = WAIT_OPTIONS): void {
  // Its own words for the timeout, and first: they tell a wrong type from a wrong range.
  if (options?.timeout !== undefined) checkDuration("timeout", options.timeout);
  checkOptions(options, types);
  options.signal?.throwIfAborted();
}
