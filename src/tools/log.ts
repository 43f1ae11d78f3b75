/**
 * The three loggers of the library, as Tornado names them (`tornado.log`).
 *
 * They are LogTape loggers, so an application chooses what to do with them by calling LogTape's
 * `configure`. Until it does, access and general records go nowhere, and application errors go to
 * `console.error`: an exception in a handler must never vanish.
 */
import { getConfig, getLogger, type Logger } from "@logtape/logtape";

/** Whether an application has asked for logs at all: a check that costs nothing. */
export function loggingConfigured(): boolean {
  return getConfig() !== null;
}

/** One record per request: category `["gustnado", "access"]`. */
export function accessLog(): Logger {
  return getLogger(["gustnado", "access"]);
}

/** What the library itself reports: category `["gustnado", "general"]`. */
export function generalLog(): Logger {
  return getLogger(["gustnado", "general"]);
}

/**
 * Reports an exception that came out of an application's code: category
 * `["gustnado", "application"]`, level `error`, the exception in the property `error`.
 *
 * @param message What happened and where, without the exception's own text.
 * @param error What was thrown.
 */
export function logApplicationError(message: string, error: unknown): void {
  if (getConfig() === null) {
    console.error(message, error);
    return;
  }
  getLogger(["gustnado", "application"]).error("{message}\n{error}", { message, error });
}
