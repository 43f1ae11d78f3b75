import type { ErrorMessage, FailureMessage } from "./worker_task.ts";

const STANDARD_ERRORS = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

/**
 * Makes the error that a task ended with: of the same standard class if it had one, with the stack
 * trace of the worker followed by that of the caller.
 *
 * @param failure What the worker sent.
 * @param caller An error that was made where the task was submitted.
 */
export function reviveFailure(failure: FailureMessage, caller: Error): unknown {
  if ("thrown" in failure) return failure.thrown;
  const error = reviveError(failure.error);
  const frames = caller.stack?.split("\n").slice(1).join("\n") ?? "";
  error.stack = `${failure.error.stack}\n    at async worker thread\n${frames}`;
  if (failure.error.cause !== null) error.cause = reviveFailure(failure.error.cause, caller);
  return error;
}

function reviveError({ name, message, properties }: ErrorMessage): Error {
  const standard = Object.entries(STANDARD_ERRORS).find(([known]) => known === name)?.[1];
  const error = new (standard ?? Error)(message);
  // Defined, not assigned: a name that a task chose must not run into a setter or a prototype.
  for (const [key, value] of Object.entries({ ...properties, name })) {
    Object.defineProperty(error, key, { value, configurable: true, writable: true });
  }
  return error;
}
