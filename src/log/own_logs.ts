/** The loggers of the library itself, for where nobody has configured LogTape. */
import type { LoggerName, LogRecord, Severity } from "./log_record.ts";

/** What the library asks of a logger: LogTape's has it, and {@linkcode OwnLog}. */
export interface Log {
  /** Writes what only a developer wants to know. */
  debug(template: string, properties?: Record<string, unknown>): void;
  /** Writes what happens every day. */
  info(template: string, properties?: Record<string, unknown>): void;
  /** Writes what somebody should look at. */
  warn(template: string, properties?: Record<string, unknown>): void;
  /** As {@linkcode warn}. */
  warning(template: string, properties?: Record<string, unknown>): void;
  /** Writes what went wrong. */
  error(template: string, properties?: Record<string, unknown>): void;
}

/** A logger that is none of LogTape's. */
export class OwnLog implements Log {
  readonly #name: LoggerName;
  readonly #severities: readonly string[];
  readonly #write: (record: LogRecord) => void;
  readonly #decided: boolean;

  /**
   * @param name Which logger it is.
   * @param severities What it writes.
   * @param write Takes the records.
   * @param options `decided`: somebody has said so; what is left out goes nowhere. Default `true`.
   */
  constructor(
    name: LoggerName,
    severities: readonly Severity[],
    write: (record: LogRecord) => void,
    { decided = true }: { decided?: boolean } = {},
  ) {
    this.#name = name;
    this.#severities = severities;
    this.#write = write;
    this.#decided = decided;
  }

  /** Whether a record would be written. */
  isEnabledFor(severity: string): boolean {
    // LogTape has one more.
    return this.#severities.includes(severity === "fatal" ? "error" : severity);
  }

  /** Whether it was decided that such a record is written nowhere. */
  isSilent(severity: string): boolean {
    return this.#decided && !this.isEnabledFor(severity);
  }

  debug(template: string, properties?: Record<string, unknown>): void {
    this.#log("debug", template, properties);
  }

  info(template: string, properties?: Record<string, unknown>): void {
    this.#log("info", template, properties);
  }

  warn(template: string, properties?: Record<string, unknown>): void {
    this.#log("warning", template, properties);
  }

  warning(template: string, properties?: Record<string, unknown>): void {
    this.#log("warning", template, properties);
  }

  error(template: string, properties?: Record<string, unknown>): void {
    this.#log("error", template, properties);
  }

  #log(severity: Severity, template: string, properties: Record<string, unknown> = {}): void {
    this.take({ time: Date.now(), logger: this.#name, severity, template, properties });
  }

  /** Writes a record, if it is one that is wanted. */
  take(record: LogRecord): void {
    if (this.isEnabledFor(record.severity)) this.#write(record);
  }
}

/** The loggers, by name. */
export type OwnLogs = Readonly<Record<LoggerName, OwnLog>>;

/** What `configureLogging` has made. */
let chosen: OwnLogs | undefined;

/** The loggers that `configureLogging` has made, if it was called. */
export function chosenLogs(): OwnLogs | undefined {
  return chosen;
}

/** Sets them. */
export function chooseLogs(logs: OwnLogs | undefined): void {
  chosen = logs;
}

/** The variable of the environment that says how much is written. */
export const VARIABLE = "GUSTNADO_LOG";
