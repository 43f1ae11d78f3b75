/** Numbers of several rounds, as one. */

/** The middle of several values, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The spread of values, of which there must be one at least. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? NaN;
  const middle = sorted.length / 2;
  const median = sorted.length % 2 === 1
    ? at(Math.floor(middle))
    : (at(middle - 1) + at(middle)) / 2;
  return { median, min: at(0), max: at(sorted.length - 1) };
}

/**
 * The spread of the ratios of two contenders, round by round: both were measured within the same few
 * seconds, so that what else the machine did weighs on both.
 */
export function ratios(ours: readonly number[], theirs: readonly number[]): Spread {
  const rounds = Math.min(ours.length, theirs.length);
  return spread(Array.from({ length: rounds }, (_, i) => (ours[i] ?? NaN) / (theirs[i] ?? NaN)));
}
