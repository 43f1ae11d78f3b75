import { assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import {
  LifoQueue,
  PriorityQueue,
  Queue,
  QueueClosed,
  QueueEmpty,
  QueueFull,
  TimeoutError,
} from "@gustnado/gustnado";
import { fakeClock, settle } from "../../support/fake_clock.ts";

Deno.test("queue gives items out in the order they came", async () => {
  const queue = new Queue<number>();
  for (let item = 0; item < 100; item++) await queue.put(item);
  assertEquals(queue.qsize(), 100);
  for (let item = 0; item < 100; item++) assertEquals(await queue.get(), item);
  assertEquals(queue.empty(), true);
});

Deno.test("queue carries undefined and null like any item", async () => {
  const queue = new Queue<undefined | null>();
  const waiting = queue.get();
  queue.putNowait(undefined);
  assertEquals(await waiting, undefined);
  queue.putNowait(null);
  queue.putNowait(undefined);
  assertEquals([queue.getNowait(), queue.getNowait()], [null, undefined]);
});

Deno.test("queue hands an item to the getter that waited longest", async () => {
  const queue = new Queue<string>();
  const gets = [queue.get(), queue.get()];
  assertEquals(String(queue), "<Queue maxsize=0 size=0 getters[2]>");
  queue.putNowait("a");
  queue.putNowait("b");
  assertEquals(await Promise.all(gets), ["a", "b"]);
});

Deno.test("queue that is full makes put wait and putNowait throw", async () => {
  const queue = new Queue<number>(1);
  queue.putNowait(1);
  assertEquals(queue.full(), true);
  assertThrows(() => queue.putNowait(2), QueueFull, "holds its maximum of 1");
  const put = queue.put(3);
  assertEquals(String(queue), "<Queue maxsize=1 size=1 putters[1] tasks=1>");
  assertEquals(queue.getNowait(), 1);
  await put;
  assertEquals(queue.getNowait(), 3);
});

Deno.test("queue that is empty makes getNowait throw", () => {
  assertThrows(() => new Queue().getNowait(), QueueEmpty, "Cannot get an item: the queue is empty");
});

Deno.test("queue drops the item of a put that timed out", async () => {
  using clock = fakeClock();
  const queue = new Queue<number>(1);
  queue.putNowait(1);
  const late = assertRejects(() => queue.put(2, { timeout: 10 }), TimeoutError, "10 ms");
  const patient = queue.put(3);
  await clock.tick(10);
  await late;
  assertEquals([queue.getNowait(), await patient, queue.getNowait()], [1, undefined, 3]);
  assertThrows(() => queue.getNowait(), QueueEmpty);
});

Deno.test("queue gives no item to a get that timed out", async () => {
  using clock = fakeClock();
  const queue = new Queue<number>();
  const late = assertRejects(() => queue.get({ timeout: 10 }), TimeoutError);
  const patient = queue.get();
  await clock.tick(10);
  await late;
  queue.putNowait(1);
  assertEquals(await patient, 1);
  assertEquals(clock.pending(), 0);
});

Deno.test("queue refuses a maxsize that is no number from 0", () => {
  assertThrows(() => new Queue(-1), RangeError, "maxsize -1");
  assertThrows(() => new Queue(NaN), RangeError);
  // @ts-expect-error what a JavaScript caller can pass
  assertThrows(() => new Queue(null), TypeError, "maxsize null");
  assertEquals(new Queue(Infinity).full(), false);
});

Deno.test("queue with a fractional maxsize is full at the next whole number", () => {
  const queue = new Queue<number>(1.5);
  queue.putNowait(1);
  queue.putNowait(2);
  assertThrows(() => queue.putNowait(3), QueueFull);
});

Deno.test("queue join ends when every item that was put is done", async () => {
  const queue = new Queue<number>();
  await queue.join();
  queue.putNowait(1);
  queue.putNowait(2);
  let joined = false;
  const join = queue.join().then(() => joined = true);
  queue.getNowait();
  queue.getNowait();
  queue.taskDone();
  await settle();
  assertEquals(joined, false);
  queue.taskDone();
  await join;
});

Deno.test("queue join times out while work is left", async () => {
  const queue = new Queue<number>();
  queue.putNowait(1);
  await assertRejects(() => queue.join({ timeout: 0 }), TimeoutError, "Cannot join the queue");
});

Deno.test("queue refuses a taskDone for which no item was put", () => {
  const queue = new Queue<number>();
  assertThrows(() => queue.taskDone(), RangeError, "Cannot mark a task as done");
  queue.putNowait(1);
  queue.taskDone();
  assertThrows(() => queue.taskDone(), RangeError);
});

Deno.test("queue that is closed gives out what is left and then fails", async () => {
  const queue = new Queue<number>(2);
  queue.putNowait(1);
  queue.putNowait(2);
  const waiting = assertRejects(() => queue.put(3), QueueClosed, "Cannot put an item");
  queue.close();
  queue.close();
  await waiting;
  assertEquals(String(queue), "<Queue maxsize=2 size=2 tasks=2 closed>");
  await assertRejects(() => queue.put(4), QueueClosed);
  assertThrows(() => queue.putNowait(4), QueueClosed);
  assertEquals([await queue.get(), queue.getNowait()], [1, 2]);
  await assertRejects(() => queue.get(), QueueClosed, "Cannot get an item: the queue is closed");
  assertThrows(() => queue.getNowait(), QueueClosed);
});

Deno.test("queue that is closed ends the gets that wait", async () => {
  const queue = new Queue<number>();
  const waiting = [queue.get(), queue.get({ timeout: 60_000 })];
  queue.close();
  for (const get of await Promise.allSettled(waiting)) {
    assertInstanceOf(get.status === "rejected" && get.reason, QueueClosed);
  }
});

Deno.test("queue iteration ends when the queue is closed and drained", async () => {
  const queue = new Queue<number>();
  const seen: number[] = [];
  const consumer = (async () => {
    for await (const item of queue) seen.push(item);
  })();
  queue.putNowait(1);
  await settle();
  queue.putNowait(2);
  queue.close();
  await consumer;
  assertEquals(seen, [1, 2]);
});

Deno.test("queue iteration that is left early takes no further item", async () => {
  const queue = new Queue<number>();
  for (const item of [1, 2]) queue.putNowait(item);
  for await (const item of queue) {
    assertEquals(item, 1);
    break;
  }
  assertEquals(queue.getNowait(), 2);
});

Deno.test("lifo queue gives the newest item out first", () => {
  const queue = new LifoQueue<number>();
  for (const item of [1, 2, 3]) queue.putNowait(item);
  assertEquals([queue.getNowait(), queue.getNowait(), queue.getNowait()], [3, 2, 1]);
  assertEquals(String(queue), "<LifoQueue maxsize=0 size=0 tasks=3>");
});

Deno.test("priority queue gives the smallest item out first and equal ones in their order", () => {
  const queue = new PriorityQueue<[number, string]>(0, { compare: (a, b) => a[0] - b[0] });
  const items: [number, string][] = [[2, "a"], [1, "b"], [2, "c"], [1, "d"], [0, "e"]];
  for (const item of items) queue.putNowait(item);
  const order = items.map(() => queue.getNowait()[1]);
  assertEquals(order.join(""), "ebdac");
});

Deno.test("priority queue keeps its items when one cannot be ordered", async () => {
  const queue = new PriorityQueue<unknown>(2);
  queue.putNowait(1);
  assertThrows(() => queue.putNowait("a"), TypeError, "give the queue a compare function");
  await assertRejects(() => queue.put({}), TypeError, "an object");
  queue.putNowait(0);
  const bad = assertRejects(() => queue.put(NaN), TypeError, "NaN");
  const good = queue.put(2);
  assertEquals(queue.getNowait(), 0);
  await Promise.all([bad, good]);
  assertEquals([queue.getNowait(), queue.getNowait(), queue.empty()], [1, 2, true]);
});

Deno.test("priority queue loses no item when a comparison fails during get", () => {
  let failing = false;
  const queue = new PriorityQueue<number>(0, {
    compare: (a, b) => {
      if (failing) throw new Error("The comparison failed");
      return a - b;
    },
  });
  for (const item of [3, 1, 2, 0]) queue.putNowait(item);
  failing = true;
  assertThrows(() => queue.getNowait(), Error, "The comparison failed");
  failing = false;
  assertEquals([0, 1, 2, 3].map(() => queue.getNowait()), [0, 1, 2, 3]);
});

Deno.test("queue in real time carries items between callers", async () => {
  const queue = new Queue<number>(3);
  let sum = 0;
  async function consume(): Promise<void> {
    for await (const item of queue) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      sum += item;
      queue.taskDone();
    }
  }
  const consumers = [consume(), consume()];
  for (let item = 1; item <= 20; item++) await queue.put(item, { timeout: 60_000 });
  await queue.join({ timeout: 60_000 });
  queue.close();
  await Promise.all(consumers);
  assertEquals(sum, 210);
});
