/**
 * Coroutines and what they wait for, as in `tornado.gen`.
 *
 * New code uses `async` and `await`; generators that `yield` promises are here because Tornado code
 * is written so. The rest is as useful to either: `multi`, `withTimeout`, `WaitIterator`, `sleep`.
 *
 * @module
 */
export { coroutine, type CoroutineBody, isCoroutineFunction } from "./coroutine.ts";
export { moment } from "./moment.ts";
export { multi, type MultiOptions } from "./multi.ts";
export type { ErrorClass, Quiet } from "./quiet.ts";
export { Return } from "./return.ts";
export { BadYieldError, convertYielded, type Yieldable, type Yielded } from "./runner.ts";
export { sleep, type SleepOptions } from "./sleep.ts";
export { TimeoutError } from "../waiting/timeout_error.ts";
export { WaitIterator, type WaitIteratorInputs } from "./wait_iterator.ts";
export { withTimeout, type WithTimeoutOptions } from "../waiting/with_timeout.ts";
