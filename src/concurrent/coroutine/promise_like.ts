import { LONGEST_DELAY } from "../../platform/timer.ts";

/**
 * Whether a value has a `then` to wait for. Not only promises have: builders of database queries, for
 * one, are awaited as they are.
 */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (typeof value === "object" || typeof value === "function") && value !== null &&
    "then" in value && typeof value.then === "function";
}

/**
 * Goes on with a value: at once, or when its promise settles. What never waits stays in the same turn
 * of the loop.
 *
 * @param value What a step gave.
 * @param next The step after it.
 */
export function whenSettled<T, R>(
  value: T | PromiseLike<T>,
  next: (value: T) => R | PromiseLike<R>,
): R | PromiseLike<R> {
  return isPromiseLike(value) ? Promise.resolve(value as PromiseLike<T>).then(next) : next(value);
}

/**
 * Looks at what a hook of an application's returned that nobody waits for: if it is a promise, its
 * rejection is reported, for in this runtime it would end the process.
 *
 * @param result What the hook returned.
 * @param report Receives the error. It must not throw.
 */
export function reportRejection(result: unknown, report: (error: unknown) => void): void {
  // The microtask keeps a `then` that throws inside the promise.
  if (isPromiseLike(result)) Promise.resolve(result).then(undefined, report);
}

/**
 * What a hook gave whose result is needed at once: a promise is of no use there, and would be taken
 * for the value.
 *
 * @param value What the hook returned.
 * @param hook Its name, for the message.
 * @param wayOut What to do instead, for the message.
 * @throws {TypeError} If it is a promise.
 */
export function atOnce<T>(value: T, hook: string, wayOut: string): T {
  if (!isPromiseLike(value)) return value;
  // It may fail as well, and nobody else looks at it. What is no promise yet is not started by this.
  if (value instanceof Promise) value.catch(() => {});
  throw new TypeError(`Cannot use a promise as the result of ${hook}: ${wayOut}`);
}

/**
 * Waits for a promise, but not for ever.
 *
 * @param promise What is waited for; it makes no difference whether it is kept or broken.
 * @param ms The most to wait, in milliseconds; more than 24 days count as so many.
 * @returns Whether it settled in time.
 */
export async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), Math.min(ms, LONGEST_DELAY));
  const settled = promise.then(() => true, () => true);
  try {
    return await Promise.race([settled, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
