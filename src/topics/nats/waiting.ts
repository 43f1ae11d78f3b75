/** Waiting that ends in time. */
import { backoff } from "../backoff.ts";
import { BrokerError } from "../broker/broker_error.ts";

/** Milliseconds of the first and the longest pause between attempts. */
const PAUSES = { min: 100, max: 2_000 };

/**
 * Waits before another attempt: 100 ms, then twice as long each time, up to 2 s; by chance up to half of it
 * less, so that processes that lost one server do not come back together.
 *
 * @param attempt How many there were before.
 * @param signal Ends the pause early.
 */
export function pause(attempt: number, signal: AbortSignal): Promise<void> {
  return wait(backoff(attempt, PAUSES), signal);
}

/**
 * Waits.
 *
 * @param signal Ends it early.
 */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  const timer = setTimeout(end, ms);
  signal.addEventListener("abort", end);
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  });
}

/**
 * What a promise gives, if it does so in time.
 *
 * @param reason Gives what the error says otherwise.
 * @throws {BrokerError} If it does not.
 */
export async function inTime<T>(
  promise: Promise<T>,
  ms: number,
  reason: () => string,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new BrokerError(reason())), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
