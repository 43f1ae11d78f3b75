/**
 * How far a `PeriodicCallback` of 10 ms is from its grid after a while, idle and under load.
 *
 * `deno run tests/bench/periodic_callback_drift.ts [seconds]`, 60 unless given.
 */
import { PeriodicCallback, sleep } from "@gustnado/gustnado";

const PERIOD = 10;

async function measure(seconds: number, load: number): Promise<void> {
  const start = performance.now();
  let ticks = 0;
  let last = start;
  let latest = 0;
  const ticker = new PeriodicCallback(() => {
    ticks++;
    last = performance.now();
    latest = Math.max(latest, (last - start) % PERIOD);
    const end = last + (ticks % 50 === 0 ? load : 0);
    while (performance.now() < end);
  }, PERIOD);
  ticker.start();
  await sleep(seconds * 1_000);
  ticker.stop();
  const passed = Math.round((last - start) / PERIOD);
  const drift = (last - start) - passed * PERIOD;
  console.log(
    `${seconds} s, ${load} ms of load every 50th tick: ${ticks} ticks, ${ticker.skippedTicks} ` +
      `skipped, ${passed - ticks - ticker.skippedTicks} lost, last tick ${drift.toFixed(2)} ms ` +
      `after its place in the grid`,
  );
}

const seconds = Number(Deno.args[0] ?? 60);
await measure(seconds, 0);
await measure(seconds, 35);
