/** `deno bench -A tests/bench/queues_bench.ts`: one iteration is 1,000 operations (500 pairs). */
import { LifoQueue, PriorityQueue, Queue } from "@gustnado/gustnado";

const PAIRS = 500;

Deno.bench("1,000 × queue put, get", async () => {
  const queue = new Queue<number>();
  for (let pair = 0; pair < PAIRS; pair++) {
    await queue.put(pair);
    await queue.get();
  }
});

for (const Kind of [Queue, LifoQueue, PriorityQueue]) {
  Deno.bench(`1,000 × ${Kind.name} putNowait, then getNowait`, () => {
    const queue = new Kind<number>();
    for (let item = 0; item < PAIRS; item++) queue.putNowait(item);
    for (let item = 0; item < PAIRS; item++) queue.getNowait();
  });
}

Deno.bench("1,000 × queue get that waits, putNowait", async () => {
  const queue = new Queue<number>();
  for (let pair = 0; pair < PAIRS; pair++) {
    const item = queue.get();
    queue.putNowait(pair);
    await item;
  }
});

Deno.bench("a million gets join a queue and time out", { n: 3, warmup: 1 }, async () => {
  const queue = new Queue<number>();
  let last: Promise<unknown> | undefined;
  for (let waiter = 0; waiter < 1_000_000; waiter++) last = queue.get({ timeout: 1 }).catch(ignore);
  await last;
});

function ignore(): void {}
