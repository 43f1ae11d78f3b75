import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { BoundedSemaphore, Lock, Semaphore, TimeoutError } from "@gustnado/gustnado";
import { fakeClock, settle } from "../../support/fake_clock.ts";

Deno.test("semaphore lets as many in as its value and the rest in their order", async () => {
  const semaphore = new Semaphore(2);
  const entered: number[] = [];
  const acquires = [0, 1, 2, 3].map((name) => semaphore.acquire().then(() => entered.push(name)));
  await settle();
  assertEquals(entered, [0, 1]);
  assertEquals(String(semaphore), "<Semaphore [locked,waiters:2]>");
  semaphore.release();
  semaphore.release();
  await Promise.all(acquires);
  assertEquals(entered, [0, 1, 2, 3]);
});

Deno.test("semaphore hands a released place to the waiter before any newcomer", async () => {
  const semaphore = new Semaphore(1);
  await semaphore.acquire();
  const waiting = semaphore.acquire();
  semaphore.release();
  await assertRejects(() => semaphore.acquire({ timeout: 0 }), TimeoutError);
  await waiting;
});

Deno.test("semaphore grows when it is released more often than acquired", () => {
  const semaphore = new Semaphore(0);
  semaphore.release();
  semaphore.release();
  assertEquals(semaphore.value, 2);
});

Deno.test("semaphore releases at the end of a using block, and once", async () => {
  const semaphore = new Semaphore(1);
  {
    using held = await semaphore.acquire();
    assertEquals(semaphore.value, 0);
    held[Symbol.dispose]();
  }
  assertEquals(semaphore.value, 1);
});

Deno.test("semaphore refuses a value that is no whole number from 0", () => {
  for (const value of [-1, NaN, 1.5, Infinity]) {
    assertThrows(() => new Semaphore(value), RangeError, `value ${value}`);
  }
});

Deno.test("semaphore gives the place of a timed-out waiter to the next one", async () => {
  using clock = fakeClock();
  const semaphore = new Semaphore(1);
  await semaphore.acquire();
  const late = assertRejects(() => semaphore.acquire({ timeout: 10 }), TimeoutError);
  const patient = semaphore.acquire();
  await clock.tick(10);
  await late;
  semaphore.release();
  await patient;
  assertEquals(clock.pending(), 0);
});

Deno.test("bounded semaphore refuses a release that nobody's acquire matches", async () => {
  const semaphore = new BoundedSemaphore(2);
  assertThrows(() => semaphore.release(), RangeError, "Cannot release the semaphore");
  await semaphore.acquire();
  semaphore.release();
  assertThrows(() => semaphore.release(), RangeError);
  assertEquals(String(semaphore), "<BoundedSemaphore [unlocked,value:2]>");
});

Deno.test("lock admits one holder at a time", async () => {
  const lock = new Lock();
  let inside = 0;
  async function work(): Promise<void> {
    using _held = await lock.acquire();
    assertEquals(++inside, 1);
    await settle();
    inside--;
  }
  await Promise.all([work(), work(), work()]);
  assertEquals(String(lock), "<Lock [unlocked]>");
});

Deno.test("lock refuses to be released when it is not locked", async () => {
  const lock = new Lock();
  assertThrows(() => lock.release(), Error, "Cannot release the lock: it is not locked");
  await lock.acquire();
  lock.release();
  assertThrows(() => lock.release(), Error);
});

Deno.test("lock releases when the using block throws", async () => {
  const lock = new Lock();
  await assertRejects(
    async () => {
      using _held = await lock.acquire();
      throw new Error("The work failed");
    },
    Error,
    "The work failed",
  );
  await lock.acquire({ timeout: 0 });
});

Deno.test("lock refuses durations that are no number of milliseconds from 0", async () => {
  const lock = new Lock();
  for (const timeout of [-1, NaN, -Infinity]) {
    await assertRejects(
      () => lock.acquire({ timeout }),
      RangeError,
      `Cannot use timeout ${timeout}`,
    );
  }
  // @ts-expect-error what a JavaScript caller can pass
  await assertRejects(() => lock.acquire({ timeout: "1s" }), TypeError, "not string");
  assertEquals(String(lock), "<Lock [unlocked]>");
});

Deno.test("lock waits longer than one timer of the runtime can count", async () => {
  using clock = fakeClock();
  const lock = new Lock();
  await lock.acquire();
  const timeout = 2 ** 31 * 3;
  let failed = false;
  const wait = lock.acquire({ timeout }).catch(() => failed = true);
  await clock.tick(timeout - 1);
  assertEquals(failed, false);
  await clock.tick(1);
  await wait;
  assertEquals(failed, true);
});

Deno.test("lock waits for ever with a timeout of Infinity", async () => {
  using clock = fakeClock();
  const lock = new Lock();
  await lock.acquire();
  const wait = lock.acquire({ timeout: Infinity });
  assertEquals(clock.pending(), 0);
  lock.release();
  await wait;
});

Deno.test("lock forgets a waiter whose signal aborts and leaves nothing on the signal", async () => {
  const lock = new Lock();
  await lock.acquire();
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
  signal.removeEventListener = (
    ...args: Parameters<typeof remove>
  ) => (listeners--, remove(...args));
  const served = lock.acquire({ signal });
  const aborted = [lock.acquire({ signal }), lock.acquire({ signal })];
  assertEquals(listeners, 1);
  lock.release();
  await served;
  controller.abort(new Error("The caller left"));
  for (const wait of aborted) await assertRejects(() => wait, Error, "The caller left");
  assertEquals(String(lock), "<Lock [locked]>");
  assertEquals(listeners, 0);
});

Deno.test("lock that is free is still refused to a caller whose signal has aborted", async () => {
  const lock = new Lock();
  await assertRejects(() => lock.acquire({ signal: AbortSignal.abort(new Error("Gone")) }), Error);
  assertEquals(String(lock), "<Lock [unlocked]>");
});
