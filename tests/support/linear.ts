import process from "node:process";
import { assert } from "@std/assert";

/**
 * How far from linear a run may look on a busy machine: ten times the work, sixty times the time. What
 * is quadratic takes a hundred times as long; texts from about 64 KiB on take V8's regular expressions
 * some four times as long for each character as shorter ones.
 */
const TOLERATED_RATIO = 60;
/** A machine that is busy for a second spoils several comparisons in a row. */
const ATTEMPTS = 10;

/**
 * Fails when ten times the input takes far more than ten times the time.
 *
 * The best of several runs is compared, by CPU time, and the comparison is repeated before it counts,
 * so that a busy machine does not fail a test. What takes under four milliseconds passes: no
 * quadratic algorithm is that quick on the inputs used here.
 *
 * @param run The work, for an input of size `n`.
 * @param options The smaller size.
 */
export function assertLinear(run: (n: number) => unknown, options: { n: number }): void {
  const { n } = options;
  let ratio = Infinity;
  for (let attempt = 0; attempt < ATTEMPTS && ratio > TOLERATED_RATIO; attempt++) {
    const small = bestOf(5, () => run(n));
    const large = bestOf(5, () => run(10 * n));
    if (large < 4) return;
    ratio = large / Math.max(small, 0.01);
  }
  assert(ratio <= TOLERATED_RATIO, `10 times the input took ${ratio.toFixed(0)} times as long`);
}

function bestOf(times: number, work: () => unknown): number {
  let best = Infinity;
  for (let i = 0; i < times; i++) {
    const start = cpuTime();
    work();
    best = Math.min(best, cpuTime() - start);
  }
  return best;
}

/** The best of several timings of an asynchronous function, in milliseconds of CPU time. */
export async function bestTime(rounds: number, work: () => Promise<void>): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const start = cpuTime();
    await work();
    best = Math.min(best, cpuTime() - start);
  }
  return best;
}

/** Milliseconds that the process has run: not those that others ran meanwhile. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
