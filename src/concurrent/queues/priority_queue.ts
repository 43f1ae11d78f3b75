import { checkOptions, FUNCTION } from "../../checks/option_check.ts";
import { BinaryHeap, type Compare } from "../collections/binary_heap.ts";
import { comparePython } from "../collections/python_order.ts";
import { Queue } from "./queue.ts";

/**
 * What a {@linkcode PriorityQueue} is made with.
 *
 * @category Locks and queues
 */
export interface PriorityQueueOptions<T> {
  /**
   * Says which of two items comes first: negative for the first argument. Default: as Python orders
   * numbers, strings, dates and arrays of them.
   */
  readonly compare?: Compare<T> | undefined;
}

/**
 * A queue that gives out the smallest item first (`tornado.queues.PriorityQueue`), and equal ones in
 * the order they came. Items are usually arrays such as `[priority, task]`.
 *
 * @example
 * ```ts
 * import { PriorityQueue } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new PriorityQueue<[number, string]>();
 * queue.putNowait([1, "medium"]);
 * queue.putNowait([0, "high"]);
 * queue.putNowait([10, "low"]);
 * assertEquals(queue.getNowait(), [0, "high"]);
 * ```
 *
 * @category Locks and queues
 */
export class PriorityQueue<T> extends Queue<T> {
  /**
   * Makes an empty queue. `put` rejects with a `TypeError` what cannot be ordered.
   *
   * @param maxsize How many items it holds before `put` waits. 0: any number.
   * @param options The order of the items.
   */
  constructor(maxsize = 0, options: PriorityQueueOptions<T> = {}) {
    checkOptions(options, { compare: FUNCTION });
    super(maxsize, { storage: new BinaryHeap(options.compare ?? comparePython) });
  }
}
