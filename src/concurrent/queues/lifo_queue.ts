import { Queue } from "./queue.ts";
import type { QueueStorage } from "./queue_storage.ts";

/**
 * A queue that gives out the newest item first (`tornado.queues.LifoQueue`).
 *
 * @example
 * ```ts
 * import { LifoQueue } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new LifoQueue<number>();
 * for (const item of [3, 2, 1]) queue.putNowait(item);
 * assertEquals(queue.getNowait(), 1);
 * ```
 *
 * @category Locks and queues
 */
export class LifoQueue<T> extends Queue<T> {
  /**
   * Makes an empty queue.
   *
   * @param maxsize How many items it holds before `put` waits. 0: any number.
   */
  constructor(maxsize = 0) {
    super(maxsize, { storage: new Stack() });
  }
}

class Stack<T> implements QueueStorage<T> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    return this.#items.pop();
  }
}
