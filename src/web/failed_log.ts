import { logApplicationError } from "../log.ts";

/**
 * Logs an exception that an application's own `logException` failed to log, and why it failed.
 *
 * @param request What the exception ended.
 * @param error The exception.
 * @param failure What `logException` came to.
 */
export function logFailedLog(
  request: { toString(): string },
  error: unknown,
  failure: unknown,
): void {
  logApplicationError(`Cannot log an exception ${request}`, failure);
  logApplicationError(`Uncaught exception ${request}`, error);
}
