import { onAbort } from "./abort_listeners.ts";
import { type Deadline, DeadlineList } from "./deadline_list.ts";
import { LinkedList, type LinkedListNode } from "../collections/linked_list.ts";
import { TimeoutError } from "./timeout_error.ts";
import type { WaitOptions } from "./wait_options.ts";

/** One pending wait, as its {@linkcode WaiterQueue} hands it out to be settled. */
export interface Waiter<T, Payload> {
  /** What the waiter brought along: the item of a waiting `put`. */
  readonly payload: Payload;
  /** Ends the wait with a value. */
  readonly resolve: (value: T) => void;
  /** Ends the wait with an error. */
  readonly reject: (reason: unknown) => void;
}

/**
 * The callers that wait for something, first come, first served: what locks and queues are made of.
 *
 * Joining, being served, timing out and being aborted are O(1), however many others wait, and a
 * waiter that is gone leaves nothing behind.
 */
export class WaiterQueue<T, Payload = undefined> {
  readonly #purpose: string;
  readonly #waiters: LinkedList<PendingWaiter<T, Payload>> = new LinkedList();
  readonly #deadlines: DeadlineList<PendingWaiter<T, Payload>> = new DeadlineList((waiter) =>
    this.#expire(waiter)
  );

  /**
   * Makes an empty queue.
   *
   * @param purpose What its waiters wait to do, for the message of a timeout: `acquire the lock`.
   */
  constructor(purpose: string) {
    this.#purpose = purpose;
  }

  /** How many are waiting. */
  get size(): number {
    return this.#waiters.size;
  }

  /**
   * Joins the end of the queue.
   *
   * @param options Already checked by `checkWaitOptions`.
   * @param payload Handed to whoever ends the wait.
   * @returns A promise of what the wait ends with.
   * @throws {TimeoutError} At once, if the timeout is 0.
   */
  wait(options: WaitOptions, payload: Payload): Promise<T> {
    const { timeout, signal } = options;
    if (timeout === 0) throw this.#timeoutError(0);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const waiter: PendingWaiter<T, Payload> = { payload, resolve, reject };
    waiter.node = this.#waiters.push(waiter);
    if (timeout !== undefined && timeout !== Infinity) {
      waiter.timeout = timeout;
      waiter.deadline = this.#deadlines.add(timeout, waiter);
    }
    if (signal !== undefined) {
      waiter.stopListening = onAbort(signal, () => {
        this.#leave(waiter);
        reject(signal.reason);
      });
    }
    return promise;
  }

  /** Takes the first waiter out; the caller then settles it. */
  shift(): Waiter<T, Payload> | undefined {
    const waiter = this.#waiters.first?.value;
    if (waiter !== undefined) this.#leave(waiter);
    return waiter;
  }

  /** Ends every wait with a value. */
  resolveAll(value: T): void {
    for (let waiter = this.shift(); waiter !== undefined; waiter = this.shift()) {
      waiter.resolve(value);
    }
  }

  /** Ends every wait with an error. */
  rejectAll(reason: unknown): void {
    for (let waiter = this.shift(); waiter !== undefined; waiter = this.shift()) {
      waiter.reject(reason);
    }
  }

  #leave(waiter: PendingWaiter<T, Payload>): void {
    if (waiter.node !== undefined) this.#waiters.remove(waiter.node);
    if (waiter.deadline !== undefined) this.#deadlines.remove(waiter.deadline);
    waiter.stopListening?.();
  }

  #expire(waiter: PendingWaiter<T, Payload>): void {
    this.#leave(waiter);
    waiter.reject(this.#timeoutError(waiter.timeout ?? 0));
  }

  #timeoutError(timeout: number): TimeoutError {
    return new TimeoutError(`Cannot ${this.#purpose}: the timeout of ${timeout} ms has passed`);
  }
}

interface PendingWaiter<T, Payload> extends Waiter<T, Payload> {
  node?: LinkedListNode<PendingWaiter<T, Payload>>;
  timeout?: number;
  deadline?: Deadline<PendingWaiter<T, Payload>>;
  stopListening?: () => void;
}
