/**
 * Whether a value has a `then` to wait for. Not only promises have: builders of database queries, for
 * one, are awaited as they are.
 */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (typeof value === "object" || typeof value === "function") && value !== null &&
    "then" in value && typeof value.then === "function";
}
