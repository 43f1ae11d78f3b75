/**
 * Checks a duration in milliseconds that a caller gave.
 *
 * Any length works, also beyond the 2^31 ms that one timer of the runtime can count; `Infinity`
 * means for ever.
 *
 * @param name What the duration is, for the error: `timeout`, `delay`.
 * @param ms The duration.
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is negative or `NaN`.
 */
export function checkDuration(name: string, ms: number): void {
  if (typeof ms !== "number") {
    throw new TypeError(
      `Cannot use ${name} ${String(ms)}: it must be a number of milliseconds, not ${typeof ms}`,
    );
  }
  if (!(ms >= 0)) {
    throw new RangeError(`Cannot use ${name} ${ms}: it must be 0 milliseconds or more`);
  }
}
