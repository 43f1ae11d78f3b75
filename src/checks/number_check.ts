/** Checks of the numbers that a caller gives: counts and durations. */
import { shown } from "./shown.ts";

/** Which whole numbers {@linkcode checkWholeNumber} takes. */
export interface WholeNumberRange {
  /** The smallest. Default: 0. */
  readonly least?: number;
  /** The largest. `Infinity` lets `Infinity` itself pass. Default: any finite one. */
  readonly most?: number;
}

/**
 * Checks a count that a caller gave.
 *
 * @param attempt What it was given for, up to the value: `Cannot make a pool of size`.
 * @param value The count.
 * @param range Which counts make sense.
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is not a whole number of the range.
 */
export function checkWholeNumber(
  attempt: string,
  value: number,
  range: WholeNumberRange = {},
): void {
  const { least = 0, most = Number.MAX_VALUE } = range;
  if (typeof value !== "number") {
    throw new TypeError(`${attempt} ${shown(value)}: it must be a number, not ${typeof value}`);
  }
  const isWhole = Number.isInteger(value) || value === Infinity;
  if (isWhole && value >= least && value <= most) return;
  throw new RangeError(`${attempt} ${value}: it must be a whole number, ${describe(least, most)}`);
}

function describe(least: number, most: number): string {
  if (most === Infinity) return `${least} or more, or Infinity`;
  return most === Number.MAX_VALUE ? `${least} or more` : `from ${least} to ${most}`;
}

/** How many milliseconds the units have that people write behind a number. */
const UNITS: Readonly<Record<string, number>> = { "": 1, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

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
  if (typeof ms !== "number") throw new TypeError(noMilliseconds(name, ms));
  if (!(ms >= 0)) {
    throw new RangeError(`Cannot use ${name} ${ms}: it must be 0 milliseconds or more`);
  }
}

/**
 * What to say of a duration that is not a number: with the number that was meant, if that is clear.
 *
 * @param name What the duration is: `period`.
 * @param value What was given.
 */
export function noMilliseconds(name: string, value: unknown): string {
  return `Cannot use ${name} ${shown(value)}: it must be a number of milliseconds, ` +
    `not ${typeof value}${suggestion(value)}`;
}

function suggestion(value: unknown): string {
  if (typeof value !== "string") return "";
  const [, digits, unit = ""] = /^(\d{1,12}(?:\.\d{1,6})?) ?(ms|s|m|h|)$/.exec(value) ?? [];
  const factor = UNITS[unit];
  return digits === undefined || factor === undefined ? "" : `; write ${Number(digits) * factor}`;
}
