/** Waits that were served leave nothing behind on the signal they were given. */
import { assertEquals, assertLess } from "@std/assert";
import {
  BoundedSemaphore,
  Condition,
  Lock,
  locks,
  Queue,
  Semaphore,
  sleep,
  withTimeout,
  WorkerPool,
} from "@gustnado/gustnado";
import { countListeners } from "../support/listener_count.ts";

/** One wait that has to wait, and is then served. */
type ServedWait = (signal: AbortSignal) => Promise<unknown>;

const WAITS: Readonly<Record<string, () => ServedWait>> = {
  "lock acquire": () => {
    const lock = new Lock();
    const first = lock.acquire();
    return async (signal) => {
      await first;
      const waiting = lock.acquire({ signal });
      lock.release();
      await waiting;
    };
  },
  "semaphore acquire": () => served(new Semaphore(0)),
  "bounded semaphore acquire": () => {
    const semaphore = new BoundedSemaphore(1);
    const first = semaphore.acquire();
    return async (signal) => {
      await first;
      const waiting = semaphore.acquire({ signal });
      semaphore.release();
      await waiting;
    };
  },
  "event wait": () => async (signal) => {
    const event = new locks.Event();
    const waiting = event.wait({ signal });
    event.set();
    await waiting;
  },
  "condition wait": () => async (signal) => {
    const condition = new Condition();
    const waiting = condition.wait({ signal });
    condition.notify();
    await waiting;
  },
  "queue get": () => async (signal) => {
    const queue = new Queue<number>();
    const waiting = queue.get({ signal });
    queue.putNowait(1);
    await waiting;
  },
  "queue get of a queue that is closed": () => async (signal) => {
    const queue = new Queue<number>();
    const waiting = queue.get({ signal }).catch(() => {});
    queue.close();
    await waiting;
  },
  "queue put": () => async (signal) => {
    const queue = new Queue<number>(1);
    queue.putNowait(1);
    const waiting = queue.put(2, { signal });
    queue.getNowait();
    await waiting;
  },
  "queue join": () => async (signal) => {
    const queue = new Queue<number>();
    queue.putNowait(1);
    const waiting = queue.join({ signal });
    queue.taskDone();
    await waiting;
  },
  "withTimeout": () => (signal) => withTimeout(60_000, Promise.resolve(), { signal }),
  "withTimeout of an array": () => (signal) =>
    withTimeout(60_000, [Promise.resolve(), Promise.resolve()], { signal }),
  "a wait that times out": () => (signal) =>
    new Lock().acquire().then(() => new Queue().get({ timeout: 0, signal })).catch(() => {}),
};

function served(semaphore: Semaphore): ServedWait {
  return async (signal) => {
    const waiting = semaphore.acquire({ signal });
    semaphore.release();
    await waiting;
  };
}

for (const [name, makeWait] of Object.entries(WAITS)) {
  Deno.test(`${name} leaves no listener on a signal after 10,000 served waits`, async () => {
    const { signal } = new AbortController();
    const listeners = countListeners(signal);
    const wait = makeWait();
    for (let round = 0; round < 10_000; round++) {
      await wait(signal);
      assertEquals(listeners(), 0);
    }
  });

  Deno.test(`${name} keeps one listener on a signal while another wait lasts`, async () => {
    const { signal } = new AbortController();
    const listeners = countListeners(signal);
    const wait = makeWait();
    const event = new locks.Event();
    const lasting = event.wait({ signal });
    for (let round = 0; round < 10; round++) await wait(signal);
    assertEquals(listeners(), 1);
    event.set();
    await lasting;
    assertEquals(listeners(), 0);
  });
}

Deno.test("sleep leaves no listener on a signal", async () => {
  const { signal } = new AbortController();
  const listeners = countListeners(signal);
  for (let round = 0; round < 20; round++) {
    const sleeping = sleep(0, { signal });
    assertEquals(listeners(), 1);
    await sleeping;
    assertEquals(listeners(), 0);
  }
});

Deno.test("worker pool leaves no listener on the signal of a task", async () => {
  const { signal } = new AbortController();
  const listeners = countListeners(signal);
  await using pool = new WorkerPool({ size: 1 });
  for (let round = 0; round < 20; round++) {
    await pool.submit({ run: (n: number) => n, signal }, round);
    assertEquals(listeners(), 0);
  }
});

Deno.test("a wait that times out or is aborted takes its listener along", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = countListeners(signal);
  const queue = new Queue<number>();
  await queue.get({ timeout: 1, signal }).catch(() => {});
  assertEquals(listeners(), 0);
  const waits = [queue.get({ signal }), sleep(60_000, { signal })].map((wait) =>
    wait.catch(() => {})
  );
  assertEquals(listeners(), 1);
  controller.abort();
  await Promise.all(waits);
  assertEquals(listeners(), 0);
  assertLess(String(queue).length, 30);
});
