/**
 * Refuses a limit that would be none: nothing is more than `NaN`.
 *
 * @param name The option that gave it, for the error.
 * @param limit The limit; `Infinity` is one.
 * @throws {TypeError} If it is not a number from 0.
 */
export function checkLimit(name: string, limit: number): void {
  if (typeof limit === "number" && limit >= 0) return;
  throw new TypeError(`Cannot use ${limit} as the option "${name}": expected a number from 0`);
}
