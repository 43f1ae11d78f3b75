/**
 * The three loggers of the library, as Tornado names them (`tornado.log`).
 *
 * Who writes their records, the first of these that there is:
 *
 * 1. what `configureLogging` has made;
 * 2. LogTape, where an application has configured it;
 * 3. lines on the standard error, where that is a terminal or `GUSTNADO_LOG` is set;
 * 4. nobody, but the console for what went wrong: an exception in a handler must never vanish.
 *
 * LogTape is not loaded here, which would add 11 ms to every start: all copies of it in a process
 * share one root logger in the global registry of symbols, and as long as that is missing nobody has
 * asked it for logs.
 */
import type { Logger } from "@logtape/logtape";
import type { LoggerName } from "./log/log_record.ts";
import { offeredLogs } from "./log/offered_logs.ts";
import { chosenLogs, type Log, type OwnLog } from "./log/own_logs.ts";
import { isOutOfFiles, leaveOutLines } from "./platform/unmapped_stacks.ts";

const ROOT: unique symbol = Symbol.for("logtape.rootLogger");

interface Loggers {
  readonly [ROOT]?: Logger;
}

/** One record per request: category `["gustnado", "access"]`; none while nobody asked for logs. */
export function accessLog(): Log | undefined {
  return logger("access");
}

/** What the library itself reports: category `["gustnado", "general"]`; none as above. */
export function generalLog(): Log | undefined {
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
    if (isSilenced(log, "error")) return;
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
  if (isSilenced(log, "warning")) return;
  if (!isEnabled(log, "warning")) return console.warn(message);
  log.warn("{message}", { message });
}

/** A logger of LogTape 1, which does not tell by itself whether a sink takes a level. */
interface FirstLogger {
  getSinks?(level: string): Iterable<unknown>;
}

/** A logger of LogTape 2, and {@linkcode OwnLog}. */
interface SecondLogger {
  isEnabledFor?(level: string): boolean;
}

type Level = "trace" | "debug" | "info" | "warning" | "error" | "fatal";

/**
 * Whether a record would go anywhere. An application brings its own LogTape, from version 1.0 on.
 *
 * @param log The logger, if there is one.
 * @param level The level of the record.
 */
export function isEnabled(log: Log | undefined, level: Level): log is Log {
  if (log === undefined) return false;
  const { getSinks, isEnabledFor } = log as Log & FirstLogger & SecondLogger;
  // Version 1 lacks it.
  if (typeof isEnabledFor === "function") return isEnabledFor.call(log, level);
  return typeof getSinks !== "function" ||
    !getSinks.call(log, level)[Symbol.iterator]().next().done;
}

/**
 * Whether the line of the access log is the library's own, which tells why a request was refused: then
 * nobody else need say so.
 */
export function accessTellsReasons(): boolean {
  const log = accessLog();
  return isOwn(log) && log.isEnabledFor("warning");
}

/** Whether somebody has said that such records are not wanted: then the console has none either. */
function isSilenced(log: Log | undefined, level: Level): boolean {
  return isOwn(log) && log.isSilent(level);
}

/** Loggers of LogTape have no such member. */
function isOwn(log: Log | undefined): log is OwnLog {
  return log !== undefined && "isSilent" in log;
}

function logger(name: LoggerName): Log | undefined {
  const chosen = chosenLogs();
  if (chosen !== undefined) return chosen[name];
  const root = (globalThis as Loggers)[ROOT];
  return offeredLogs(root)?.[name] ?? root?.getChild(["gustnado", name]);
}

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
