/** The class of an error, abstract ones included. */
// deno-lint-ignore no-explicit-any -- the constructor of any error
export type ErrorClass = abstract new (...args: any[]) => unknown;

/** Which errors that nobody can receive any more are not logged: all, or those of some classes. */
export type Quiet = boolean | readonly ErrorClass[];

/** Whether an error is one that its caller does not want to see logged. */
export function isQuiet(error: unknown, quiet: Quiet): boolean {
  return typeof quiet === "boolean" ? quiet : quiet.some((Class) => error instanceof Class);
}
