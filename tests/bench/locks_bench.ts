/** `deno bench -A tests/bench/locks_bench.ts`: one iteration is 1,000 operations (500 pairs). */
import { Condition, Lock, locks, Semaphore } from "@gustnado/gustnado";

const PAIRS = 500;

Deno.bench("1,000 × lock acquire, release", async () => {
  const lock = new Lock();
  for (let pair = 0; pair < PAIRS; pair++) {
    await lock.acquire();
    lock.release();
  }
});

Deno.bench("1,000 × lock using", async () => {
  const lock = new Lock();
  for (let pair = 0; pair < PAIRS; pair++) {
    using _held = await lock.acquire();
  }
});

Deno.bench("1,000 × semaphore acquire, release", async () => {
  const semaphore = new Semaphore(3);
  for (let pair = 0; pair < PAIRS; pair++) {
    await semaphore.acquire();
    semaphore.release();
  }
});

Deno.bench("1,000 × condition wait, notify", async () => {
  const condition = new Condition();
  for (let pair = 0; pair < PAIRS; pair++) {
    const wait = condition.wait();
    condition.notify();
    await wait;
  }
});

Deno.bench("1,000 × event set, wait", async () => {
  const event = new locks.Event();
  for (let pair = 0; pair < PAIRS; pair++) {
    event.set();
    await event.wait();
  }
});

Deno.bench("a million waiters join and leave a lock", { n: 3, warmup: 1 }, async () => {
  const lock = new Lock();
  await lock.acquire();
  let last: Promise<Disposable> | undefined;
  for (let waiter = 0; waiter < 1_000_000; waiter++) last = lock.acquire();
  for (let waiter = 0; waiter < 1_000_000; waiter++) lock.release();
  await last;
});
