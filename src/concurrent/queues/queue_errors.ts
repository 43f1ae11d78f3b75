/**
 * `getNowait` found no item (`tornado.queues.QueueEmpty`).
 *
 * @example
 * ```ts
 * import { Queue, QueueEmpty } from "@gustnado/gustnado";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const jobs = new Queue<string>();
 * assertThrows(() => jobs.getNowait(), QueueEmpty);
 * jobs.putNowait("sweep");
 * assertEquals(jobs.getNowait(), "sweep");
 * ```
 *
 * @category Locks and queues
 */
export class QueueEmpty extends Error {
  /** Always `"QueueEmpty"`. */
  override readonly name = "QueueEmpty";
}

/**
 * `putNowait` found no room (`tornado.queues.QueueFull`).
 *
 * @example
 * ```ts
 * import { Queue, QueueFull } from "@gustnado/gustnado";
 * import { assertThrows } from "@std/assert";
 *
 * const jobs = new Queue<string>(1);
 * jobs.putNowait("sweep");
 * assertThrows(() => jobs.putNowait("dust"), QueueFull);
 * ```
 *
 * @category Locks and queues
 */
export class QueueFull extends Error {
  /** Always `"QueueFull"`. */
  override readonly name = "QueueFull";
}

/**
 * The queue was closed: nothing can be put, or nothing is left to get.
 *
 * @example
 * ```ts
 * import { Queue, QueueClosed } from "@gustnado/gustnado";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const jobs = new Queue<string>();
 * await jobs.put("sweep");
 * jobs.close();
 * // What is in it can still be got.
 * assertEquals(await jobs.get(), "sweep");
 * await assertRejects(() => jobs.get(), QueueClosed);
 * ```
 *
 * @category Locks and queues
 */
export class QueueClosed extends Error {
  /** Always `"QueueClosed"`. */
  override readonly name = "QueueClosed";
}
