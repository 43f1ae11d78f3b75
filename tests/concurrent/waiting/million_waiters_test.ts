/** What must cost the same per waiter however many there are, and give its memory back. */
import { assertEquals, assertLess } from "@std/assert";
import { Lock, Queue, TimeoutError } from "@gustnado/gustnado";
import { settle } from "../../support/fake_clock.ts";
import { heapInUse } from "../../support/garbage.ts";
import { bestTime } from "../../support/linear.ts";

const MILLION = 1_000_000;

/** Ten times the waiters may take this many times as long: ten, and room for garbage collection. */
const ROOM = 40;

async function serveWaiters(count: number): Promise<void> {
  const lock = new Lock();
  await lock.acquire();
  let served = 0;
  let last: Promise<unknown> = Promise.resolve();
  for (let waiter = 0; waiter < count; waiter++) last = lock.acquire().then(() => served++);
  for (let waiter = 0; waiter < count; waiter++) lock.release();
  await last;
  assertEquals(served, count);
}

async function expireWaiters(count: number): Promise<void> {
  const queue = new Queue<number>();
  let expired = 0;
  let last: Promise<unknown> = Promise.resolve();
  for (let waiter = 0; waiter < count; waiter++) {
    last = queue.get({ timeout: 1 }).catch((error) => {
      if (error instanceof TimeoutError) expired++;
    });
  }
  await last;
  assertEquals(expired, count);
  assertEquals(String(queue), "<Queue maxsize=0 size=0>");
}

async function abortWaiters(count: number): Promise<void> {
  const queue = new Queue<number>(1);
  queue.putNowait(0);
  const shared = new AbortController();
  const patient = queue.put(1);
  let aborted = 0;
  for (let waiter = 0; waiter < count; waiter++) {
    queue.put(2, { signal: shared.signal }).catch(() => aborted++);
  }
  shared.abort();
  queue.getNowait();
  await patient;
  await settle();
  assertEquals(aborted, count);
}

for (
  const [rule, work] of Object.entries({
    "lock serves a million waiters": serveWaiters,
    "queue lets a million gets time out": expireWaiters,
    "queue lets a million puts be aborted by one signal": abortWaiters,
  })
) {
  Deno.test(`${rule} in linear time and returns their memory`, async () => {
    await work(1_000);
    const before = await heapInUse();
    const few = await bestTime(2, () => work(MILLION / 10));
    const many = await bestTime(1, () => work(MILLION));
    assertLess(many, few * ROOM);
    const kept = await heapInUse() - before;
    assertLess(kept, MILLION * 4, `${kept} bytes of heap are still in use`);
  });
}
