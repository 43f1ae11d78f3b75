import { checkDuration } from "./duration.ts";

/** How long a caller is willing to wait. */
export interface WaitOptions {
  /**
   * Milliseconds until the wait fails with a `TimeoutError`. `0` never waits: what cannot be had at
   * once is a `TimeoutError`. Default: for ever.
   */
  readonly timeout?: number | undefined;
  /** Ends the wait: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Checks the options of a wait before anything is done.
 *
 * @throws {TypeError | RangeError} If the timeout is not a number of milliseconds.
 * @throws The signal's reason, if it has already aborted.
 */
export function checkWaitOptions(options: WaitOptions): void {
  if (options.timeout !== undefined) checkDuration("timeout", options.timeout);
  options.signal?.throwIfAborted();
}
