/** Calls that run beside each other, and those that wait for their turn. */
import { Deque } from "../../concurrent/collections/deque.ts";

/** How much of a client may be under way. */
export interface LaneLimits {
  /** Calls that run at the same time. */
  readonly running: number;
  /** Calls that may wait. */
  readonly waiting: number;
  /** Bytes that these may have together. */
  readonly waitingBytes: number;
}

interface Waiting {
  readonly start: () => void;
  readonly bytes: number;
}

/** Runs a few tasks at a time, in the order in which they came, and holds no more than it may. */
export class CallLanes {
  readonly #limits: LaneLimits;
  readonly #waiting = new Deque<Waiting>();
  #bytes = 0;
  #running = 0;
  #holds = 0;
  #closed = false;

  constructor(limits: LaneLimits) {
    this.#limits = limits;
  }

  /**
   * Runs a task: now if there is a free lane, else when it is its turn.
   *
   * @param task What is to be run. It must not reject.
   * @param bytes What it takes while it waits.
   * @returns Its promise, which never settles if {@linkcode close} comes first; `undefined` if there
   *   is no room for it.
   */
  run<T>(task: () => Promise<T>, bytes: number): Promise<T> | undefined {
    if (this.#closed) return new Promise(() => {});
    if (this.#mayStart) return this.#start(task);
    const { waiting, waitingBytes } = this.#limits;
    if (this.#waiting.size >= waiting || this.#bytes + bytes > waitingBytes) return undefined;
    const { promise, resolve } = Promise.withResolvers<T>();
    this.#waiting.push({ start: () => resolve(this.#start(task)), bytes });
    this.#bytes += bytes;
    return promise;
  }

  /** Starts nothing until a promise settles. */
  holdUntil(promise: PromiseLike<unknown>): void {
    this.#holds++;
    const release = () => {
      this.#holds--;
      this.#next();
    };
    Promise.resolve(promise).then(release, release);
  }

  /** Drops what waits, and starts nothing more. */
  close(): void {
    this.#closed = true;
    while (this.#waiting.shift() !== undefined);
    this.#bytes = 0;
  }

  get #mayStart(): boolean {
    return this.#holds === 0 && this.#running < this.#limits.running;
  }

  #start<T>(task: () => Promise<T>): Promise<T> {
    this.#running++;
    return task().finally(() => {
      this.#running--;
      this.#next();
    });
  }

  #next(): void {
    while (this.#mayStart) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#bytes -= next.bytes;
      next.start();
    }
  }
}
