import { checkOptions, OBJECT } from "../../checks/option_check.ts";
import { Deque } from "../collections/deque.ts";
import { QueueClosed, QueueEmpty, QueueFull } from "./queue_errors.ts";
import type { QueueStorage } from "./queue_storage.ts";
import { shown } from "../../checks/shown.ts";
import { checkWaitOptions, type WaitOptions } from "../waiting/wait_options.ts";
import { type Waiter, WaiterQueue } from "../waiting/waiter_queue.ts";

/**
 * What a {@linkcode Queue} is made with.
 *
 * @category Locks and queues
 */
export interface QueueOptions<T> {
  /** Where the items are kept. Default: first in, first out. */
  readonly storage?: QueueStorage<T> | undefined;
}

/**
 * Connects callers that put items with callers that get them (`tornado.queues.Queue`): first in,
 * first out, and bounded if `maxsize` is given, so that a fast producer waits for its consumers.
 *
 * `for await (const item of queue)` gets items until the queue is closed and drained.
 *
 * @example
 * ```ts
 * import { Queue } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new Queue<number>(2);
 * const seen: number[] = [];
 * const consumer = (async () => {
 *   for await (const item of queue) {
 *     seen.push(item);
 *     queue.taskDone();
 *   }
 * })();
 * for (let item = 0; item < 5; item++) await queue.put(item);
 * await queue.join();
 * queue.close();
 * await consumer;
 * assertEquals(seen, [0, 1, 2, 3, 4]);
 * ```
 *
 * @category Locks and queues
 */
export class Queue<T> implements AsyncIterable<T> {
  readonly #maxsize: number;
  readonly #items: QueueStorage<T>;
  readonly #getters: WaiterQueue<T> = new WaiterQueue("get an item from the queue");
  readonly #putters: WaiterQueue<void, T> = new WaiterQueue("put an item into the queue");
  readonly #joiners: WaiterQueue<void> = new WaiterQueue("join the queue");
  #unfinishedTasks = 0;
  #closed = false;

  /**
   * Makes an empty queue.
   *
   * @param maxsize How many items it holds before `put` waits. 0 or `Infinity`: any number.
   * @param options Where the items are kept.
   * @throws {TypeError} If `maxsize` is not a number, or an option is unknown.
   * @throws {RangeError} If it is negative or `NaN`.
   */
  constructor(maxsize = 0, options: QueueOptions<T> = {}) {
    checkMaxsize(maxsize);
    checkOptions(options, { storage: OBJECT });
    this.#maxsize = maxsize;
    this.#items = options.storage ?? new Deque();
  }

  /** How many items the queue holds before `put` waits; 0 for any number. */
  get maxsize(): number {
    return this.#maxsize;
  }

  /** Whether `close` was called. Items that were put before can still be got. */
  get closed(): boolean {
    return this.#closed;
  }

  /** How many items are in the queue. */
  qsize(): number {
    return this.#items.size;
  }

  /** Whether there is no item in the queue. */
  empty(): boolean {
    return this.#items.size === 0;
  }

  /** Whether `put` would wait. Never so for an unbounded queue. */
  full(): boolean {
    return this.#maxsize > 0 && this.#items.size >= this.#maxsize;
  }

  /**
   * Puts an item into the queue, waiting for room if need be. The item of a wait that failed never
   * gets in.
   *
   * @param item Any value, `undefined` included.
   * @param options How long to wait.
   * @throws {TimeoutError} If the timeout passed first.
   * @throws {QueueClosed} If the queue was or is closed.
   */
  async put(item: T, options: WaitOptions = {}): Promise<void> {
    checkWaitOptions(options);
    if (!this.#offer(item)) await this.#putters.wait(options, item);
  }

  /**
   * Puts an item into the queue if there is room.
   *
   * @throws {QueueFull} If there is none.
   * @throws {QueueClosed} If the queue was closed.
   */
  putNowait(item: T): void {
    if (!this.#offer(item)) {
      throw new QueueFull(`Cannot put the item: the queue holds its maximum of ${this.#maxsize}`);
    }
  }

  /**
   * Gets the next item, waiting for one if need be. A queue that was closed gives out what is left.
   *
   * @param options How long to wait.
   * @throws {TimeoutError} If the timeout passed first.
   * @throws {QueueClosed} If the queue is or becomes closed and nothing is left.
   */
  async get(options: WaitOptions = {}): Promise<T> {
    checkWaitOptions(options);
    if (!this.#readyToGet()) return await this.#getters.wait(options, undefined);
    return this.#take();
  }

  /**
   * Gets the next item if there is one.
   *
   * @throws {QueueEmpty} If there is none.
   * @throws {QueueClosed} If there is none and the queue was closed.
   */
  getNowait(): T {
    if (!this.#readyToGet()) throw new QueueEmpty("Cannot get an item: the queue is empty");
    return this.#take();
  }

  /**
   * Says that the work on one item that was got is done. When as many are done as were put, `join`
   * ends.
   *
   * @throws {RangeError} If it was called more often than items were put.
   */
  taskDone(): void {
    if (this.#unfinishedTasks === 0) {
      throw new RangeError(
        "Cannot mark a task as done: taskDone() was called for every item that was put",
      );
    }
    this.#unfinishedTasks--;
    if (this.#unfinishedTasks === 0) this.#joiners.resolveAll();
  }

  /**
   * Waits until every item that was put has been got and marked by `taskDone`.
   *
   * @param options How long to wait.
   * @throws {TimeoutError} If the timeout passed first.
   */
  async join(options: WaitOptions = {}): Promise<void> {
    checkWaitOptions(options);
    if (this.#unfinishedTasks > 0) await this.#joiners.wait(options, undefined);
  }

  /**
   * Ends the queue: nothing more can be put, waiting `put`s fail, and when what is left has been got,
   * `get` fails and iterations end. A second call does nothing.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#putters.rejectAll(closedError("put an item"));
    // A getter waits only while there is nothing to get, and now there never will be.
    this.#getters.rejectAll(closedError("get an item"));
  }

  /** Gets items until the queue is closed and drained. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    while (true) {
      let item: T;
      try {
        item = await this.get();
      } catch (error) {
        if (error instanceof QueueClosed) return;
        throw error;
      }
      yield item;
    }
  }

  /** The state for a log or a debugger: `<Queue maxsize=2 size=1 getters[1] putters[1] tasks=2>`. */
  toString(): string {
    const parts = [this.constructor.name, `maxsize=${this.#maxsize}`, `size=${this.#items.size}`];
    if (this.#getters.size > 0) parts.push(`getters[${this.#getters.size}]`);
    if (this.#putters.size > 0) parts.push(`putters[${this.#putters.size}]`);
    if (this.#unfinishedTasks > 0) parts.push(`tasks=${this.#unfinishedTasks}`);
    if (this.#closed) parts.push("closed");
    return `<${parts.join(" ")}>`;
  }

  /** Hands an item to a getter or stores it; `false` if there is no room. */
  #offer(item: T): boolean {
    if (this.#closed) throw closedError("put an item");
    if (this.full()) return false;
    this.#items.push(item);
    this.#unfinishedTasks++;
    // An item for a getter goes through the storage too: what that refuses must reach nobody.
    if (this.#getters.size > 0) this.#serveGetter();
    return true;
  }

  #serveGetter(): void {
    // First, for a storage that throws must not cost a getter its place.
    const item = this.#next();
    this.#getters.shift()?.resolve(item);
  }

  #readyToGet(): boolean {
    if (this.#items.size > 0) return true;
    if (this.#closed) throw closedError("get an item");
    return false;
  }

  #take(): T {
    this.#admitPutter();
    return this.#next();
  }

  /** Lets the first waiting putter in before its room is made, so that its item competes too. */
  #admitPutter(): void {
    // An item too many is there when a comparison threw after the last putter was let in.
    if (this.#maxsize > 0 && this.#items.size > this.#maxsize) return;
    let putter = this.#putters.shift();
    while (putter !== undefined && !this.#admit(putter)) putter = this.#putters.shift();
  }

  #admit(putter: Waiter<void, T>): boolean {
    try {
      this.#items.push(putter.payload);
    } catch (error) {
      // An item that cannot be ordered is the putter's mistake, not the getter's.
      putter.reject(error);
      return false;
    }
    this.#unfinishedTasks++;
    putter.resolve();
    return true;
  }

  #next(): T {
    // The storage is not empty here, so an `undefined` is an item that somebody put.
    return this.#items.shift() as T;
  }
}

function checkMaxsize(maxsize: number): void {
  if (typeof maxsize !== "number") {
    throw new TypeError(
      `Cannot make a queue of maxsize ${shown(maxsize)}: it must be a number, 0 for no limit`,
    );
  }
  if (!(maxsize >= 0)) {
    throw new RangeError(`Cannot make a queue of maxsize ${maxsize}: it must be 0 or more`);
  }
}

function closedError(attempt: string): QueueClosed {
  return new QueueClosed(`Cannot ${attempt}: the queue is closed`);
}
