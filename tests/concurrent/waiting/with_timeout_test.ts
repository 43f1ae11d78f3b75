import { assertEquals, assertRejects } from "@std/assert";
import { sleep, TimeoutError, WaitIterator, withTimeout } from "@gustnado/gustnado";
import { fakeClock, settle } from "../../support/fake_clock.ts";
import { captureLogs } from "../../support/log_records.ts";
import { loggedTexts } from "../../support/logged_texts.ts";

Deno.test("withTimeout gives the value that comes in time and leaves no timer", async () => {
  using clock = fakeClock();
  assertEquals(await withTimeout(1_000, Promise.resolve("value")), "value");
  assertEquals(clock.pending(), 0);
});

Deno.test("withTimeout throws a TimeoutError and logs an error that comes too late", async () => {
  using logs = captureLogs();
  using clock = fakeClock();
  const late = sleep(20).then(() => {
    throw new Error("Too late");
  });
  const wait = assertRejects(() => withTimeout(10, late), TimeoutError, "the timeout of 10 ms");
  await clock.tick(10);
  await wait;
  await clock.tick(10);
  assertEquals(loggedTexts(logs), ["error: Exception after a timeout: Error: Too late"]);
});

Deno.test("withTimeout logs no late error that is declared quiet, nor one that came in time", async () => {
  using logs = captureLogs();
  using clock = fakeClock();
  const late = sleep(20).then(() => {
    throw new TypeError("Too late");
  });
  const wait = assertRejects(() => withTimeout(10, late, { quiet: [TypeError] }), TimeoutError);
  await clock.tick(30);
  await wait;
  await assertRejects(
    () => withTimeout(10, Promise.reject(new Error("In time"))),
    Error,
    "In time",
  );
  assertEquals(loggedTexts(logs), []);
});

Deno.test("withTimeout waits for arrays, records and generators, and keeps their shape", async () => {
  const pair = [Promise.resolve(1), Promise.resolve("b")] as const;
  const values: readonly [number, string] = await withTimeout(1_000, pair);
  assertEquals(values, [1, "b"]);
  const record = { a: Promise.resolve(1), b: [Promise.resolve(2), null] };
  assertEquals(await withTimeout(1_000, record), { a: 1, b: [2, null] });
  function* three(): Generator<Promise<void>, number> {
    yield Promise.resolve();
    return 3;
  }
  assertEquals(await withTimeout(1_000, three()), 3);
  assertEquals(await withTimeout(1_000, null), null);
});

Deno.test("withTimeout over an array times out, and logs what fails too late, once each", async () => {
  using logs = captureLogs();
  using clock = fakeClock();
  const late = [sleep(20), sleep(20)].map((sleeping, index) =>
    sleeping.then(() => {
      throw new Error(`Too late ${index}`);
    })
  );
  const wait = assertRejects(() => withTimeout(10, late), TimeoutError, "the timeout of 10 ms");
  await clock.tick(10);
  await wait;
  await clock.tick(10);
  assertEquals(loggedTexts(logs), [
    "error: Multiple exceptions in yield list: Error: Too late 1",
    "error: Exception after a timeout: Error: Too late 0",
  ]);
});

Deno.test("withTimeout over an array logs no error that is declared quiet", async () => {
  using logs = captureLogs();
  const failures = ["a", "b"].map((text) => Promise.reject(new Error(text)));
  await assertRejects(() => withTimeout(10, failures, { quiet: [Error] }), Error, "a");
  assertEquals(loggedTexts(logs), []);
});

Deno.test("withTimeout listens to a promise also when its signal has aborted before", async () => {
  using logs = captureLogs();
  const signal = AbortSignal.abort(new Error("Not needed any more"));
  const late = Promise.withResolvers<void>();
  await assertRejects(() => withTimeout(10, late.promise, { signal }), Error, "Not needed");
  late.reject(new Error("Too late"));
  await settle();
  assertEquals(loggedTexts(logs), ["error: Exception after a timeout: Error: Too late"]);
});

Deno.test("withTimeout ends with the reason of its signal", async () => {
  const controller = new AbortController();
  const wait = withTimeout(60_000, new Promise(() => {}), { signal: controller.signal });
  controller.abort(new Error("Not needed any more"));
  await assertRejects(() => wait, Error, "Not needed");
});

Deno.test("sleep and withTimeout refuse what is no number of milliseconds from 0", async () => {
  for (const ms of [-1, NaN]) {
    await assertRejects(() => sleep(ms), RangeError, `Cannot use delay ${ms}`);
    await assertRejects(() => withTimeout(ms, Promise.resolve()), RangeError);
  }
});

Deno.test("sleep lasts longer than one timer of the runtime can count", async () => {
  using clock = fakeClock();
  let awake = false;
  const month = 31 * 24 * 3_600_000;
  const sleeping = sleep(month).then(() => awake = true);
  await clock.tick(month - 1);
  assertEquals(awake, false);
  await clock.tick(1);
  await sleeping;
});

Deno.test("sleep ends early with the reason of its signal and leaves no timer", async () => {
  using clock = fakeClock();
  const controller = new AbortController();
  const sleeping = assertRejects(
    () => sleep(1_000, { signal: controller.signal }),
    Error,
    "Wake up",
  );
  controller.abort(new Error("Wake up"));
  await sleeping;
  assertEquals(clock.pending(), 0);
  await assertRejects(() => sleep(1_000, { signal: controller.signal }), Error, "Wake up");
});

Deno.test("wait iterator gives results as they come and says whose they are", async () => {
  using clock = fakeClock();
  const inputs = { slow: sleep(20).then(() => 1), fast: sleep(10).then(() => 2) };
  const results = new WaitIterator(inputs);
  const seen: unknown[] = [];
  const reading = (async () => {
    while (!results.done()) {
      seen.push([await results.next(), results.currentIndex]);
      assertEquals(
        results.currentFuture,
        inputs[results.currentIndex === "slow" ? "slow" : "fast"],
      );
    }
  })();
  await clock.tick(20);
  await reading;
  assertEquals(seen, [[2, "fast"], [1, "slow"]]);
  assertEquals([results.currentIndex, results.currentFuture], [null, null]);
});

Deno.test("wait iterator keeps the order of inputs that are settled already", async () => {
  const results = new WaitIterator(
    Promise.resolve("a"),
    Promise.resolve("b"),
    Promise.resolve("c"),
  );
  await settle();
  const seen: unknown[] = [];
  for await (const value of results) seen.push([results.currentIndex, value]);
  assertEquals(seen, [[0, "a"], [1, "b"], [2, "c"]]);
});

Deno.test("wait iterator can go on after an error", async () => {
  const results = new WaitIterator<number>([
    Promise.reject(new Error("One failed")),
    Promise.resolve(2),
  ]);
  const iterate = async () => {
    for await (const value of results) return value;
  };
  await assertRejects(iterate, Error, "One failed");
  assertEquals(results.currentIndex, 0);
  assertEquals(await iterate(), 2);
  assertEquals(results.done(), true);
});

Deno.test("wait iterator with nothing to wait for is done", async () => {
  for (const results of [new WaitIterator(), new WaitIterator([]), new WaitIterator({})]) {
    assertEquals(results.done(), true);
    await assertRejects(() => results.next(), RangeError, "every one was taken");
  }
});
