import { assert, assertEquals, assertGreaterOrEqual, assertThrows } from "@std/assert";
import { gen, IOLoop, sleep } from "@gustnado/gustnado";
import { captureLogs } from "../support/log_records.ts";
import { loggedTexts } from "../support/logged_texts.ts";

const loop = IOLoop.current();

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Watches until the end of the `using` block. */
function watch(ms: number): Disposable {
  loop.setBlockingLogThreshold(ms);
  return { [Symbol.dispose]: () => loop.setBlockingLogThreshold(null) };
}

Deno.test("watchdog logs what blocked the loop and for how long", async () => {
  using logs = captureLogs();
  using _watch = watch(40);
  await sleep(20);
  loop.addCallback(function hog() {
    block(150);
  });
  while (logs.all.length === 0) await sleep(5);
  const metrics = loop.blockingMetrics;
  assert(metrics !== null);
  assertEquals([metrics.count, metrics.longestActivity], [1, "hog"]);
  assertGreaterOrEqual(metrics.longestMs, 110);
  assertEquals(metrics.totalMs, metrics.longestMs);
  assertEquals(loggedTexts(logs), [
    `warning: The event loop was blocked for ${metrics.longestMs} ms by hog`,
  ]);
});

Deno.test("watchdog names what was noted, not what merely ran in the same turn", async () => {
  using logs = captureLogs();
  using _watch = watch(40);
  await sleep(20);
  loop.noteActivity("GET /report");
  block(120);
  loop.noteActivity("GET /quick");
  while (logs.all.length === 0) await sleep(5);
  assertEquals(loop.blockingMetrics?.longestActivity, "GET /report");
  assert(loggedTexts(logs)[0]?.endsWith("by GET /report"));
});

Deno.test("watchdog admits that it does not know", async () => {
  using logs = captureLogs();
  using _watch = watch(40);
  loop.noteActivity("GET /quick");
  await gen.moment;
  await sleep(50);
  block(120);
  while (logs.all.length === 0) await sleep(5);
  assertEquals(loop.blockingMetrics?.longestActivity, null);
  assert(loggedTexts(logs)[0]?.endsWith("by unknown code"));
});

Deno.test("watchdog says nothing while the loop turns", async () => {
  using logs = captureLogs();
  using _watch = watch(5_000);
  for (let turn = 0; turn < 5; turn++) {
    block(5);
    await sleep(2);
  }
  assertEquals(loggedTexts(logs), []);
  assertEquals(loop.blockingMetrics, {
    count: 0,
    totalMs: 0,
    longestMs: 0,
    longestActivity: null,
  });
});

Deno.test("watchdog that is turned off has no metrics, and refuses a bad threshold", () => {
  assertEquals(loop.blockingMetrics, null);
  for (const ms of [0, -1, NaN]) assertThrows(() => loop.setBlockingLogThreshold(ms), RangeError);
});
