/** What stands in the place of `unhandled_errors.ts` in the package, for Workers, which tell of no such errors. */
export { BrokenOffError } from "./unhandled_errors.ts";

/** See `unhandled_errors.ts`. */
export function ofRequest<E extends Error>(error: E): E {
  return error;
}

/** See `unhandled_errors.ts`. */
export function logUnhandledErrors(): () => void {
  return () => {};
}
