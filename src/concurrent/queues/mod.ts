/**
 * Queues for code that awaits, as in `tornado.queues`: `Queue`, `PriorityQueue` and `LifoQueue`.
 *
 * Every wait takes a `timeout` in milliseconds and an `AbortSignal`; every operation is O(1), or
 * O(log n) with priorities.
 *
 * @module
 */
export type { Compare } from "../collections/binary_heap.ts";
export { LifoQueue } from "./lifo_queue.ts";
export { PriorityQueue, type PriorityQueueOptions } from "./priority_queue.ts";
export { QueueClosed, QueueEmpty, QueueFull } from "./queue_errors.ts";
export { Queue, type QueueOptions } from "./queue.ts";
export type { QueueStorage } from "./queue_storage.ts";
