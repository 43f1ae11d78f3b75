/** How much each logger writes: by the program, and by the environment of the operator. */
import { closest } from "../checks/mistakes.ts";
import {
  LEVELS,
  type LoggerName,
  LOGGERS,
  type LogLevel,
  SEVERITIES,
  type Severity,
} from "./log_record.ts";
import { VARIABLE } from "./own_logs.ts";

/** The level of each logger. */
export type Levels = Readonly<Record<LoggerName, LogLevel>>;

/** Some of them, or one for all. */
export type GivenLevels = LogLevel | Partial<Levels>;

/** What is written unless somebody says otherwise. */
export const DEFAULT_LEVEL: LogLevel = "info";

/** Levels over others. */
export function levelsOver(base: Levels, given: GivenLevels): Levels {
  return typeof given === "string" ? sameLevel(given) : { ...base, ...withoutUndefined(given) };
}

/** One level for all loggers. */
export function sameLevel(level: LogLevel): Levels {
  return { access: level, application: level, general: level };
}

/** What a level lets through. */
export function severitiesFrom(level: LogLevel): readonly Severity[] {
  return SEVERITIES.slice(LEVELS.indexOf(level));
}

function withoutUndefined(levels: Partial<Levels>): Partial<Levels> {
  return Object.fromEntries(Object.entries(levels).filter(([, level]) => level !== undefined));
}

/**
 * Reads levels as the environment has them: `debug`, or `access=off,general=debug`, or both, where the
 * name counts. Upper case and spaces do no harm.
 *
 * @throws {SyntaxError} If one is unknown; the message names what there is.
 */
export function parseLevels(text: string, base: Levels): Levels {
  const words = text.toLowerCase().split(",").map((word) => word.trim()).filter(Boolean);
  const general = words.filter((word) => !word.includes("="));
  let levels = base;
  for (const word of general) levels = sameLevel(levelOf(word, text));
  for (const word of words) {
    const [name = "", level = ""] = word.split("=").map((part) => part.trim());
    if (word.includes("=")) levels = { ...levels, [loggerOf(name, text)]: levelOf(level, text) };
  }
  return levels;
}

/** What others call the same level. */
const ALIASES: Readonly<Record<string, LogLevel>> = {
  warn: "warning",
  trace: "debug",
  fatal: "error",
  none: "off",
};

function levelOf(word: string, text: string): LogLevel {
  const level = LEVELS.find((level) => level === word) ?? ALIASES[word];
  if (level !== undefined) return level;
  throw unknown({ what: "level", word, known: LEVELS, text });
}

function loggerOf(word: string, text: string): LoggerName {
  const logger = LOGGERS.find((logger) => logger === word);
  if (logger !== undefined) return logger;
  throw unknown({ what: "logger", word, known: LOGGERS, text });
}

function unknown(
  { what, word, known, text }: {
    what: string;
    word: string;
    known: readonly string[];
    text: string;
  },
): SyntaxError {
  const meant = closest(word, known);
  const hint = meant === undefined ? `there is ${known.join(", ")}` : `did you mean "${meant}"?`;
  return new SyntaxError(
    `Cannot use ${VARIABLE}=${JSON.stringify(text)}: unknown ${what} "${word}"; ${hint}`,
  );
}
