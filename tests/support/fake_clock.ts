import FakeTimers from "@sinonjs/fake-timers";

/** Time that only a test moves: timers, `setImmediate` and `performance.now()`. */
export interface FakeClock extends Disposable {
  /** Lets milliseconds pass, and whatever they set off run. */
  tick(ms: number): Promise<void>;
  /** Lets milliseconds pass in which nothing runs, as when something blocks the loop. */
  block(ms: number): Promise<void>;
  /** How many timers are pending. */
  pending(): number;
}

/** Replaces time until the end of the `using` block. */
export function fakeClock(): FakeClock {
  const clock = FakeTimers.install({
    now: 0,
    toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate", "performance"],
  });
  return {
    async tick(ms) {
      await clock.tickAsync(ms);
      await settle();
    },
    async block(ms) {
      clock.jump(ms);
      await settle();
    },
    pending: () => clock.countTimers(),
    [Symbol.dispose]: () => clock.uninstall(),
  };
}

/** Lets every promise that can settle without time passing do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}
