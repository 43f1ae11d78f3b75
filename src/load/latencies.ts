/** How long things took, in a space that does not grow with how many there were. */

/** Each bucket is so much wider than the one before: percentiles are exact to a percent. */
const STEP = Math.log(1.01);
/** The end of the first bucket, in milliseconds. */
const FINEST = 0.01;

/**
 * What is known of some durations, in milliseconds; `null` where there were none.
 *
 * @category WebSockets and event streams
 */
export interface LatencySummary {
  /** How many there were. */
  readonly count: number;
  /** Half of them took no longer. */
  readonly p50: number | null;
  /** Nine of ten took no longer. */
  readonly p90: number | null;
  /** 99 of 100 took no longer. */
  readonly p99: number | null;
  /** The longest. */
  readonly max: number | null;
}

/** Counts durations. */
export class Latencies {
  readonly #buckets = new Map<number, number>();
  #count = 0;
  #max = 0;

  /** Counts one. */
  add(ms: number): void {
    const bucket = Math.max(0, Math.ceil(Math.log(ms / FINEST) / STEP));
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count++;
    this.#max = Math.max(this.#max, ms);
  }

  /** What there was so far. */
  summary(): LatencySummary {
    const buckets = [...this.#buckets].sort(([a], [b]) => a - b);
    const at = (share: number) => this.#quantile(buckets, share * this.#count);
    const max = this.#count === 0 ? null : rounded(this.#max);
    return { count: this.#count, p50: at(0.5), p90: at(0.9), p99: at(0.99), max };
  }

  #quantile(buckets: readonly [number, number][], rank: number): number | null {
    let counted = 0;
    for (const [bucket, count] of buckets) {
      counted += count;
      if (counted >= rank) return rounded(Math.min(this.#max, FINEST * Math.exp(bucket * STEP)));
    }
    return null;
  }
}

/** To a hundredth: the clock is no better. */
function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
