/** What Workers hand to an application beside the request. */

/**
 * The context of an event of Workers: how long the runtime keeps the worker for it.
 *
 * @category Servers and runtimes
 */
export interface WorkerContext {
  /** Keeps the worker until a promise settles, though the response has left; for 30 seconds at most. */
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * An event of a cron trigger.
 *
 * @category Servers and runtimes
 */
export interface ScheduledEvent {
  /** When it was to come: milliseconds since the epoch. */
  readonly scheduledTime: number;
  /** The line of the trigger, such as `"* * * * *"`. */
  readonly cron: string;
}
