/**
 * Goroutines and channels: a producer, some workers and a collector, joined by bounded queues.
 *
 * An `async` function that is called and not awaited is the goroutine; a `Queue` is the channel, and
 * closing it ends the `for await` of everyone who receives from it.
 *
 * `deno run examples/worker_queue.ts`
 */
import { gen, Queue } from "@gustnado/gustnado";

/** One job done. */
export interface Result {
  /** Which worker did it. */
  readonly worker: number;
  /** What was asked. */
  readonly job: number;
  /** What came out. */
  readonly square: number;
}

/** Squares the numbers from 1 to `count`, with a number of workers side by side. */
export async function squareAll(count: number, workers: number): Promise<Result[]> {
  const jobs = new Queue<number>(1);
  const results = new Queue<Result>(1);

  async function produce(): Promise<void> {
    for (let job = 1; job <= count; job++) await jobs.put(job);
    jobs.close();
  }

  async function work(worker: number): Promise<void> {
    for await (const job of jobs) {
      await gen.sleep(Math.random() * 5);
      await results.put({ worker, job, square: job * job });
    }
  }

  async function workAll(): Promise<void> {
    await gen.multi(Array.from({ length: workers }, (_, worker) => work(worker)));
    results.close();
  }

  const working = gen.multi([produce(), workAll()]);
  const collected: Result[] = [];
  for await (const result of results) collected.push(result);
  await working;
  return collected;
}

if (import.meta.main) {
  for (const { worker, job, square } of await squareAll(10, 3)) {
    console.log(`Worker ${worker}: ${job} × ${job} = ${square}`);
  }
}
