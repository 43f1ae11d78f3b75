/**
 * A clock that ticks: `PeriodicCallback`, and the loop that runs until someone stops it.
 *
 * `deno run examples/ticker.ts`, and Ctrl-C to end it.
 */
import { IOLoop, PeriodicCallback } from "@gustnado/gustnado";

/** Prints the number of each tick and how far it is from the first, to the millisecond. */
export function startTicker(print: (line: string) => void, period: number): PeriodicCallback {
  const start = performance.now();
  let ticks = 0;
  const ticker = new PeriodicCallback(() => {
    ticks++;
    print(`Tick ${ticks} after ${Math.round(performance.now() - start)} ms`);
  }, period);
  ticker.start();
  return ticker;
}

if (import.meta.main) {
  const loop = IOLoop.current();
  using _ticker = startTicker(console.log, 1_000);
  Deno.addSignalListener("SIGINT", () => loop.stop());
  await loop.start();
  Deno.exit();
}
