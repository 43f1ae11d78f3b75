/** Periodic callbacks that no timer runs: where there is none between requests. */

/** One of these. */
export interface DueCallback {
  /**
   * Runs it, if its time has come.
   *
   * @param time Milliseconds since the epoch.
   * @returns A promise that never rejects, if there is something to wait for.
   */
  runIfDue(time: number): Promise<void> | undefined;
}

/** Those that were started and not stopped. */
export const dueCallbacks: Set<DueCallback> = new Set();

/**
 * Runs those whose time has come.
 *
 * @param time Milliseconds since the epoch.
 * @returns Settles when all are done; never rejects.
 */
export async function runDueCallbacks(time: number): Promise<void> {
  await Promise.all([...dueCallbacks].map((callback) => callback.runIfDue(time)));
}
