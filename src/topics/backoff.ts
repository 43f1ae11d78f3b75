/** The first and the longest pause, in milliseconds. */
export interface BackoffRange {
  readonly min: number;
  readonly max: number;
}

/** Where nothing else is said. */
const RANGE: BackoffRange = { min: 50, max: 5_000 };
/** More than that would be too large a number. */
const MOST_DOUBLINGS = 20;

/**
 * How long to wait before something is tried again: twice as long each time, up to the longest pause, and
 * by chance up to half of it less, so that processes that failed together do not come back together.
 *
 * @param attempt How often it has failed, from 0.
 * @param range Default from 50 ms to 5 s.
 * @returns Milliseconds.
 */
export function backoff(attempt: number, { min, max }: BackoffRange = RANGE): number {
  const longest = Math.min(max, min * 2 ** Math.min(attempt, MOST_DOUBLINGS));
  return longest * (1 - Math.random() / 2);
}
