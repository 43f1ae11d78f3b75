/**
 * Locks for code that awaits, as in `tornado.locks`: `Condition`, `Event`, `Semaphore`,
 * `BoundedSemaphore` and `Lock`.
 *
 * Every wait takes a `timeout` in milliseconds and an `AbortSignal`; every operation is O(1).
 *
 * @module
 */
export { BoundedSemaphore } from "./bounded_semaphore.ts";
export { Condition } from "./condition.ts";
export { Event } from "./event.ts";
export { Lock } from "./lock.ts";
export { Semaphore } from "./semaphore.ts";
