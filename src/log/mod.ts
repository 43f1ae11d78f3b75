/**
 * How the library logs, where LogTape does not: {@linkcode configureLogging}.
 *
 * @module
 */
export {
  configureLogging,
  type LogFileSettings,
  type LoggingOptions,
} from "./configure_logging.ts";
export type { LoggerName, LogLevel } from "./log_record.ts";
