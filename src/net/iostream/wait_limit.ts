import { onAbort } from "../../concurrent/waiting/abort_listeners.ts";
import { TimeoutError } from "../../concurrent/waiting/timeout_error.ts";
import { Timer } from "../../concurrent/loop/timer.ts";
import type { WaitOptions } from "../../concurrent/waiting/wait_options.ts";

/** The end of a caller's patience, to be raced against each step of what it waits for. */
export class WaitLimit implements Disposable {
  readonly #over: Promise<never> | undefined;
  readonly #timer: Timer | undefined;
  readonly #stopListening: (() => void) | undefined;

  /**
   * Begins to count.
   *
   * @param options Already checked by `checkWaitOptions`.
   * @param purpose What is waited for, for the message of a timeout: `read`.
   */
  constructor({ timeout, signal }: WaitOptions, purpose: string) {
    if (timeout === undefined && signal === undefined) return;
    const { promise, reject } = Promise.withResolvers<never>();
    // The limit can pass between two steps, when nobody listens.
    promise.catch(() => {});
    this.#over = promise;
    if (timeout !== undefined) {
      this.#timer = new Timer(timeout, () => reject(timedOut(purpose, timeout)));
    }
    if (signal !== undefined) this.#stopListening = onAbort(signal, () => reject(signal.reason));
  }

  /** Waits for a step. What it stands for goes on if the limit passes first. */
  race<Value>(step: Promise<Value>): Promise<Value> {
    return this.#over === undefined ? step : Promise.race([step, this.#over]);
  }

  /** Ends the counting. */
  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#stopListening?.();
  }
}

function timedOut(purpose: string, timeout: number): TimeoutError {
  return new TimeoutError(`Cannot ${purpose}: the timeout of ${timeout} ms has passed`);
}
