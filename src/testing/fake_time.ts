/** Time that a test moves. */
import FakeTimers from "@sinonjs/fake-timers";
import { checkOptions, type OptionType } from "../checks/option_check.ts";
import { checkDuration } from "../checks/number_check.ts";
import { nextIteration } from "../concurrent/loop/next_iteration.ts";

/**
 * Options of {@linkcode fakeTime}.
 *
 * @category Testing
 */
export interface FakeTimeOptions {
  /** What `Date.now()` says at first: a `Date`, or milliseconds since the epoch. Default: the time it is. */
  readonly now?: Date | number;
}

const NOW: OptionType = {
  name: "a Date, or a number of milliseconds since the epoch",
  test: (value) => (typeof value === "number" || value instanceof Date) && !isNaN(Number(value)),
};
/** What is replaced. The loop itself goes on, and with it what needs no time: sockets, files, promises. */
const FAKED = [
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "Date",
  "performance",
] as const;
/** Turns of the loop in which what was set off can come to its end. */
const TURNS = 8;
/** Milliseconds of a step of {@linkcode passing}. */
const STEP = 5;

type Clock = ReturnType<typeof FakeTimers.install>;

let current: Clock | undefined;

/**
 * Time that stands still unless a test moves it.
 *
 * @category Testing
 */
export interface FakeTime extends Disposable {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How many timers are pending. */
  readonly pending: number;

  /**
   * Lets milliseconds pass. Timers fire in their order, each at its time, and what they set off runs
   * before the next one fires.
   *
   * @throws {TypeError | RangeError} If it is no number of milliseconds.
   */
  tick(ms: number): Promise<void>;

  /**
   * Lets milliseconds pass in which nothing can run, as when something blocks the loop: a timer that is
   * due more than once fires once.
   *
   * @throws {TypeError | RangeError} If it is no number of milliseconds.
   */
  block(ms: number): void;

  /** Gives time back. Timers that are pending never fire. */
  [Symbol.dispose](): void;
}

/**
 * Replaces time until the end of the block: `Date`, `performance.now()`, `setTimeout` and
 * `setInterval`, and so `PeriodicCallback`, `IOLoop.callLater`, `gen.sleep` and every timeout of the
 * house. Requests and WebSockets of a test go on meanwhile, since they need no time.
 *
 * @throws {TypeError} If an option is unknown or ill-typed.
 * @throws {Error} If time is faked already.
 *
 * @example
 * ```ts
 * import { PeriodicCallback } from "@gustnado/gustnado";
 * import { fakeTime } from "@gustnado/gustnado/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using time = fakeTime({ now: new Date("2026-11-29T12:00:00Z") });
 * const heard: string[] = [];
 * using ticker = new PeriodicCallback(() => void heard.push(new Date().toISOString()), 60_000);
 * ticker.start();
 * await time.tick(120_000);
 * assertEquals(heard, ["2026-11-29T12:01:00.000Z", "2026-11-29T12:02:00.000Z"]);
 * ```
 *
 * @category Testing
 */
export function fakeTime(options: FakeTimeOptions = {}): FakeTime {
  checkOptions(options, { now: NOW });
  if (current !== undefined) throw new Error("Cannot fake time twice: it is faked already");
  current = FakeTimers.install({ now: options.now ?? Date.now(), toFake: [...FAKED] });
  return new InstalledTime(current);
}

/** Waits for a promise; where time stands still, it passes meanwhile. */
export async function passing<T>(promise: Promise<T>): Promise<T> {
  let isPending = true;
  const settled = promise.finally(() => isPending = false);
  settled.catch(() => {});
  while (current !== undefined && isPending) await current.tickAsync(STEP);
  return await settled;
}

/** What every {@linkcode FakeTime} is in truth. */
class InstalledTime implements FakeTime {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get now(): number {
    return this.#clock.now;
  }

  get pending(): number {
    return this.#clock.countTimers();
  }

  async tick(ms: number): Promise<void> {
    checkDuration("ms", ms);
    await this.#clock.tickAsync(ms);
    for (let turn = 0; turn < TURNS; turn++) await new Promise<void>(nextIteration);
  }

  block(ms: number): void {
    checkDuration("ms", ms);
    this.#clock.jump(ms);
  }

  [Symbol.dispose](): void {
    if (current !== this.#clock) return;
    current = undefined;
    this.#clock.uninstall();
  }
}
