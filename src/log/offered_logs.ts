/** The loggers where nobody has configured anything. */
import { detectPlatform } from "../platform/platform.ts";
import type { LogRecord } from "./log_record.ts";
import { OwnLog, type OwnLogs, VARIABLE } from "./own_logs.ts";

/** What there is, once it is known: `null` where nobody would read it. */
let offered: OwnLogs | null | undefined;

/**
 * The loggers: `null` where nobody would read them, and where LogTape is configured.
 *
 * @param root The root logger of LogTape, if it was loaded.
 */
export function offeredLogs(root: object | undefined): OwnLogs | null {
  if (offered === undefined) offered = offer();
  return offered !== null && root !== undefined && hasSinks(root) ? null : offered;
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

function offer(): OwnLogs | null {
  const { console } = detectPlatform();
  if (!console.isTerminal() && !console.variable(VARIABLE)) return null;
  const waiting: LogRecord[] = [];
  // Most processes have no terminal, and need not load how lines look.
  import("./default_logs.ts").then(
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
