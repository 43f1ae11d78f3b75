import { checkOptions, type OptionTypes, SIGNAL } from "../../checks/option_check.ts";
import { logApplicationError } from "../../log.ts";
import { onAbort } from "./abort_listeners.ts";
import { checkDuration } from "../../checks/number_check.ts";
import { isQuiet, QUIET, type Quiet } from "../coroutine/quiet.ts";
import { convertYielded, type Yieldable, type Yielded } from "../coroutine/runner.ts";
import { TimeoutError } from "./timeout_error.ts";
import { Timer } from "../loop/timer.ts";

/**
 * How {@linkcode withTimeout} waits and reports.
 *
 * @category Event loop
 */
export interface WithTimeoutOptions {
  /** Which errors that come too late are not logged. Default: none, all are logged. */
  readonly quiet?: Quiet | undefined;
  /** Ends the wait: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What may stand in {@linkcode WithTimeoutOptions}. */
const OPTIONS: OptionTypes = { quiet: QUIET, signal: SIGNAL };

/**
 * Waits for a promise, but not for ever (`tornado.gen.with_timeout`).
 *
 * What the promise stands for is not cancelled. If it fails after the wait is over, nobody is there
 * to receive the error, so it is logged.
 *
 * @param ms Milliseconds to wait; any length, `Infinity` included.
 * @param promise What to wait for.
 * @param options What is logged, and what ends the wait early.
 * @throws {TimeoutError} If the time passed first.
 * @throws {TypeError | RangeError} If `ms` is not a number of milliseconds, or an option is unknown.
 *
 * @example
 * ```ts
 * import { gen, TimeoutError } from "@gustnado/gustnado";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const never = new Promise<void>(() => {});
 * await assertRejects(() => gen.withTimeout(5, never), TimeoutError);
 * const pair = [Promise.resolve(1), Promise.resolve(2)] as const;
 * assertEquals(await gen.withTimeout(1_000, pair), [1, 2]);
 * ```
 *
 * @category Event loop
 */
export function withTimeout<Value>(
  ms: number,
  promise: PromiseLike<Value>,
  options?: WithTimeoutOptions,
): Promise<Value>;
/**
 * Waits for several promises together, as `gen.multi` does, or for a generator.
 *
 * @param ms Milliseconds to wait for all of it.
 * @param children What to wait for: an array or a record of promises, also nested.
 * @param options What is logged, and what ends the wait early.
 * @returns The values, in the shape of the children.
 * @throws {TimeoutError} If the time passed first.
 * @throws {BadYieldError} If something of it cannot be waited for.
 *
 * @category Event loop
 */
export function withTimeout<const Children extends Yieldable>(
  ms: number,
  children: Children,
  options?: WithTimeoutOptions,
): Promise<Yielded<Children>>;
export async function withTimeout(
  ms: number,
  awaited: unknown,
  options: WithTimeoutOptions = {},
): Promise<unknown> {
  checkDuration("timeout", ms);
  checkOptions(options, OPTIONS);
  const { signal, quiet = false } = options;
  let waiting = true;
  const promise = convertYielded(awaited, quiet);
  // Before anything can throw: a rejection that nobody listens to would end the process.
  promise.then(undefined, (error) => {
    if (!waiting && !isQuiet(error, quiet)) logApplicationError("Exception after a timeout", error);
  });
  try {
    return await limited(ms, promise, signal);
  } finally {
    waiting = false;
  }
}

async function limited(
  ms: number,
  promise: PromiseLike<unknown>,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  signal?.throwIfAborted();
  const { promise: over, reject } = Promise.withResolvers<never>();
  using _timer = new Timer(ms, () => reject(timedOut(ms)));
  const stopListening = signal && onAbort(signal, () => reject(signal.reason));
  try {
    return await Promise.race([promise, over]);
  } finally {
    stopListening?.();
  }
}

function timedOut(ms: number): TimeoutError {
  return new TimeoutError(`Cannot wait for the promise: the timeout of ${ms} ms has passed`);
}
