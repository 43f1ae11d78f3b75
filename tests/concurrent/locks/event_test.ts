import { assertEquals, assertRejects } from "@std/assert";
import { locks, TimeoutError } from "@gustnado/gustnado";
import { fakeClock } from "../../support/fake_clock.ts";

Deno.test("event wakes everyone who waits, also when it is cleared at once", async () => {
  const event = new locks.Event();
  const waits = [event.wait(), event.wait()];
  assertEquals(String(event), "<Event clear waiters[2]>");
  event.set();
  event.clear();
  await Promise.all(waits);
  assertEquals(event.isSet(), false);
  assertEquals(String(event), "<Event clear>");
});

Deno.test("event that is set keeps nobody waiting", async () => {
  const event = new locks.Event();
  event.set();
  event.set();
  await event.wait();
  await event.wait({ timeout: 0 });
  assertEquals(String(event), "<Event set>");
});

Deno.test("event wait rejects with a TimeoutError when the timeout passes", async () => {
  using clock = fakeClock();
  const event = new locks.Event();
  const failure = assertRejects(
    () => event.wait({ timeout: 50 }),
    TimeoutError,
    "Cannot wait for the event: the timeout of 50 ms has passed",
  );
  await clock.tick(50);
  await failure;
  await assertRejects(() => event.wait({ timeout: 0 }), TimeoutError);
});
