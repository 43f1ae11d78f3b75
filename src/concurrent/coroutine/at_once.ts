import { isPromiseLike } from "./promise_like.ts";

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
