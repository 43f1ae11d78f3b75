/**
 * A wait that took longer than its `timeout` allowed (`tornado.util.TimeoutError`).
 *
 * @example
 * ```ts
 * import { Lock, TimeoutError } from "@gustnado/gustnado";
 * import { assertRejects } from "@std/assert";
 *
 * const lock = new Lock();
 * await lock.acquire();
 * await assertRejects(() => lock.acquire({ timeout: 5 }), TimeoutError);
 * ```
 *
 * @category Event loop
 */
export class TimeoutError extends Error {
  /** Always `"TimeoutError"`. */
  override readonly name = "TimeoutError";
}
