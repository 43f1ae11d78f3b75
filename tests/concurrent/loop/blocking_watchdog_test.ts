import { assert, assertEquals, assertGreaterOrEqual, assertThrows } from "@std/assert";
import { IOLoop } from "@gustnado/gustnado";
import { fakeClock } from "../../support/fake_clock.ts";
import { captureLogs } from "../../support/log_records.ts";
import { loggedTexts } from "../../support/logged_texts.ts";
import { poll } from "../../support/poll.ts";

const loop = IOLoop.current();

/** Watches until the end of the `using` block. */
function watch(ms: number): Disposable {
  loop.setBlockingLogThreshold(ms);
  return { [Symbol.dispose]: () => loop.setBlockingLogThreshold(null) };
}

Deno.test("watchdog logs what blocked the loop and for how long", async () => {
  using logs = captureLogs();
  using clock = fakeClock();
  using _watch = watch(40);
  await clock.tick(100);
  loop.addCallback(function hog() {});
  await clock.tick(1);
  await clock.block(150);
  assertEquals(loggedTexts(logs), ["warning: The event loop was blocked for 141 ms by hog"]);
  assertEquals(loop.blockingMetrics, {
    count: 1,
    totalMs: 141,
    longestMs: 141,
    longestActivity: "hog",
  });
});

Deno.test("watchdog names what took the time, not what ran last in the same turn", async () => {
  using logs = captureLogs();
  using clock = fakeClock();
  using _watch = watch(40);
  loop.noteActivity("GET /slow");
  // Two jumps of the clock with no turn of the loop in between.
  const end = performance.now() + 120;
  const { now } = performance;
  performance.now = () => end;
  loop.noteActivity("GET /quick");
  performance.now = now;
  await clock.block(120);
  assertEquals(loggedTexts(logs), ["warning: The event loop was blocked for 110 ms by GET /slow"]);
});

Deno.test("watchdog admits that it does not know, and adds up", async () => {
  using logs = captureLogs();
  using clock = fakeClock();
  using _watch = watch(40);
  loop.noteActivity("GET /quick");
  await clock.tick(50);
  await clock.block(210);
  await clock.block(110);
  assertEquals(loggedTexts(logs), [
    "warning: The event loop was blocked for 200 ms by unknown code",
    "warning: The event loop was blocked for 100 ms by unknown code",
  ]);
  assertEquals(loop.blockingMetrics, {
    count: 2,
    totalMs: 300,
    longestMs: 200,
    longestActivity: null,
  });
});

Deno.test("watchdog says nothing while the loop turns, however much runs", async () => {
  using logs = captureLogs();
  using clock = fakeClock();
  using _watch = watch(40);
  for (let turn = 0; turn < 20; turn++) {
    loop.noteActivity("GET /quick");
    await clock.block(30);
  }
  assertEquals(loggedTexts(logs), []);
  assertEquals(loop.blockingMetrics?.count, 0);
});

Deno.test("watchdog in real time notices a callback that blocks", async () => {
  using logs = captureLogs();
  using _watch = watch(300);
  loop.addCallback(function hog() {
    const end = performance.now() + 900;
    while (performance.now() < end);
  });
  assert(await poll(() => loop.blockingMetrics?.count !== 0));
  assertGreaterOrEqual(loop.blockingMetrics?.longestMs ?? 0, 300);
  assert(loggedTexts(logs).length > 0);
});

Deno.test("watchdog that is turned off has no metrics, and refuses a bad threshold", () => {
  assertEquals(loop.blockingMetrics, null);
  for (const ms of [0, -1, NaN]) assertThrows(() => loop.setBlockingLogThreshold(ms), RangeError);
});
