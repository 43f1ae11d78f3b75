/**
 * The event-loop toolkit: the loop and its timers, periodic callbacks, coroutines, locks, queues and
 * worker threads (`tornado.ioloop`, `tornado.gen`, `tornado.locks`, `tornado.queues`).
 *
 * ## Event loop
 *
 * The loop and its timers, coroutines, timeouts and worker threads: {@linkcode IOLoop},
 * {@linkcode PeriodicCallback}, {@linkcode Timer}, {@linkcode sleep}, {@linkcode withTimeout},
 * {@linkcode multi}, {@linkcode WaitIterator}, {@linkcode WorkerPool}, {@linkcode coroutine},
 * {@linkcode isCoroutineFunction}, {@linkcode BadYieldError}, {@linkcode TimeoutError},
 * {@linkcode gen}.
 *
 * ## Locks and queues
 *
 * For code that awaits (`Event` is in the namespace `locks`): {@linkcode Lock},
 * {@linkcode Semaphore}, {@linkcode BoundedSemaphore}, {@linkcode Condition}, {@linkcode Queue},
 * {@linkcode PriorityQueue}, {@linkcode LifoQueue}, {@linkcode QueueClosed},
 * {@linkcode QueueEmpty}, {@linkcode QueueFull}, {@linkcode locks}, {@linkcode queues}.
 *
 * @example
 * ```ts
 * import { Queue, Semaphore, sleep } from "@gustnado/gustnado/concurrent";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new Queue<number>();
 * const twoAtATime = new Semaphore(2);
 * const squares: number[] = [];
 *
 * async function worker() {
 *   for await (const number of queue) {
 *     using _permit = await twoAtATime.acquire();
 *     await sleep(1);
 *     squares.push(number ** 2);
 *     queue.taskDone();
 *   }
 * }
 *
 * const workers = [worker(), worker()];
 * for (const number of [1, 2, 3]) await queue.put(number);
 * await queue.join();
 * queue.close();
 * await Promise.all(workers);
 * assertEquals(squares.toSorted(), [1, 4, 9]);
 * ```
 *
 * @module
 */
export { BoundedSemaphore } from "./locks/bounded_semaphore.ts";
export { Condition } from "./locks/condition.ts";
export { Lock } from "./locks/lock.ts";
export { Semaphore } from "./locks/semaphore.ts";
export { LifoQueue } from "./queues/lifo_queue.ts";
export { PriorityQueue, type PriorityQueueOptions } from "./queues/priority_queue.ts";
export { Queue, type QueueOptions } from "./queues/queue.ts";
export { QueueClosed, QueueEmpty, QueueFull } from "./queues/queue_errors.ts";
export type { QueueStorage } from "./queues/queue_storage.ts";
export type { Compare } from "./collections/binary_heap.ts";
export { TimeoutError } from "./waiting/timeout_error.ts";
export type { WaitOptions } from "./waiting/wait_options.ts";
export { coroutine, type CoroutineBody, isCoroutineFunction } from "./coroutine/coroutine.ts";
export { BadYieldError, type Yieldable, type Yielded } from "./coroutine/runner.ts";
export { multi, type MultiOptions } from "./coroutine/multi.ts";
export { sleep, type SleepOptions } from "./coroutine/sleep.ts";
export { withTimeout, type WithTimeoutOptions } from "./waiting/with_timeout.ts";
export { WaitIterator, type WaitIteratorInputs } from "./coroutine/wait_iterator.ts";
export type { ErrorClass, Quiet } from "./coroutine/quiet.ts";
export { IOLoop, type RunSyncOptions } from "./loop/io_loop.ts";
export type { TimeDelta } from "./loop/time_delta.ts";
export type { BlockingMetrics } from "./loop/blocking_watchdog.ts";
export type { Callback } from "./loop/guarded_call.ts";
export { Timer, type TimerOptions } from "./loop/timer.ts";
export { PeriodicCallback, type PeriodicCallbackOptions } from "./loop/periodic_callback.ts";
export {
  WorkerPool,
  type WorkerPoolOptions,
  type WorkerPoolShutdownOptions,
} from "./workers/worker_pool.ts";
export type { WorkerTask, WorkerTaskOptions } from "./workers/worker_task.ts";
/**
 * Locks for code that awaits (`tornado.locks`).
 *
 * @category Locks and queues
 */
export * as locks from "./locks/mod.ts";
/**
 * Queues for code that awaits (`tornado.queues`).
 *
 * @category Locks and queues
 */
export * as queues from "./queues/mod.ts";
/**
 * Coroutines and what they wait for (`tornado.gen`).
 *
 * @category Event loop
 */
export * as gen from "./coroutine/mod.ts";
