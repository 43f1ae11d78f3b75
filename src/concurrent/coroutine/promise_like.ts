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
