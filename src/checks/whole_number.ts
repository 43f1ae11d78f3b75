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
