/**
 * The three loggers of the library, as Tornado names them (`tornado.log`).
 *
 * They are LogTape loggers, so an application chooses what to do with them by calling LogTape's
 * `configure`. Access and general records that no sink takes go nowhere, application errors go to
 * `console.error` then: an exception in a handler must never vanish.
 *
 * LogTape is not loaded here, which would add 11 ms to every start: all copies of it in a process
 * share one root logger in the global registry of symbols, and as long as that is missing nobody has
 * asked for logs.
 */
import type { Logger } from "@logtape/logtape";

const ROOT: unique symbol = Symbol.for("logtape.rootLogger");

interface Loggers {
  readonly [ROOT]?: Logger;
}

/** One record per request: category `["gustnado", "access"]`; none while nobody asked for logs. */
export function accessLog(): Logger | undefined {
  return logger("access");
}

/** What the library itself reports: category `["gustnado", "general"]`; none as above. */
export function generalLog(): Logger | undefined {
  return logger("general");
}

/**
 * Reports an exception that came out of an application's code: category
 * `["gustnado", "application"]`, level `error`, the exception in the property `error`; on the console
 * where no sink takes it.
 *
 * @param message What happened and where, without the exception's own text.
 * @param error What was thrown.
 */
export function logApplicationError(message: string, error: unknown): void {
  const log = logger("application");
  if (log?.isEnabledFor("error")) log.error("{message}\n{error}", { message, error });
  else console.error(message, error);
}

function logger(name: string): Logger | undefined {
  return (globalThis as Loggers)[ROOT]?.getChild(["gustnado", name]);
}
