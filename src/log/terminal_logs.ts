/** Lines on a terminal, and loggers that write them. */
import { detectPlatform } from "../platform/platform.ts";
import { type Levels, parseLevels, severitiesFrom } from "./levels.ts";
import type { LoggerName, LogRecord } from "./log_record.ts";
import { OwnLog, type OwnLogs, VARIABLE } from "./own_logs.ts";
import { formatText, type TextStyle } from "./text_format.ts";

/** For files, and whoever reads the standard error in place of a terminal. */
export const PLAIN: TextStyle = { colors: false, short: false };

/**
 * Writes records as text on the standard error.
 *
 * @param colors Whether it has colours. Default: where it is a terminal that may have some.
 */
export function textOnTerminal(colors?: boolean): (record: LogRecord) => void {
  const { console } = detectPlatform();
  const short = console.isTerminal();
  const style = { colors: colors ?? (short && !console.noColor()), short };
  return (record) => console.write(formatText(record, style));
}

/**
 * What the variable `GUSTNADO_LOG` of the environment makes of some levels.
 *
 * @throws {SyntaxError} If it cannot be read.
 */
export function environmentLevels(levels: Levels): Levels {
  const text = detectPlatform().console.variable(VARIABLE);
  return text === undefined ? levels : parseLevels(text, levels);
}

/** The loggers, of which each writes from its level on. */
export function makeLogs(levels: Levels, write: (record: LogRecord) => void): OwnLogs {
  const make = (name: LoggerName) => new OwnLog(name, severitiesFrom(levels[name]), write);
  return { access: make("access"), application: make("application"), general: make("general") };
}
