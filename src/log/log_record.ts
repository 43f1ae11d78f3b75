/** One line of a log, before it is written. */

/**
 * The loggers of the library, as Tornado names them (`tornado.log`): a line for each request, the
 * exceptions that came out of the application's code, and what else there is to say.
 *
 * @category Logging
 */
export type LoggerName = "access" | "application" | "general";

/**
 * How much a logger writes: what is as important as this, or more. `"off"`: nothing.
 *
 * @category Logging
 */
export type LogLevel = "debug" | "info" | "warning" | "error" | "off";

/** How important a line is. */
export type Severity = Exclude<LogLevel, "off">;

/** What a line is made from. */
export interface LogRecord {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Who writes it. */
  readonly logger: LoggerName;
  /** How important it is. */
  readonly severity: Severity;
  /** The text, with `{name}` for a property; braces of its own are doubled, as LogTape has it. */
  readonly template: string;
  /** The values, by name. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** How important a line may be, the least important first. */
export const SEVERITIES: readonly Severity[] = ["debug", "info", "warning", "error"];

/** The levels, in the same order. */
export const LEVELS: readonly LogLevel[] = [...SEVERITIES, "off"];

/** The loggers. */
export const LOGGERS: readonly LoggerName[] = ["access", "application", "general"];

/**
 * The text of a record.
 *
 * @param show Turns a value into text.
 */
export function messageOf(
  { template, properties }: LogRecord,
  show: (value: unknown) => string,
): string {
  return template.replace(/\{\{|\}\}|\{(\w+)\}/g, (match, name?: string) => {
    return name === undefined ? match.charAt(0) : show(properties[name]);
  });
}

/** A value that cannot be looked at is told as such: what was thrown may throw for every look. */
export function guarded(show: (value: unknown) => string): (value: unknown) => string {
  return (value) => {
    try {
      return show(value);
    } catch {
      return "a value that cannot be shown";
    }
  };
}
