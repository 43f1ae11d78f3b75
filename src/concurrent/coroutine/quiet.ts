import type { OptionType } from "../../checks/option_check.ts";

/**
 * The class of an error, abstract ones included.
 *
 * @category Event loop
 */
// deno-lint-ignore no-explicit-any -- the constructor of any error
export type ErrorClass = abstract new (...args: any[]) => unknown;

/**
 * Which errors that nobody can receive any more are not logged: all, or those of some classes.
 *
 * @category Event loop
 */
export type Quiet = boolean | readonly ErrorClass[];

/** What may stand in an option of type {@linkcode Quiet}. */
export const QUIET: OptionType = {
  name: "a boolean or an array of error classes",
  test: (value) => typeof value === "boolean" || Array.isArray(value) && value.every(isClass),
};

/** Whether an error is one that its caller does not want to see logged. */
export function isQuiet(error: unknown, quiet: Quiet): boolean {
  return typeof quiet === "boolean" ? quiet : quiet.some((Class) => error instanceof Class);
}

/** Whether `instanceof` can be asked for it: anything else throws there, long after the call. */
function isClass(value: unknown): boolean {
  return typeof value === "function" && typeof value.prototype === "object";
}
