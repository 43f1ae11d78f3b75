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
import { isOutOfFiles, leaveOutLines } from "./platform/unmapped_stacks.ts";

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
  if (isOutOfFiles(error)) leaveOutLines();
  const log = logger("application");
  try {
    if (!isEnabled(log, "error")) return console.error(message, error);
    log.error("{message}\n{error}", { message, error });
  } catch {
    // What was thrown can throw for every look at it, and a sink for anything.
    console.error(message);
  }
}

/**
 * Warns of what an operator has to know: category `["gustnado", "general"]`, level `warning`; on
 * stderr where no sink takes it.
 *
 * @param message What happened.
 */
export function logWarning(message: string): void {
  const log = generalLog();
  if (!isEnabled(log, "warning")) return console.warn(message);
  log.warn("{message}", { message });
}

/** A logger of LogTape 1, which does not tell by itself whether a sink takes a level. */
interface FirstLogger {
  readonly lowestLevel?: string | null;
  getSinks?(level: string): Iterable<unknown>;
}

const LEVELS = ["trace", "debug", "info", "warning", "error", "fatal"] as const;
type Level = typeof LEVELS[number];

/**
 * Whether a record would go anywhere. An application brings its own LogTape, from version 1.0 on.
 *
 * @param log The logger, if there is one.
 * @param level The level of the record.
 */
export function isEnabled(log: Logger | undefined, level: Level): log is Logger {
  if (log === undefined) return false;
  // Version 1 lacks what the types of version 2 promise.
  if (typeof log.isEnabledFor === "function") return log.isEnabledFor(level);
  const { lowestLevel, getSinks } = log as Logger & FirstLogger;
  if (lowestLevel === null || typeof getSinks !== "function") return lowestLevel !== null;
  const rank: (name: string) => number = (name) => LEVELS.findIndex((known) => known === name);
  if (rank(level) < rank(lowestLevel ?? "trace")) return false;
  return !getSinks.call(log, level)[Symbol.iterator]().next().done;
}

function logger(name: string): Logger | undefined {
  return (globalThis as Loggers)[ROOT]?.getChild(["gustnado", name]);
}
