import {
  BOOLEAN,
  checkOptions,
  NUMBER,
  type OptionType,
  type OptionTypes,
  STRING,
} from "../../checks/option_check.ts";
import { logApplicationError } from "../../log.ts";
import { onAbort } from "../waiting/abort_listeners.ts";
import { checkDuration, checkWholeNumber } from "../../checks/number_check.ts";
import { Event } from "../locks/event.ts";
import { LinkedList, type LinkedListNode } from "../collections/linked_list.ts";
import { QueueFull } from "../queues/queue_errors.ts";
import { TimeoutError } from "../waiting/timeout_error.ts";
import { Timer } from "../loop/timer.ts";
import { checkWaitOptions, WAIT_OPTIONS } from "../waiting/wait_options.ts";
import { reviveFailure } from "./worker_error.ts";
import {
  type TaskAnswer,
  type TaskMessage,
  toTaskMessage,
  toTaskOptions,
  type WorkerTask,
  type WorkerTaskOptions,
} from "./worker_task.ts";
import { WorkerThread } from "./worker_thread.ts";

/**
 * What a {@linkcode WorkerPool} is made with.
 *
 * @category Event loop
 */
export interface WorkerPoolOptions {
  /** How many workers there are at most. Default: one for each core. */
  readonly size?: number | undefined;
  /** How many tasks wait for a worker at most; one more is refused. Default: 1,024. */
  readonly maxQueue?: number | undefined;
  /**
   * Milliseconds after which an idle worker ends. Until then it keeps the process alive. Default:
   * 1,000.
   */
  readonly idleTimeout?: number | undefined;
}

const ARRAY: OptionType = { name: "an array", test: Array.isArray };

/** Of what type each option is; of what range, the constructor checks. */
const POOL_OPTIONS: OptionTypes = { size: NUMBER, maxQueue: NUMBER, idleTimeout: NUMBER };

/** What may be said of a task. */
const TASK_OPTIONS: OptionTypes = {
  ...WAIT_OPTIONS,
  // Whether it can run is checked with a message of its own.
  run: { name: "a function or a URL", test: () => true },
  exportName: STRING,
  transfer: ARRAY,
  transferResult: BOOLEAN,
};

/**
 * How {@linkcode WorkerPool.shutdown} ends.
 *
 * @category Event loop
 */
export interface WorkerPoolShutdownOptions {
  /** Cancel the tasks that wait or run instead of waiting for them. Default: `false`. */
  readonly cancel?: boolean | undefined;
}

/** A task from `submit` to its end. */
interface Job {
  readonly message: TaskMessage;
  readonly transfer: readonly Transferable[];
  readonly caller: Error;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  /** Its place among the waiting. */
  node?: LinkedListNode<Job>;
  /** The seat on which it runs. */
  seat?: Seat;
}

/** A thread and what it is doing. */
interface Seat {
  readonly thread: WorkerThread;
  job: Job | undefined;
  idleTimer: Timer | undefined;
}

/**
 * Worker threads for what would block the event loop, and a bounded queue before them: the executor
 * of `IOLoop.runInExecutor`.
 *
 * Workers start when they are needed. Every way for a task to end is an ordinary rejection: an error
 * keeps its message, standard class and stack trace; a worker that crashes is replaced.
 *
 * @example
 * ```ts
 * import { WorkerPool } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * await using pool = new WorkerPool({ size: 2 });
 * const square = (n: number) => n * n;
 * assertEquals(await Promise.all([pool.submit(square, 3), pool.submit(square, 4)]), [9, 16]);
 * ```
 *
 * @category Event loop
 */
export class WorkerPool implements AsyncDisposable {
  readonly #size: number;
  readonly #maxQueue: number;
  readonly #idleTimeout: number;
  readonly #seats: Set<Seat> = new Set();
  readonly #idle: Seat[] = [];
  readonly #waiting: LinkedList<Job> = new LinkedList();
  readonly #drained: Event = new Event();
  #lastId = 0;
  #closed = false;

  /**
   * Makes a pool; no worker starts yet.
   *
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {RangeError} If one is out of its range.
   */
  constructor(options: WorkerPoolOptions = {}) {
    checkOptions(options, POOL_OPTIONS);
    const { size = coreCount(), maxQueue = 1_024, idleTimeout = 1_000 } = options;
    checkWholeNumber("Cannot make a pool of size", size, { least: 1, most: Infinity });
    checkWholeNumber("Cannot make a pool with maxQueue", maxQueue, { most: Infinity });
    checkDuration("idleTimeout", idleTimeout);
    this.#size = size;
    this.#maxQueue = maxQueue;
    this.#idleTimeout = idleTimeout;
  }

  /**
   * Runs a task on a worker.
   *
   * A function is sent as source text and sees nothing of the module around it; a module is imported
   * once by each worker. Arguments and result are copied as by `structuredClone`.
   *
   * @param task A function, the URL of a module whose default export is one, or either with options:
   * what to transfer, a timeout, a signal.
   * @param args What to call it with.
   * @returns What the function returns; if that is a promise, its value.
   * @throws What the function throws, with its stack trace in the worker and that of this call.
   * @throws {QueueFull} If `maxQueue` tasks are waiting.
   * @throws {TimeoutError} If the task's timeout passed.
   * @throws {TypeError} If the task cannot be sent.
   */
  async submit<Args extends unknown[], Result>(
    task: WorkerTask<Args, Result>,
    ...args: Args
  ): Promise<Awaited<Result>> {
    const options = toTaskOptions(task);
    this.#check(options);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const job: Job = {
      message: toTaskMessage(++this.#lastId, options, args),
      transfer: options.transfer ?? [],
      caller: new Error("Submitted here"),
      resolve,
      reject,
    };
    this.#enqueue(job);
    using _timer = this.#limit(job, options.timeout);
    const stopListening = options.signal &&
      onAbort(options.signal, () => this.#cancel(job, options.signal?.reason));
    try {
      // What the worker sends back is what the function returned there.
      return await promise as Awaited<Result>;
    } finally {
      stopListening?.();
    }
  }

  /**
   * Takes no more tasks, waits for those it has, and ends the workers.
   *
   * @param options Whether to wait.
   */
  async shutdown(options: WorkerPoolShutdownOptions = {}): Promise<void> {
    checkOptions(options, { cancel: BOOLEAN });
    this.#closed = true;
    if (options.cancel ?? false) this.#cancelAll();
    this.#endIdle();
    if (this.#seats.size > 0) await this.#drained.wait();
  }

  /** The same as {@linkcode shutdown}: what was submitted is still done. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  /** The state for a log or a debugger: `<WorkerPool size=4 workers=2 idle=1 waiting=0>`. */
  toString(): string {
    const counts =
      `workers=${this.#seats.size} idle=${this.#idle.length} waiting=${this.#waiting.size}`;
    return `<WorkerPool size=${this.#size} ${counts}${this.#closed ? " closed" : ""}>`;
  }

  #check(options: WorkerTaskOptions<never[], unknown>): void {
    if (this.#closed) throw new Error("Cannot submit a task: the pool is shut down");
    checkWaitOptions(options, TASK_OPTIONS);
  }

  #enqueue(job: Job): void {
    const seat = this.#idle.pop() ?? (this.#seats.size < this.#size ? this.#addSeat() : undefined);
    if (seat !== undefined) return this.#assign(seat, job);
    if (this.#waiting.size >= this.#maxQueue) {
      throw new QueueFull(`Cannot submit a task: ${this.#waiting.size} are waiting for a worker`);
    }
    job.node = this.#waiting.push(job);
  }

  #addSeat(): Seat {
    const thread = new WorkerThread({
      onAnswer: (answer) => this.#finish(seat, answer),
      onCrash: (error) => this.#crash(seat, error),
    });
    const seat: Seat = { thread, job: undefined, idleTimer: undefined };
    this.#seats.add(seat);
    return seat;
  }

  #assign(seat: Seat, job: Job): void {
    seat.idleTimer?.cancel();
    seat.job = job;
    job.seat = seat;
    try {
      seat.thread.post(job.message, job.transfer);
    } catch (error) {
      job.reject(error);
      this.#free(seat);
    }
  }

  #finish(seat: Seat, answer: TaskAnswer): void {
    const { job } = seat;
    // A task can post messages of its own; they are nobody's answer.
    if (job === undefined || answer?.id !== job.message.id) return;
    settle(job, answer);
    this.#free(seat);
  }

  #free(seat: Seat): void {
    seat.job = undefined;
    const next = this.#waiting.shift()?.value;
    if (next !== undefined) return this.#assign(seat, next);
    if (this.#closed) return this.#end(seat);
    this.#idle.push(seat);
    seat.idleTimer = new Timer(this.#idleTimeout, () => this.#end(seat));
  }

  #crash(seat: Seat, error: Error): void {
    if (seat.job === undefined) logApplicationError("Exception in a worker thread", error);
    else seat.job.reject(error);
    this.#replace(seat);
  }

  #cancel(job: Job, reason: unknown): void {
    job.reject(reason);
    if (job.node !== undefined) this.#waiting.remove(job.node);
    // A function cannot be interrupted, but its thread can be ended.
    if (job.seat?.job === job) this.#replace(job.seat);
  }

  #cancelAll(): void {
    const reason = new Error("Cannot finish the task: the pool was shut down");
    const running = [...this.#seats].flatMap((seat) => seat.job ?? []);
    while (this.#waiting.first !== undefined) this.#cancel(this.#waiting.first.value, reason);
    for (const job of running) this.#cancel(job, reason);
  }

  /** Ends a thread and lets a new one go on with what is waiting. */
  #replace(seat: Seat): void {
    this.#end(seat);
    const next = this.#waiting.shift()?.value;
    if (next !== undefined) this.#assign(this.#addSeat(), next);
  }

  #end(seat: Seat): void {
    seat.job = undefined;
    seat.idleTimer?.cancel();
    seat.thread.terminate();
    this.#seats.delete(seat);
    const index = this.#idle.indexOf(seat);
    if (index >= 0) this.#idle.splice(index, 1);
    if (this.#closed && this.#seats.size === 0) this.#drained.set();
  }

  #endIdle(): void {
    for (const seat of [...this.#idle]) this.#end(seat);
  }

  #limit(job: Job, timeout: number | undefined): Timer | undefined {
    if (timeout === undefined) return undefined;
    return new Timer(timeout, () => {
      this.#cancel(
        job,
        new TimeoutError(`Cannot finish the task: the timeout of ${timeout} ms has passed`),
      );
    });
  }
}

/** How many threads the machine runs at once; a guess where the runtime does not say. */
function coreCount(): number {
  return globalThis.navigator?.hardwareConcurrency ?? 4;
}

function settle(job: Job, answer: TaskAnswer): void {
  try {
    if ("failure" in answer) job.reject(reviveFailure(answer.failure, job.caller));
    else job.resolve(answer.value);
  } catch (error) {
    // A task that posts a forged answer hurts itself only.
    job.reject(error);
  }
}
