import { BOOLEAN, checkOptions, FUNCTION, type OptionTypes } from "../../checks/option_check.ts";
import { generalLog } from "../../log.ts";
import { noMilliseconds } from "../../checks/number_check.ts";
import { callGuarded, checkCallback, nameOf } from "./guarded_call.ts";
import { type DueCallback, dueCallbacks } from "./due_callbacks.ts";
import { hasLastingTimers } from "../../platform/timer.ts";
import { IOLoop } from "./io_loop.ts";
import { Timer } from "./timer.ts";

/**
 * How a {@linkcode PeriodicCallback} ticks.
 *
 * @category Event loop
 */
export interface PeriodicCallbackOptions {
  /**
   * How much the period varies, as a part of it: with 0.1 each period is up to 5 % shorter or longer,
   * so that many processes do not do the same thing at the same moment. Default: 0.
   */
  readonly jitter?: number | undefined;
  /** Let the process end although this is running. Default: `false`. */
  readonly unref?: boolean | undefined;
  /** The source of the jitter, from 0 to 1. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** Of what type each option is; the range of the jitter is checked with words of its own. */
const PERIODIC_OPTIONS: OptionTypes = {
  jitter: { name: "a number from 0 to 1", test: (value) => typeof value === "number" },
  unref: BOOLEAN,
  random: FUNCTION,
};

/** Skipped ticks are reported at most this often, in milliseconds. */
const SKIP_REPORT_INTERVAL = 10_000;

/**
 * Calls a function again and again (`tornado.ioloop.PeriodicCallback`).
 *
 * The times are a fixed grid on the monotonic clock, so nothing drifts. Calls never overlap: while a
 * returned promise is pending, or the loop is busy, the ticks that pass are skipped and counted. An
 * error in a call is logged, and the next call comes all the same.
 *
 * @example
 * ```ts
 * import { PeriodicCallback, sleep } from "@gustnado/gustnado";
 * import { assert } from "@std/assert";
 *
 * let ticks = 0;
 * {
 *   using ticker = new PeriodicCallback(() => ticks++, 5);
 *   ticker.start();
 *   await sleep(30);
 * }
 * assert(ticks > 0);
 * ```
 *
 * @category Event loop
 */
export class PeriodicCallback implements Disposable {
  readonly #callback: () => unknown;
  readonly #period: number;
  readonly #jitter: number;
  readonly #unref: boolean;
  readonly #random: () => number;
  /** What a cron trigger sees of it. */
  readonly #due: DueCallback = { runIfDue: (time) => this.#runIfDue(time) };
  #timer: Timer | undefined;
  #running = false;
  #busy = false;
  #planned = 0;
  /** The number of the period in which a cron trigger ran it last. */
  #lastPeriod = -Infinity;
  #skipped = 0;
  #reportedSkips = 0;
  #nextSkipReport = -Infinity;

  /**
   * Makes a periodic callback that is not running.
   *
   * @param callback What to call. If it returns a promise, the next call waits for it.
   * @param period Milliseconds from one call to the next, above 0.
   * @param options How it ticks.
   * @throws {TypeError} If the callback is no function, the period no number, or an option unknown.
   * @throws {RangeError} If the period is not above 0 and finite, or the jitter not from 0 to 1.
   */
  constructor(callback: () => unknown, period: number, options: PeriodicCallbackOptions = {}) {
    checkCallback(callback, "call periodically");
    checkPeriod(period);
    checkOptions(options, PERIODIC_OPTIONS);
    const { jitter = 0, unref = false, random = Math.random } = options;
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new RangeError(`Cannot use jitter ${jitter}: it must be from 0 to 1`);
    }
    this.#callback = callback;
    this.#period = period;
    this.#jitter = jitter;
    this.#unref = unref;
    this.#random = random;
  }

  /** How many ticks were skipped because a call, or the loop, was still busy. */
  get skippedTicks(): number {
    return this.#skipped;
  }

  /** Starts: the first call comes after one period. Does nothing while it is running. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    if (!hasLastingTimers()) return void dueCallbacks.add(this.#due);
    this.#planned = performance.now();
    // A call from before a stop may still be pending; it goes on with this grid when it ends.
    if (!this.#busy) this.#continue();
  }

  /** Stops: no call begins any more. A call whose promise is pending goes on. */
  stop(): void {
    this.#running = false;
    dueCallbacks.delete(this.#due);
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Whether it was started and not stopped. */
  isRunning(): boolean {
    return this.#running;
  }

  /** The same as {@linkcode stop}. */
  [Symbol.dispose](): void {
    this.stop();
  }

  /**
   * Runs it, if it is due: where nothing but a cron trigger tells the time.
   *
   * @param time Milliseconds since the epoch. The periods are counted from there, too, so that all workers
   *   have the same.
   * @returns A promise that never rejects, if there is something to wait for.
   */
  #runIfDue(time: number): Promise<void> | undefined {
    const period = Math.floor(time / this.#period);
    if (this.#busy || period <= this.#lastPeriod) return undefined;
    this.#lastPeriod = period;
    const pending = callGuarded(this.#callback, nameOf(this.#callback));
    this.#busy = pending !== undefined;
    return pending?.then(() => void (this.#busy = false));
  }

  #arm(): void {
    const delay = Math.max(0, this.#planned - performance.now());
    this.#timer = new Timer(delay, () => this.#tick(), { unref: this.#unref });
  }

  #tick(): void {
    const name = nameOf(this.#callback);
    IOLoop.current().noteActivity(name);
    const pending = callGuarded(this.#callback, name);
    if (pending === undefined) return this.#continue();
    this.#busy = true;
    pending.then(() => {
      this.#busy = false;
      this.#continue();
    });
  }

  #continue(): void {
    if (!this.#running) return;
    this.#advance();
    this.#arm();
  }

  /** Plans the next tick of the grid that is not past. */
  #advance(): void {
    const now = performance.now();
    const period = this.#nextPeriod();
    // A timer can fire a little early; the tick that it stood for must not come twice.
    const passed = Math.max(0, Math.floor((now - this.#planned) / period));
    this.#planned += (passed + 1) * period;
    this.#skip(passed, now);
  }

  #nextPeriod(): number {
    if (this.#jitter === 0) return this.#period;
    return this.#period * (1 + this.#jitter * (this.#draw() - 0.5));
  }

  /** A number from the source of the jitter, whose failure must not end the ticking. */
  #draw(): number {
    let drawn: unknown;
    callGuarded(() => drawn = this.#random(), "random");
    if (typeof drawn === "number" && drawn >= 0 && drawn <= 1) return drawn;
    generalLog()?.warn("PeriodicCallback {name} has no jitter: random() gave {drawn}", {
      name: nameOf(this.#callback),
      drawn,
    });
    return 0.5;
  }

  #skip(ticks: number, now: number): void {
    this.#skipped += ticks;
    if (this.#skipped === this.#reportedSkips || now < this.#nextSkipReport) return;
    generalLog()?.warn("PeriodicCallback {name} of {period} ms skipped {ticks} ticks", {
      name: nameOf(this.#callback),
      period: this.#period,
      ticks: this.#skipped - this.#reportedSkips,
    });
    this.#reportedSkips = this.#skipped;
    this.#nextSkipReport = now + SKIP_REPORT_INTERVAL;
  }
}

function checkPeriod(period: number): void {
  if (typeof period !== "number") {
    throw new TypeError(noMilliseconds("period", period));
  }
  if (!(period > 0 && period < Infinity)) {
    throw new RangeError(`Cannot use period ${period}: it must be above 0 milliseconds and finite`);
  }
}
