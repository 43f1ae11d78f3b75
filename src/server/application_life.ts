/** When an application starts and ends: with the first of its servers, and with the last. */
import { callGuarded } from "../concurrent/loop/guarded_call.ts";
import { within } from "../concurrent/coroutine/promise_like.ts";
import { logWarning } from "../log.ts";

/** How an application starts: at once, or when the promise settles. */
export type Start = () => PromiseLike<unknown> | undefined;

/** What `Application.onStart` and `Application.onShutdown` stand for, seen from the servers. */
export class ApplicationLife {
  readonly #start: Start;
  readonly #end: () => unknown;
  readonly #callbacks: (() => unknown)[] = [];
  #servers = 0;
  #started = false;
  #starting: PromiseLike<unknown> | undefined;

  /**
   * @param start Is called for the first server, and again for the first one after the last.
   * @param end Is called when the callbacks are done that were registered.
   */
  constructor(start: Start = () => undefined, end: () => unknown = () => {}) {
    this.#start = start;
    this.#end = end;
  }

  /** See `Application.onShutdown`. */
  onShutdown(callback: () => unknown): void {
    this.#callbacks.push(callback);
  }

  /**
   * A server listens.
   *
   * @returns A promise if the application is not ready yet. It rejects if it cannot start.
   * @throws What the start throws.
   */
  enter(): PromiseLike<unknown> | undefined {
    const starting = this.start();
    this.#servers++;
    return starting;
  }

  /** Starts the application, unless that was done; as {@linkcode enter} does. */
  start(): PromiseLike<unknown> | undefined {
    if (this.#started) return this.#starting;
    const starting = this.#starting = this.#start();
    this.#started = true;
    starting?.then(() => this.#starting = undefined, () => this.#started = false);
    return starting;
  }

  /**
   * A server has stopped.
   *
   * @returns Whether it was the last one, so that {@linkcode endings} are to be called.
   */
  leave(): boolean {
    if (--this.#servers > 0) return false;
    this.#started = false;
    return true;
  }

  /** What is to be called at the end: the callbacks, the last registered first, then the end itself. */
  *endings(): Generator<() => unknown> {
    for (let next = this.#callbacks.pop(); next !== undefined; next = this.#callbacks.pop()) {
      yield next;
    }
    yield this.#end;
  }
}

/**
 * A server has stopped. After the last one the callbacks run, the last registered first, each when
 * the one before it is done.
 *
 * @param ms Milliseconds that they may take in all. When these are over the rest are still called,
 *   but not waited for.
 * @returns Whether none was given up.
 */
export async function leaveLife(life: ApplicationLife, ms: number): Promise<boolean> {
  if (!life.leave()) return true;
  const end = performance.now() + ms;
  let inTime = true;
  for (const ending of life.endings()) {
    inTime = await settles(ending, end - performance.now()) && inTime;
  }
  return inTime;
}

async function settles(callback: () => unknown, ms: number): Promise<boolean> {
  const pending = callGuarded(callback, "of onShutdown()");
  if (pending === undefined || await within(pending, Math.max(0, ms))) return true;
  logWarning("Gave up a callback of onShutdown() that has not settled within the grace period");
  return false;
}
