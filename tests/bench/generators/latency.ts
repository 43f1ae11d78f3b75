/** Latencies, counted in steps of 10 µs up to 10 s. */
export class Latency {
  readonly #counts = new Uint32Array(1_000_000);
  #total = 0;

  /** Counts one, in milliseconds. */
  record(ms: number): void {
    const step = Math.min(this.#counts.length - 1, Math.floor(ms * 100));
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#total++;
  }

  /** The latency that a share of all stays below, in milliseconds. */
  percentile(share: number): number {
    let seen = 0;
    for (let step = 0; step < this.#counts.length; step++) {
      seen += this.#counts[step] ?? 0;
      if (seen > this.#total * share) return step / 100;
    }
    return 0;
  }
}
