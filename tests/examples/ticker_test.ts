import { assertEquals } from "@std/assert";
import { startTicker } from "../../examples/ticker.ts";
import { fakeClock } from "../support/fake_clock.ts";

Deno.test("ticker ticks on its grid until it is stopped", async () => {
  using clock = fakeClock();
  const lines: string[] = [];
  {
    using _ticker = startTicker((line) => lines.push(line), 1_000);
    await clock.tick(3_500);
  }
  await clock.tick(5_000);
  assertEquals(lines, ["Tick 1 after 1000 ms", "Tick 2 after 2000 ms", "Tick 3 after 3000 ms"]);
});
