import { logApplicationError } from "../tools/log.ts";
import { onAbort } from "./abort_listeners.ts";
import { checkDuration } from "./duration.ts";
import { isQuiet, type Quiet } from "./quiet.ts";
import { TimeoutError } from "./timeout_error.ts";
import { Timer } from "./timer.ts";

/** How {@linkcode withTimeout} waits and reports. */
export interface WithTimeoutOptions {
  /** Which errors that come too late are not logged. Default: none, all are logged. */
  readonly quiet?: Quiet;
  /** Ends the wait: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits for a promise, but not for ever (`tornado.gen.with_timeout`).
 *
 * What the promise stands for is not cancelled. If it fails after the wait is over, nobody is there
 * to receive the error, so it is logged.
 *
 * @example
 * ```ts
 * import { gen, TimeoutError } from "@gustnado/gustnado";
 * import { assertRejects } from "@std/assert";
 *
 * const never = new Promise<void>(() => {});
 * await assertRejects(() => gen.withTimeout(5, never), TimeoutError);
 * ```
 *
 * @param ms Milliseconds to wait; any length, `Infinity` included.
 * @param promise What to wait for.
 * @param options What is logged, and what ends the wait early.
 * @throws {TimeoutError} If the time passed first.
 */
export async function withTimeout<Value>(
  ms: number,
  promise: PromiseLike<Value>,
  options: WithTimeoutOptions = {},
): Promise<Value> {
  checkDuration("timeout", ms);
  const { signal, quiet = false } = options;
  signal?.throwIfAborted();
  const { promise: over, reject } = Promise.withResolvers<never>();
  let waiting = true;
  promise.then(undefined, (error) => {
    if (!waiting && !isQuiet(error, quiet)) logApplicationError("Exception after a timeout", error);
  });
  using _timer = new Timer(ms, () => reject(timedOut(ms)));
  const stopListening = signal && onAbort(signal, () => reject(signal.reason));
  try {
    return await Promise.race([promise, over]);
  } finally {
    waiting = false;
    stopListening?.();
  }
}

function timedOut(ms: number): TimeoutError {
  return new TimeoutError(`Cannot wait for the promise: the timeout of ${ms} ms has passed`);
}
