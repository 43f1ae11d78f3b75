import { assertEquals, assertThrows } from "@std/assert";
import { PeriodicCallback, sleep } from "@gustnado/gustnado";
import { fakeClock } from "../../support/fake_clock.ts";
import { captureLogs } from "../../support/log_records.ts";
import { loggedTexts } from "../../support/logged_texts.ts";

Deno.test("periodic callback ticks on a fixed grid, first after one period", async () => {
  using clock = fakeClock();
  const times: number[] = [];
  using ticker = new PeriodicCallback(() => times.push(performance.now()), 10);
  assertEquals(ticker.isRunning(), false);
  ticker.start();
  ticker.start();
  assertEquals(ticker.isRunning(), true);
  await clock.tick(35);
  assertEquals(times, [10, 20, 30]);
});

Deno.test("periodic callback never overlaps an async call, and skips the ticks it takes", async () => {
  using logs = captureLogs();
  using clock = fakeClock();
  const starts: number[] = [];
  let active = 0;
  using ticker = new PeriodicCallback(async function slow() {
    assertEquals(++active, 1);
    starts.push(performance.now());
    await sleep(25);
    active--;
  }, 10);
  ticker.start();
  await clock.tick(100);
  assertEquals(starts, [10, 40, 70, 100]);
  assertEquals(ticker.skippedTicks, 6);
  assertEquals(loggedTexts(logs), ["warning: PeriodicCallback slow of 10 ms skipped 2 ticks"]);
});

Deno.test("periodic callback reports further skipped ticks after ten seconds, together", async () => {
  using logs = captureLogs();
  using clock = fakeClock();
  using ticker = new PeriodicCallback(() => sleep(150), 100);
  ticker.start();
  await clock.tick(20_500);
  assertEquals(loggedTexts(logs), [
    "warning: PeriodicCallback (anonymous) of 100 ms skipped 1 ticks",
    "warning: PeriodicCallback (anonymous) of 100 ms skipped 50 ticks",
    "warning: PeriodicCallback (anonymous) of 100 ms skipped 50 ticks",
  ]);
});

Deno.test("periodic callback logs errors and goes on", async () => {
  using logs = captureLogs();
  using clock = fakeClock();
  let ticks = 0;
  using ticker = new PeriodicCallback(function flaky() {
    if (++ticks % 2 === 0) return Promise.reject(new Error(`rejected at ${ticks}`));
    throw new Error(`thrown at ${ticks}`);
  }, 10);
  ticker.start();
  await clock.tick(30);
  assertEquals(loggedTexts(logs), [
    "error: Exception in callback flaky: Error: thrown at 1",
    "error: Exception in callback flaky: Error: rejected at 2",
    "error: Exception in callback flaky: Error: thrown at 3",
  ]);
});

Deno.test("periodic callback stops, also from within a call, and can be started again", async () => {
  using clock = fakeClock();
  let ticks = 0;
  const ticker: PeriodicCallback = new PeriodicCallback(() => {
    if (++ticks === 2) ticker.stop();
  }, 10);
  ticker.start();
  await clock.tick(100);
  assertEquals([ticks, ticker.isRunning(), clock.pending()], [2, false, 0]);
  ticker.start();
  await clock.tick(10);
  ticker.stop();
  ticker.stop();
  assertEquals([ticks, clock.pending()], [3, 0]);
});

Deno.test("periodic callback that is restarted during a call waits for its end", async () => {
  using logs = captureLogs();
  using clock = fakeClock();
  const starts: number[] = [];
  using ticker = new PeriodicCallback(async () => {
    starts.push(performance.now());
    await sleep(15);
  }, 10);
  ticker.start();
  await clock.tick(12);
  ticker.stop();
  ticker.start();
  await clock.tick(50);
  assertEquals(starts, [10, 32, 52]);
  assertEquals(ticker.skippedTicks, 2);
  assertEquals(loggedTexts(logs).length, 1);
});

Deno.test("periodic callback varies its period by the jitter", async () => {
  using clock = fakeClock();
  const randoms = [0, 1, 0.5];
  const times: number[] = [];
  using ticker = new PeriodicCallback(() => times.push(performance.now()), 100, {
    jitter: 0.5,
    random: () => randoms.shift() ?? 0.5,
  });
  ticker.start();
  await clock.tick(300);
  assertEquals(times, [75, 200, 300]);
});

Deno.test("periodic callback refuses periods and jitters that make no sense", () => {
  for (const period of [0, -1, NaN, Infinity]) {
    assertThrows(() => new PeriodicCallback(() => {}, period), RangeError, `period ${period}`);
  }
  // @ts-expect-error what a JavaScript caller can pass
  assertThrows(() => new PeriodicCallback(() => {}, "10"), TypeError);
  for (const jitter of [-0.1, 1.1, NaN]) {
    assertThrows(() => new PeriodicCallback(() => {}, 10, { jitter }), RangeError, "jitter");
  }
});

Deno.test("periodic callback works with a period that no single timer can count", async () => {
  using clock = fakeClock();
  let ticks = 0;
  const month = 31 * 24 * 3_600_000;
  using ticker = new PeriodicCallback(() => ticks++, month);
  ticker.start();
  await clock.tick(2 * month);
  assertEquals(ticks, 2);
});

Deno.test("periodic callback comes once after a block, and then at its old times again", async () => {
  using logs = captureLogs();
  using clock = fakeClock();
  const times: number[] = [];
  using ticker = new PeriodicCallback(() => times.push(performance.now()), 10);
  ticker.start();
  await clock.tick(12);
  await clock.block(35);
  await clock.tick(20);
  assertEquals(times, [10, 47, 50, 60]);
  assertEquals(ticker.skippedTicks, 2);
  assertEquals(loggedTexts(logs).length, 1);
});
