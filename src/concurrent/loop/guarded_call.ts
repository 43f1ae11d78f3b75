import { logApplicationError } from "../../log.ts";
import { isPromiseLike } from "../coroutine/promise_like.ts";
import { shown } from "../../checks/shown.ts";

/**
 * A function that the loop calls: its result is waited for if it is a promise, and then dropped.
 *
 * @category Event loop
 */
export type Callback<Args extends unknown[] = []> = (...args: Args) => unknown;

/**
 * Calls a function whose errors have nobody to go to: thrown or rejected, they are logged, for in
 * this runtime they would end the process.
 *
 * @param call The function.
 * @param name What it is called in the log.
 * @returns A promise that never rejects if the function returned one, else nothing.
 */
export function callGuarded(call: () => unknown, name: string): Promise<void> | undefined {
  try {
    const result = call();
    // The microtask keeps a `then` that throws inside the promise.
    if (isPromiseLike(result)) {
      return Promise.resolve(result).then(ignore, (error) => log(name, error));
    }
  } catch (error) {
    log(name, error);
  }
  return undefined;
}

function log(name: string, error: unknown): void {
  logApplicationError(`Exception in callback ${name}`, error);
}

function ignore(): void {}

/** The name of a function for the log. */
export function nameOf(callback: { readonly name: string }): string {
  return typeof callback.name === "string" && callback.name !== "" ? callback.name : "(anonymous)";
}

/**
 * Checks what a caller gave to be called later, when there is nobody left to tell.
 *
 * @param callback What was given.
 * @param attempt What it was given for: `call later`.
 * @throws {TypeError} If it is not a function.
 */
export function checkCallback(callback: unknown, attempt: string): void {
  if (typeof callback === "function") return;
  const wayOut = isPromiseLike(callback) ? ". Give the function itself, without calling it" : "";
  throw new TypeError(`Cannot ${attempt}: ${shown(callback)} is not a function${wayOut}`);
}
