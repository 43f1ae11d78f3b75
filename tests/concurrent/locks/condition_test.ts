import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { Condition, TimeoutError } from "@gustnado/gustnado";
import { fakeClock, settle } from "../../support/fake_clock.ts";
import { captureLogs } from "../../support/log_records.ts";

Deno.test("condition wakes the callers that waited longest, in their order", async () => {
  const condition = new Condition();
  const woken: number[] = [];
  const waits = [0, 1, 2].map((name) => condition.wait().then(() => woken.push(name)));
  condition.notify();
  await settle();
  assertEquals(woken, [0]);
  condition.notify(2);
  await Promise.all(waits);
  assertEquals(woken, [0, 1, 2]);
});

Deno.test("condition never wakes a caller inside notify", async () => {
  const condition = new Condition();
  let woken = false;
  const wait = condition.wait().then(() => woken = true);
  condition.notify();
  assertEquals(woken, false);
  await wait;
  assertEquals(woken, true);
});

Deno.test("condition wakes everyone who waits at notifyAll and nobody later", async () => {
  const condition = new Condition();
  const waits = [condition.wait(), condition.wait()];
  condition.notifyAll();
  assertEquals(await Promise.all(waits), [true, true]);
  assertEquals(await condition.wait({ timeout: 0 }), false);
});

Deno.test("condition gives false when the timeout passes", async () => {
  using clock = fakeClock();
  const condition = new Condition();
  const wait = condition.wait({ timeout: 100 });
  await clock.tick(99);
  assertEquals(String(condition), "<Condition waiters[1]>");
  await clock.tick(1);
  assertEquals(await wait, false);
  assertEquals(String(condition), "<Condition>");
});

Deno.test("condition ends each wait when its own time is up, also when several are equally long", async () => {
  using logs = captureLogs();
  using clock = fakeClock();
  const condition = new Condition();
  const ended: [string, number][] = [];
  const wait = (name: string, timeout: number) =>
    condition.wait({ timeout }).then(() => ended.push([name, performance.now()]));
  wait("first", 10);
  wait("long", 100);
  await clock.tick(4);
  wait("second", 10);
  await clock.tick(3);
  wait("third", 10);
  await clock.tick(200);
  assertEquals(ended, [["first", 10], ["second", 14], ["third", 17], ["long", 100]]);
  assertEquals(clock.pending(), 0);
  assertEquals(logs.all.length, 0);
});

Deno.test("condition does not count a timed-out caller in notify", async () => {
  using clock = fakeClock();
  const condition = new Condition();
  const waits = [condition.wait(), condition.wait({ timeout: 10 }), condition.wait()];
  await clock.tick(10);
  condition.notify(2);
  assertEquals(await Promise.all(waits), [true, false, true]);
});

Deno.test("condition rejects with the reason of the signal", async () => {
  const condition = new Condition();
  const controller = new AbortController();
  const wait = condition.wait({ signal: controller.signal });
  const reason = new TimeoutError("Cannot go on: the caller gave up");
  controller.abort(reason);
  assertStrictEquals(await wait.catch((error) => error), reason);
  await assertRejects(() => condition.wait({ signal: controller.signal }), TimeoutError, "gave up");
  assertEquals(String(condition), "<Condition>");
});

Deno.test("condition refuses to notify a count that is no number from 0", () => {
  const condition = new Condition();
  assertThrows(() => condition.notify(-1), RangeError, "Cannot notify -1 waiters");
  assertThrows(() => condition.notify(NaN), RangeError);
  condition.notify(0);
  condition.notify(Infinity);
});

Deno.test("condition in real time wakes between timeouts", async () => {
  const condition = new Condition();
  setTimeout(() => condition.notify(), 5);
  assert(await condition.wait({ timeout: 60_000 }));
  assertEquals(await condition.wait({ timeout: 5 }), false);
});
