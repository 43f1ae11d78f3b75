import { checkOptions, SIZE } from "../../checks/option_check.ts";
import { type BlockingMetrics, BlockingWatchdog } from "./blocking_watchdog.ts";
import { checkDuration } from "../../checks/number_check.ts";
import { type Callback, callGuarded, checkCallback, nameOf } from "./guarded_call.ts";
import { nextIteration } from "./next_iteration.ts";
import { isPromiseLike } from "../coroutine/promise_like.ts";
import { convertYielded, type Yieldable } from "../coroutine/runner.ts";
import { shown } from "../../checks/shown.ts";
import { type TimeDelta, toMilliseconds } from "./time_delta.ts";
import { Timer } from "./timer.ts";
import { WorkerPool } from "../workers/worker_pool.ts";
import type { WorkerTask } from "../workers/worker_task.ts";
import { withTimeout } from "../waiting/with_timeout.ts";

/**
 * How {@linkcode IOLoop.runSync} waits.
 *
 * @category Event loop
 */
export interface RunSyncOptions {
  /** Milliseconds until it fails with a `TimeoutError`. Default: for ever. */
  readonly timeout?: number | undefined;
}

interface PendingCallback {
  readonly name: string;
  readonly call: () => unknown;
}

/**
 * The face of the runtime's event loop in Tornado's words (`tornado.ioloop.IOLoop`).
 *
 * The loop itself is the runtime's: it runs whether or not `start` was called, and there is one.
 * What this adds is that an error in a callback is logged and never fatal, that `stop` ends `start`,
 * workers for what would block the loop, and a watchdog for what does.
 *
 * @example
 * ```ts
 * import { IOLoop } from "@gustnado/gustnado";
 *
 * const loop = IOLoop.current();
 * loop.callLater(5, () => loop.stop());
 * await loop.start();
 * ```
 *
 * @category Event loop
 */
export class IOLoop {
  static #current: IOLoop | undefined;

  #callbacks: PendingCallback[] = [];
  #stopRequested = false;
  #stopped: PromiseWithResolvers<void> | undefined;
  #keepAlive: Timer | undefined;
  #watchdog: BlockingWatchdog | undefined;
  #executor: WorkerPool | undefined;

  private constructor() {}

  /** The loop. There is one for each thread of the runtime. */
  static current(): IOLoop {
    return IOLoop.#current ??= new IOLoop();
  }

  /** The same as {@linkcode current}, by its older name (`IOLoop.instance`). */
  static instance(): IOLoop {
    return IOLoop.current();
  }

  /**
   * Waits until `stop` is called, and keeps the process alive until then.
   *
   * The loop runs without it too; it is how a program that has nothing else to wait for goes on.
   *
   * @returns A promise that resolves at `stop`, or soon if that was called before.
   */
  start(): Promise<void> {
    if (this.#stopRequested) {
      this.#stopRequested = false;
      return Promise.resolve();
    }
    this.#keepAlive ??= new Timer(Infinity, () => {});
    return (this.#stopped ??= Promise.withResolvers()).promise;
  }

  /** Ends `start`, or the next `start` if none is waiting. */
  stop(): void {
    this.#keepAlive?.cancel();
    this.#keepAlive = undefined;
    if (this.#stopped === undefined) this.#stopRequested = true;
    else this.#stopped.resolve();
    this.#stopped = undefined;
  }

  /**
   * Runs a function and waits for what it returns: a promise, or an array or record of promises.
   *
   * Tornado enters the loop here; in this runtime the loop cannot be entered twice, so the result is
   * a promise, to be awaited at the top of a program.
   *
   * @param run The function, usually `async` or a coroutine.
   * @param options How long to wait. What has been started goes on after a timeout.
   * @throws {TimeoutError} If the timeout passed first.
   * @throws {BadYieldError} If the function returns what cannot be waited for.
   */
  runSync<Value>(run: () => PromiseLike<Value>, options?: RunSyncOptions): Promise<Value>;
  /** Runs a function that returns an array or record of promises, or nothing to wait for. */
  runSync(run: () => Yieldable | void, options?: RunSyncOptions): Promise<unknown>;
  async runSync(run: () => unknown, options: RunSyncOptions = {}): Promise<unknown> {
    checkCallback(run, "run and wait");
    const { timeout = Infinity } = options ?? {};
    checkDuration("timeout", timeout);
    checkOptions(options, { timeout: SIZE });
    const result = convertYielded(run());
    return await (timeout === Infinity ? result : withTimeout(timeout, result));
  }

  /**
   * Calls a function in the next iteration of the loop.
   *
   * Callbacks run in the order they were added. One that is added by a callback runs in the iteration
   * after. An error, or the rejection of a returned promise, is logged.
   *
   * @throws {TypeError} If the callback is not a function.
   */
  addCallback<Args extends unknown[]>(callback: Callback<Args>, ...args: Args): void {
    checkCallback(callback, "add a callback");
    this.#callbacks.push({ name: nameOf(callback), call: () => callback(...args) });
    if (this.#callbacks.length === 1) nextIteration(() => this.#runCallbacks());
  }

  /** The same as `addCallback`; Tornado tells them apart by what they inherit. */
  spawnCallback<Args extends unknown[]>(callback: Callback<Args>, ...args: Args): void {
    this.addCallback(callback, ...args);
  }

  /**
   * The same as `addCallback`; in Tornado it is the one that a signal handler may call. Here signal
   * listeners run in the loop like everything else.
   */
  addCallbackFromSignal<Args extends unknown[]>(callback: Callback<Args>, ...args: Args): void {
    this.addCallback(callback, ...args);
  }

  /**
   * Calls a function with a promise when that has settled, in the next iteration of the loop.
   *
   * The callback finds out how it ended by awaiting it. If it does not, a rejection is dropped.
   *
   * @throws {TypeError} If the future is not a promise, or the callback not a function.
   */
  addFuture<Value>(
    future: PromiseLike<Value>,
    callback: Callback<[future: PromiseLike<Value>]>,
  ): void {
    checkFuture(future);
    checkCallback(callback, "add a future's callback");
    const settled = () => this.addCallback(callback, future);
    future.then(settled, settled);
  }

  /**
   * Calls a function after some time. An error in it is logged.
   *
   * @param delay Milliseconds; any length.
   * @param callback What to call.
   * @param args What to call it with.
   * @returns The handle for `removeTimeout`.
   * @throws {TypeError | RangeError} If the delay is not a number of milliseconds.
   * @throws {TypeError} If the callback is not a function.
   */
  callLater<Args extends unknown[]>(delay: number, callback: Callback<Args>, ...args: Args): Timer {
    checkDuration("delay", delay);
    checkCallback(callback, "call later");
    return new Timer(delay, () => this.#run(nameOf(callback), () => callback(...args)));
  }

  /**
   * Calls a function at a time of this loop's clock, or soon if that is past.
   *
   * @param when Milliseconds, as `time()` gives them.
   * @param callback What to call.
   * @param args What to call it with.
   * @returns The handle for `removeTimeout`.
   * @throws {TypeError | RangeError} If the time is not a number of milliseconds.
   * @throws {TypeError} If the callback is not a function.
   */
  callAt<Args extends unknown[]>(when: number, callback: Callback<Args>, ...args: Args): Timer {
    checkDuration("time", when);
    return this.callLater(Math.max(0, when - this.time()), callback, ...args);
  }

  /**
   * Calls a function at a time, or after some time (`IOLoop.add_timeout`). What is past is called soon.
   *
   * As in Tornado a number is a time and not a delay: five seconds from now are `{ seconds: 5 }`, or
   * `callLater(5_000, …)`, while `addTimeout(5_000, …)` names a moment of 1970 and calls at once.
   *
   * @example
   * ```ts
   * import { IOLoop } from "@gustnado/gustnado";
   *
   * const loop = IOLoop.current();
   * const timeout = loop.addTimeout({ minutes: 5 }, () => console.log("Five minutes have passed"));
   * loop.removeTimeout(timeout);
   * ```
   *
   * @param deadline A time of this loop's clock in milliseconds, as `callAt` takes it; a `Date`; or a
   * length of time from now on.
   * @param callback What to call.
   * @param args What to call it with.
   * @returns The handle for `removeTimeout`.
   * @throws {TypeError | RangeError} If the deadline is none, or the callback not a function.
   */
  addTimeout<Args extends unknown[]>(
    deadline: number | Date | TimeDelta,
    callback: Callback<Args>,
    ...args: Args
  ): Timer {
    if (typeof deadline === "number") return this.callAt(deadline, callback, ...args);
    const delay = deadline instanceof Date
      ? timeOf(deadline) - Date.now()
      : toMilliseconds(deadline);
    return this.callLater(Math.max(0, delay), callback, ...args);
  }

  /**
   * Takes back what `callLater`, `callAt` or `addTimeout` arranged. Also right after it has run.
   *
   * @throws {TypeError} If it is not what one of them returned.
   */
  removeTimeout(timeout: Timer): void {
    if (!(timeout instanceof Timer)) {
      throw new TypeError(
        `Cannot remove the timeout ${
          shown(timeout)
        }: give what callLater, callAt or addTimeout returned`,
      );
    }
    timeout.cancel();
  }

  /**
   * The time by this loop's clock: milliseconds since 1970 when the process started, counted on from
   * there by a clock that nobody can set.
   */
  time(): number {
    return performance.timeOrigin + performance.now();
  }

  /**
   * Runs a function on a worker thread, so that it cannot block the loop.
   *
   * See {@linkcode WorkerPool.submit} for what a task may be. The workers are started when they are
   * needed, one for each core at most, and end when they were idle for a second.
   *
   * @example
   * ```ts
   * import { IOLoop } from "@gustnado/gustnado";
   * import { assertEquals } from "@std/assert";
   *
   * const loop = IOLoop.current();
   * const sum = (to: number) => {
   *   let sum = 0;
   *   for (let n = 1; n <= to; n++) sum += n;
   *   return sum;
   * };
   * assertEquals(await loop.runInExecutor(sum, 1_000), 500_500);
   * await loop.shutdownDefaultExecutor();
   * ```
   */
  runInExecutor<Args extends unknown[], Result>(
    task: WorkerTask<Args, Result>,
    ...args: Args
  ): Promise<Awaited<Result>> {
    if (task === null) return Promise.reject(noExecutorArgument());
    return (this.#executor ??= new WorkerPool()).submit(task, ...args);
  }

  /**
   * Sets the workers that `runInExecutor` uses. Those it used before are the caller's to shut down.
   *
   * @throws {TypeError} If it is not a `WorkerPool`.
   */
  setDefaultExecutor(executor: WorkerPool): void {
    if (!(executor instanceof WorkerPool)) {
      throw new TypeError(`Cannot use ${shown(executor)} as the executor: it must be a WorkerPool`);
    }
    this.#executor = executor;
  }

  /** Ends the workers of `runInExecutor` after what they are doing; a later call starts new ones. */
  async shutdownDefaultExecutor(): Promise<void> {
    const executor = this.#executor;
    this.#executor = undefined;
    await executor?.shutdown();
  }

  /**
   * Logs a warning whenever the loop was blocked for longer than this: for how long, and by what if
   * that is known. It is known for callbacks of this loop and for what `noteActivity` names.
   *
   * @param ms The threshold in milliseconds, or `null` to watch no more. Watching costs a timer that
   * fires four times in that time.
   * @throws {RangeError} If the threshold is not above 0.
   */
  setBlockingLogThreshold(ms: number | null): void {
    if (ms !== null) {
      checkDuration("threshold", ms);
      if (ms === 0) throw new RangeError("Cannot use threshold 0: it must be above 0 milliseconds");
    }
    this.#watchdog?.stop();
    this.#watchdog = ms === null ? undefined : new BlockingWatchdog(ms);
    this.#watchdog?.start();
  }

  /** What the watchdog has seen since it was set; `null` if there is none. */
  get blockingMetrics(): BlockingMetrics | null {
    return this.#watchdog?.metrics ?? null;
  }

  /** Tells the watchdog, if there is one, what is about to run: `GET /report ReportHandler`. */
  noteActivity(name: string): void {
    this.#watchdog?.note(name);
  }

  #runCallbacks(): void {
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    for (const { name, call } of callbacks) this.#run(name, call);
  }

  #run(name: string, call: () => unknown): void {
    this.#watchdog?.note(name);
    callGuarded(call, name);
  }
}

function checkFuture(future: unknown): void {
  if (isPromiseLike(future)) return;
  throw new TypeError(`Cannot add the future ${shown(future)}: it must be a promise`);
}

function timeOf(date: Date): number {
  const time = date.getTime();
  if (!Number.isNaN(time)) return time;
  throw new RangeError("Cannot use the Date as a deadline: it is an Invalid Date");
}

/** In Tornado the executor comes first, and is mostly `None`. */
function noExecutorArgument(): TypeError {
  return new TypeError(
    "Cannot run null on a worker: the function comes first, and setDefaultExecutor sets the executor",
  );
}
