import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { BadYieldError, coroutine, gen, IOLoop, sleep, TimeoutError } from "@gustnado/gustnado";
import { fakeClock } from "../../support/fake_clock.ts";
import { captureLogs } from "../../support/log_records.ts";
import { loggedTexts } from "../../support/logged_texts.ts";
import { poll } from "../../support/poll.ts";

const loop = IOLoop.current();

Deno.test("loop is one", () => {
  assert(IOLoop.current() === loop);
});

Deno.test("loop calls callbacks in the order they were added, and none in the same turn", async () => {
  const calls: unknown[] = [];
  loop.addCallback((...args: unknown[]) => calls.push(args), 1, "a");
  loop.spawnCallback(() => calls.push(2));
  assertEquals(calls, []);
  await gen.moment;
  assertEquals(calls, [[1, "a"], 2]);
});

Deno.test("loop calls a callback that was added by a callback in the next iteration", async () => {
  const calls: string[] = [];
  loop.addCallback(() => {
    calls.push("outer");
    loop.addCallback(() => calls.push("inner"));
  });
  loop.addCallback(() => calls.push("sibling"));
  while (calls.length < 3) await gen.moment;
  assertEquals(calls, ["outer", "sibling", "inner"]);
});

Deno.test("loop logs what callbacks throw or reject with, and goes on", async () => {
  using logs = captureLogs();
  loop.addCallback(function thrower() {
    throw new Error("thrown");
  });
  loop.addCallback(async function rejecter() {
    await null;
    throw new Error("rejected");
  });
  loop.callLater(0, function timer() {
    throw new Error("thrown by a timer");
  });
  loop.addCallback(() => ({
    then() {
      throw new Error("thrown by then");
    },
  }));
  loop.addCallback(coroutine(function* generator() {
    yield null;
    throw "not an error";
  }));
  assert(await poll(() => logs.all.length === 5));
  assertEquals(loggedTexts(logs).sort(), [
    "error: Exception in callback (anonymous): Error: thrown by then",
    "error: Exception in callback generator: not an error",
    "error: Exception in callback rejecter: Error: rejected",
    "error: Exception in callback thrower: Error: thrown",
    "error: Exception in callback timer: Error: thrown by a timer",
  ]);
});

Deno.test("loop calls later and takes back what is not wanted any more", async () => {
  using clock = fakeClock();
  const calls: number[] = [];
  const record = (n: number) => calls.push(n);
  loop.callLater(20, record, 2);
  loop.callAt(loop.time() + 10, record, 1);
  loop.callAt(0, record, 0);
  const unwanted = loop.callLater(15, record, 3);
  loop.removeTimeout(unwanted);
  await clock.tick(20);
  assertEquals(calls, [0, 1, 2]);
  loop.removeTimeout(unwanted);
  assertEquals(clock.pending(), 0);
});

Deno.test("loop adds timeouts at a time of its clock, at a date, or after a length of time", async () => {
  using clock = fakeClock();
  const calls: [string, number][] = [];
  const record = (name: string) => calls.push([name, performance.now()]);
  loop.addTimeout(loop.time() + 30, record, "time");
  loop.addTimeout({ seconds: 0.02 }, record, "length");
  loop.addTimeout({ milliseconds: 5, seconds: 1, minutes: 1, hours: 1 }, record, "sum");
  loop.addTimeout({ days: 1, weeks: 1 }, record, "long");
  loop.addTimeout({ hours: 1, minutes: -61 }, record, "past length");
  loop.addTimeout(0, record, "past time");
  loop.addTimeout(new Date(0), record, "past date");
  loop.removeTimeout(loop.addTimeout({ milliseconds: 1 }, record, "removed"));
  await clock.tick(8 * 86_400_000);
  assertEquals(calls, [
    ["past length", 0],
    ["past time", 0],
    ["past date", 0],
    ["length", 20],
    ["time", 30],
    ["sum", 3_661_005],
    ["long", 691_200_000],
  ]);
});

Deno.test("loop adds a timeout at a date to come", async () => {
  using clock = fakeClock();
  let called = false;
  loop.addTimeout(new Date(Date.now() + 60_000), () => called = true);
  // The date is of the real clock, which goes on meanwhile.
  await clock.tick(50_000);
  assertEquals(called, false);
  await clock.tick(10_000);
  assertEquals(called, true);
});

Deno.test("loop has the older names of Tornado", async () => {
  assertStrictEquals(IOLoop.instance(), IOLoop.current());
  const { promise, resolve } = Promise.withResolvers<string>();
  loop.addCallbackFromSignal(resolve, "called");
  assertEquals(await promise, "called");
  // @ts-expect-error Tornado's executor, which comes first there
  const failing = loop.runInExecutor(null, () => 1);
  await assertRejects(() => failing, TypeError, "setDefaultExecutor sets the executor");
});

Deno.test("loop refuses delays and times that are no number of milliseconds from 0", () => {
  for (const delay of [-1, NaN]) {
    assertThrows(() => loop.callLater(delay, () => {}), RangeError, `${delay}`);
    assertThrows(() => loop.callAt(delay, () => {}), RangeError, `Cannot use time ${delay}`);
  }
  // @ts-expect-error what a JavaScript caller can pass
  assertThrows(() => loop.callLater("1", () => {}), TypeError, "not string");
});

Deno.test("loop's time is the time of day", () => {
  assertAlmostEquals(loop.time(), Date.now(), 60_000);
});

Deno.test("loop hands a settled promise to the callback of addFuture", async () => {
  const { promise: seen, resolve } = Promise.withResolvers<string>();
  loop.addFuture(
    Promise.reject(new Error("The future failed")),
    (future) => future.then(undefined, (error) => resolve(error.message)),
  );
  assertEquals(await seen, "The future failed");
  loop.addFuture(Promise.reject(new Error("Nobody asks")), () => {});
  await gen.moment;
});

Deno.test("loop start ends at stop, or at once if stop came first", async () => {
  let ended = false;
  const started = loop.start().then(() => ended = true);
  assert(loop.start() instanceof Promise);
  await gen.moment;
  assertEquals(ended, false);
  loop.stop();
  await started;
  loop.stop();
  await loop.start();
});

Deno.test("loop runSync gives the result of a function, a coroutine or an array", async () => {
  assertEquals(await loop.runSync(() => sleep(1).then(() => 42)), 42);
  assertEquals(
    await loop.runSync(coroutine(function* () {
      yield null;
      return 43;
    })),
    43,
  );
  assertEquals(await loop.runSync(() => [Promise.resolve(1), Promise.resolve(2)]), [1, 2]);
  assertEquals(await loop.runSync(() => {}), undefined);
});

Deno.test("loop runSync fails when the function does, times out, or returns nonsense", async () => {
  await assertRejects(() => loop.runSync(() => Promise.reject(new Error("No"))), Error, "No");
  await assertRejects(
    () => loop.runSync(() => new Promise(() => {}), { timeout: 5 }),
    TimeoutError,
    "the timeout of 5 ms has passed",
  );
  // @ts-expect-error a number cannot be waited for
  await assertRejects(() => loop.runSync(() => 42), BadYieldError);
});
