/** Where the lines of the library go, and how they look. */
import {
  BOOLEAN,
  checkOptions,
  COUNT,
  oneOf,
  type OptionType,
  STRING,
} from "../checks/option_check.ts";
import { detectPlatform } from "../platform/platform.ts";
import { DEFAULT_LEVEL, levelsOver, sameLevel } from "./levels.ts";
import { formatJson } from "./json_format.ts";
import { LogFile } from "./log_file.ts";
import { LEVELS, type LoggerName, type LogLevel, type LogRecord } from "./log_record.ts";
import { chooseLogs, chosenLogs } from "./own_logs.ts";
import { environmentLevels, makeLogs, PLAIN, textOnTerminal } from "./terminal_logs.ts";
import { formatText } from "./text_format.ts";

/**
 * A file that lines go to.
 *
 * @category Logging
 */
export interface LogFileSettings {
  /** The path. Its folder has to be there. Each process needs a file of its own. */
  readonly path: string;
  /** Bytes from which on the file makes way for a new one. Default 100 MiB, as Tornado has it. */
  readonly maxBytes?: number;
  /** How many former files are kept, as `path.1`, `path.2`, …, the youngest first. Default 10. */
  readonly keep?: number;
}

/**
 * How the library logs.
 *
 * @category Logging
 */
export interface LoggingOptions {
  /** `"text"` for people, `"json"` for machines: an object on each line. Default `"text"`. */
  readonly format?: "text" | "json";
  /**
   * What is written: that level and above, for all loggers, or for each. Default `"info"`. The variable
   * `GUSTNADO_LOG` of the environment goes first: `debug`, or `access=off,general=debug`.
   */
  readonly level?: LogLevel | { readonly [Name in LoggerName]?: LogLevel };
  /** A file that the lines go to: its path, or its settings. Default none. */
  readonly file?: string | LogFileSettings;
  /** Whether lines go to the standard error. Default `true` without a file, `false` with one. */
  readonly stderr?: boolean;
  /**
   * Whether text on the standard error has colours. Default: where it is a terminal, unless the variable
   * `NO_COLOR` of the environment is set.
   */
  readonly colors?: boolean;
}

const LEVEL: OptionType = oneOf(...LEVELS);

const OPTIONS: Readonly<Record<keyof LoggingOptions, OptionType>> = {
  format: oneOf("text", "json"),
  level: {
    name: `${LEVEL.name}, or an object of them by logger`,
    test: (value) => LEVEL.test(value) || isPlainObject(value),
  },
  file: {
    name: "a path, or an object with a path",
    test: (value) => STRING.test(value) && value !== "" || isPlainObject(value),
  },
  stderr: BOOLEAN,
  colors: BOOLEAN,
};

const LEVEL_OPTIONS = { access: LEVEL, application: LEVEL, general: LEVEL };

const FILE_OPTIONS: Readonly<Record<keyof LogFileSettings, OptionType>> = {
  path: STRING,
  maxBytes: {
    name: "a number of bytes above 0",
    test: (value) => typeof value === "number" && value > 0,
  },
  keep: COUNT,
};

/**
 * Lets the library log in its own way, without LogTape: a line for each request, the exceptions of
 * handlers with their stacks, warnings.
 *
 * Without this call, and where LogTape is not configured, lines go to the standard error if that is a
 * terminal, or if the variable `GUSTNADO_LOG` of the environment is set; else nothing is logged, but
 * what went wrong, on the console. After this call nothing goes to LogTape.
 *
 * What clients sent is written with its control characters escaped.
 *
 * @param options See {@linkcode LoggingOptions}.
 * @returns Puts back what was before, and closes the file, when it is disposed.
 * @throws {TypeError} If an option is unknown or ill-typed.
 * @throws {SyntaxError} If `GUSTNADO_LOG` cannot be read.
 * @throws {Error} If the file cannot be written.
 *
 * @example
 * ```ts
 * import { Application, configureLogging } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempFile();
 * {
 *   using _logging = configureLogging({ format: "json", file: path });
 *   const response = await new Application().fetch(new Request("http://localhost/hats"));
 *   await response.body?.cancel();
 * }
 * const { level, status, uri, reason } = JSON.parse(await Deno.readTextFile(path));
 * assertEquals([level, status, uri], ["warning", 404, "/hats"]);
 * assertEquals(reason, "no route matches the path");
 * await Deno.remove(path);
 * ```
 *
 * @category Logging
 */
export function configureLogging(options: LoggingOptions = {}): Disposable {
  checkLogging(options);
  const levels = environmentLevels(levelsOver(sameLevel(DEFAULT_LEVEL), options.level ?? {}));
  const { write, close } = outputOf(options);
  const before = chosenLogs();
  const logs = makeLogs(levels, write);
  chooseLogs(logs);
  return {
    [Symbol.dispose]() {
      if (chosenLogs() === logs) chooseLogs(before);
      close();
    },
  };
}

function checkLogging(options: LoggingOptions): void {
  checkOptions(options, OPTIONS, "option of configureLogging()");
  const { level, file } = options;
  if (typeof level === "object") checkOptions(level, LEVEL_OPTIONS, 'logger in "level"');
  if (typeof file !== "object") return;
  checkOptions(file, FILE_OPTIONS, 'option in "file"');
  if (file.path) return;
  throw new TypeError('Cannot log to a file without "path": write { file: { path: "app.log" } }');
}

function isPlainObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Where records go. */
interface Output {
  readonly write: (record: LogRecord) => void;
  readonly close: () => void;
}

function outputOf(options: LoggingOptions): Output {
  const { format = "text", file, stderr = file === undefined } = options;
  const isJson = format === "json";
  const terminal = stderr ? standardError(options) : undefined;
  const log = file === undefined ? undefined : openLogFile(file);
  const filed = isJson ? formatJson : (record: LogRecord) => formatText(record, PLAIN);
  return {
    write: (record) => {
      terminal?.(record);
      log?.write(filed(record));
    },
    close: () => log?.close(),
  };
}

function standardError({ format, colors }: LoggingOptions): (record: LogRecord) => void {
  if (format !== "json") return textOnTerminal(colors);
  const { console } = detectPlatform();
  return (record) => console.write(formatJson(record));
}

function openLogFile(file: string | LogFileSettings): LogFile {
  const { path, maxBytes = 100 * 1024 * 1024, keep = 10 } = typeof file === "string"
    ? { path: file }
    : file;
  return new LogFile({ path, maxBytes, keep });
}
