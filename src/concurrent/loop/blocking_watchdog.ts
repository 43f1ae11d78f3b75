import { generalLog } from "../../log.ts";
import { Timer } from "./timer.ts";

/**
 * What a {@linkcode BlockingWatchdog} has seen so far.
 *
 * @category Event loop
 */
export interface BlockingMetrics {
  /** How many times the loop was blocked for longer than the threshold. */
  readonly count: number;
  /** For how long in all, in milliseconds. */
  readonly totalMs: number;
  /** The longest time, in milliseconds. */
  readonly longestMs: number;
  /** What ran during the longest, or `null` if nobody said. */
  readonly longestActivity: string | null;
}

interface Activity {
  readonly name: string;
  readonly start: number;
}

/** How many times per threshold the watchdog looks. */
const BEATS_PER_THRESHOLD = 4;

/**
 * Notices when something keeps the event loop from turning.
 *
 * A timer beats; a beat that comes late by more than the threshold means that something ran all
 * that time. A block shorter than the threshold and a quarter can slip through between two beats.
 */
export class BlockingWatchdog {
  readonly #threshold: number;
  readonly #interval: number;
  #timer: Timer | undefined;
  #expected = 0;
  #current: Activity | undefined;
  #longest: { readonly name: string; readonly ms: number } | undefined;
  #metrics: BlockingMetrics = { count: 0, totalMs: 0, longestMs: 0, longestActivity: null };

  /**
   * Makes a watchdog that is not running.
   *
   * @param threshold Milliseconds.
   */
  constructor(threshold: number) {
    this.#threshold = threshold;
    this.#interval = threshold / BEATS_PER_THRESHOLD;
  }

  /** What was seen since the watchdog was made. */
  get metrics(): BlockingMetrics {
    return this.#metrics;
  }

  /** Starts to watch. It does not keep the process alive. */
  start(): void {
    this.#expected = performance.now() + this.#interval;
    this.#timer = new Timer(this.#interval, () => this.#beat(), { unref: true });
  }

  /** Stops to watch. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Says what begins to run now, so that a block can be blamed on it. */
  note(name: string): void {
    this.#endCurrent();
    this.#current = { name, start: performance.now() };
  }

  #beat(): void {
    this.#endCurrent();
    const late = performance.now() - this.#expected;
    if (late > this.#threshold) this.#report(late);
    this.#longest = undefined;
    this.start();
  }

  #endCurrent(): void {
    if (this.#current === undefined) return;
    const { name, start } = this.#current;
    const ms = performance.now() - start;
    if (ms > (this.#longest?.ms ?? 0)) this.#longest = { name, ms };
    this.#current = undefined;
  }

  #report(late: number): void {
    const ms = Math.round(late);
    // What took less than half of the time was not what blocked.
    const culprit = this.#longest !== undefined && this.#longest.ms > late / 2
      ? this.#longest.name
      : null;
    const { count, totalMs, longestMs, longestActivity } = this.#metrics;
    this.#metrics = {
      count: count + 1,
      totalMs: totalMs + ms,
      longestMs: Math.max(longestMs, ms),
      longestActivity: ms > longestMs ? culprit : longestActivity,
    };
    generalLog()?.warn("The event loop was blocked for {ms} ms by {activity}", {
      ms,
      activity: culprit ?? "unknown code",
    });
  }
}
