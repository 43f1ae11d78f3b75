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
import type { LoggerName, LogRecord } from "./log/log_record.ts";
import { chosenLogs, type Log, OwnLog, type OwnLogs, VARIABLE } from "./log/own_logs.ts";
import { detectPlatform } from "./platform/platform.ts";
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
  readonly lowestLevel?: string | null;
  getSinks?(level: string): Iterable<unknown>;
}

/** A logger of LogTape 2, and {@linkcode OwnLog}. */
interface SecondLogger {
  isEnabledFor?(level: string): boolean;
}

const LEVELS = ["trace", "debug", "info", "warning", "error", "fatal"] as const;
type Level = typeof LEVELS[number];

/**
 * Whether a record would go anywhere. An application brings its own LogTape, from version 1.0 on.
 *
 * @param log The logger, if there is one.
 * @param level The level of the record.
 */
export function isEnabled(log: Log | undefined, level: Level): log is Log {
  if (log === undefined) return false;
  const { lowestLevel, getSinks, isEnabledFor } = log as Log & FirstLogger & SecondLogger;
  // Version 1 lacks it.
  if (typeof isEnabledFor === "function") return isEnabledFor.call(log, level);
  if (lowestLevel === null || typeof getSinks !== "function") return lowestLevel !== null;
  const rank: (name: string) => number = (name) => LEVELS.findIndex((known) => known === name);
  if (rank(level) < rank(lowestLevel ?? "trace")) return false;
  return !getSinks.call(log, level)[Symbol.iterator]().next().done;
}

/**
 * Whether the line of the access log is the library's own, which tells why a request was refused: then
 * nobody else need say so.
 */
export function accessTellsReasons(): boolean {
  const log = accessLog();
  return log instanceof OwnLog && log.isEnabledFor("warning");
}

/** Whether somebody has said that such records are not wanted: then the console has none either. */
function isSilenced(log: Log | undefined, level: Level): boolean {
  return log instanceof OwnLog && log.isSilent(level);
}

function logger(name: LoggerName): Log | undefined {
  const root = (globalThis as Loggers)[ROOT];
  // Most processes have neither.
  if (root === undefined && offered === null && chosenLogs() === undefined) return undefined;
  return findLogger(name, root);
}

function findLogger(name: LoggerName, root: Logger | undefined): Log | undefined {
  const chosen = chosenLogs();
  if (chosen !== undefined) return chosen[name];
  const offered = offeredLogs();
  if (offered !== null && (root === undefined || !hasSinks(root))) return offered[name];
  return root?.getChild(["gustnado", name]);
}

/** What a logger of LogTape is made of, in all of its versions. */
interface LoggerNode {
  readonly sinks?: readonly unknown[];
  readonly children?: Readonly<Record<string, object>>;
}

/** Whether LogTape is configured: some logger has a sink, if only that of its own messages. */
function hasSinks(root: object): boolean {
  const { sinks = [], children = {} }: LoggerNode = root;
  if (sinks.length > 0) return true;
  return Object.values(children).some((child) => {
    const logger = child instanceof WeakRef ? child.deref() : child;
    return logger !== undefined && hasSinks(logger);
  });
}

/** What there is where nobody has configured anything: `null` where nobody would read it. */
let offered: OwnLogs | null | undefined;

/** The loggers where nobody has configured anything: `null` unless somebody would read them. */
function offeredLogs(): OwnLogs | null {
  return offered === undefined ? offered = offer() : offered;
}

function offer(): OwnLogs | null {
  const { console } = detectPlatform();
  if (!console.isTerminal() && !console.variable(VARIABLE)) return null;
  const waiting: LogRecord[] = [];
  // Most processes have no terminal, and need not load how lines look.
  import("./log/default_logs.ts").then(
    ({ defaultLogs }) => offered = flush(waiting, defaultLogs()),
    () => offered = null,
  );
  return waitingLogs(waiting);
}

function flush(waiting: readonly LogRecord[], logs: OwnLogs): OwnLogs {
  for (const record of waiting) logs[record.logger].take(record);
  return logs;
}

/** Nobody logs more within a few milliseconds. */
const MAX_WAITING = 1_000;

function waitingLogs(waiting: LogRecord[]): OwnLogs {
  const write = (record: LogRecord) => void (waiting.length < MAX_WAITING && waiting.push(record));
  const all = ["debug", "info", "warning", "error"] as const;
  return {
    access: new OwnLog("access", all, write),
    // The process may end before it is written, and what went wrong must not vanish: the console has it.
    application: new OwnLog("application", [], write, { decided: false }),
    general: new OwnLog("general", all, write),
  };
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
