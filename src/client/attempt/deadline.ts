/** How long a fetch may take. */
import type { Alarm, AlarmClock, AlarmHandle } from "./alarm.ts";
import { HTTPTimeoutError } from "../client_error.ts";

/** Where a fetch is, for the message of its timeout. */
export type FetchPhase = "in the request queue" | "while connecting" | "during the request";

interface DeadlineOptions {
  readonly clock: AlarmClock;
  readonly started: number;
  readonly outer: AbortSignal | undefined;
}

/**
 * The end of one attempt: its `signal` aborts when the time is over, or when the caller cancels.
 * Dispose of it when the attempt is over.
 */
export class Deadline implements Alarm, Disposable {
  /** Where the fetch is. */
  phase: FetchPhase = "in the request queue";
  /** When it is over, on the clock of `performance.now()`. */
  readonly at: number;

  readonly #controller = new AbortController();
  /** Aborts with an {@linkcode HTTPTimeoutError}, or with the reason of the caller. */
  readonly signal: AbortSignal = this.#controller.signal;
  readonly #clock: AlarmClock;
  readonly #timeout: number;
  readonly #outer: AbortSignal | undefined;
  readonly #onOuterAbort: (() => void) | undefined;
  readonly #alarm: AlarmHandle | undefined;
  #connecting: AlarmHandle | undefined;

  /**
   * @param timeout Milliseconds; 0 for no end.
   * @param options What watches over it, when it began on the clock of `performance.now()`, and the
   * caller's own signal.
   */
  constructor(timeout: number, { clock, started, outer }: DeadlineOptions) {
    this.#clock = clock;
    this.#timeout = timeout;
    this.at = timeout > 0 ? started + timeout : Infinity;
    if (this.at !== Infinity) this.#alarm = clock.start(this);
    if (outer === undefined) return;
    this.#outer = outer;
    this.#onOuterAbort = () => this.abort(outer.reason);
    if (outer.aborted) this.#onOuterAbort();
    else outer.addEventListener("abort", this.#onOuterAbort, { once: true });
  }

  /** Gives up. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /**
   * What comes first: a result, or the end.
   *
   * @param result What may never settle.
   * @param onEnd Is called when the end comes first.
   */
  race<T>(result: Promise<T>, onEnd: () => void): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const giveUp = () => {
      reject(this.signal.reason);
      onEnd();
    };
    this.signal.addEventListener("abort", giveUp, { once: true });
    result.then(resolve, reject);
    return promise;
  }

  /** The time is over. */
  ring(): void {
    this.#expire(this.#timeout);
  }

  /** The request leaves: from now on the server has `connectTimeout` milliseconds; 0 for no limit. */
  connecting(connectTimeout: number): void {
    this.phase = "during the request";
    if (connectTimeout === 0 || connectTimeout === Infinity) return;
    this.phase = "while connecting";
    this.#connecting = this.#clock.start({
      at: performance.now() + connectTimeout,
      ring: () => this.#expire(connectTimeout),
    });
  }

  /** The server has given a sign of life. */
  connected(): void {
    if (this.#connecting === undefined) return;
    this.phase = "during the request";
    this.#clock.stop(this.#connecting);
    this.#connecting = undefined;
  }

  /** Lets go of the clock and of the caller's signal. */
  [Symbol.dispose](): void {
    this.connected();
    if (this.#alarm !== undefined) this.#clock.stop(this.#alarm);
    if (this.#onOuterAbort !== undefined) {
      this.#outer?.removeEventListener("abort", this.#onOuterAbort);
    }
  }

  #expire(timeout: number): void {
    this.abort(new HTTPTimeoutError(`Timeout ${this.phase} after ${timeout} ms`));
  }
}
