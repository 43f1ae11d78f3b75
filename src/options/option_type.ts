/** The types of options: how their texts are read, and their values checked. */
import type { OptionType } from "../checks/option_check.ts";
import { parseDate } from "./date_text.ts";
import { formatDuration, parseDuration } from "./duration_text.ts";

/**
 * What the built-in types of options give.
 *
 * @category Options
 */
export interface OptionTypeValues {
  /** Any text. */
  string: string;
  /** A whole number, such as `-3`. */
  int: number;
  /** Any finite number, such as `0.5` or `1e3`. */
  float: number;
  /** `true`, `yes`, `on` and `1`, or `false`, `no`, `off` and `0`. */
  boolean: boolean;
  /** Milliseconds: `250ms`, `5s`, `1h30m`, or a bare number of milliseconds. */
  duration: number;
  /** A day, or a moment, such as `2013-04-28` or `2013-04-28T05:16Z`; local time without a zone. */
  date: Date;
}

/**
 * The name of a built-in type of options.
 *
 * @category Options
 */
export type OptionTypeName = keyof OptionTypeValues;

/** How the values of a type are read, checked and shown. */
export interface ValueReader extends OptionType {
  /** What stands for a value in the help: `INT`. */
  readonly metavar: string;
  /** Reads a text; `undefined` if it is none of the type. */
  parse(text: string): unknown;
  /** A value as it would be written. */
  format(value: unknown): string;
}

const WHOLE = /^[+-]?\d{1,16}$/;
const DECIMAL = /^[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:e[+-]?\d{1,3})?$/i;
const TRUE = /^(?:true|t|yes|y|on|1)$/i;
const FALSE = /^(?:false|f|no|n|off|0)$/i;

/** The readers of the built-in types. */
export const VALUE_READERS: Readonly<Record<OptionTypeName, ValueReader>> = {
  string: {
    name: "a string",
    metavar: "STRING",
    test: (value) => typeof value === "string",
    parse: (text) => text,
    format: String,
  },
  int: {
    name: "a whole number",
    metavar: "INT",
    test: Number.isSafeInteger,
    parse: (text) => WHOLE.test(text) ? ifSafe(Number(text)) : undefined,
    format: String,
  },
  float: {
    name: "a number",
    metavar: "FLOAT",
    test: Number.isFinite,
    parse: (text) => DECIMAL.test(text) ? ifFinite(Number(text)) : undefined,
    format: String,
  },
  boolean: {
    name: "true or false",
    metavar: "BOOLEAN",
    test: (value) => typeof value === "boolean",
    parse: (text) => TRUE.test(text) ? true : FALSE.test(text) ? false : undefined,
    format: String,
  },
  duration: {
    name: "a duration, such as 500ms, 5s, 1h30m or a number of milliseconds",
    metavar: "DURATION",
    test: (value) => Number.isFinite(value) && Number(value) >= 0,
    parse: parseDuration,
    format: (value) => formatDuration(Number(value)),
  },
  date: {
    name: "a date, such as 2013-04-28, 2013-04-28 05:16 or 2013-04-28T05:16:00Z",
    metavar: "DATE",
    test: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
    parse: parseDate,
    format: (value) => value instanceof Date ? value.toISOString() : String(value),
  },
};

/** The type of a default; that of a text where it does not tell. */
export function typeNameOf(value: unknown): OptionTypeName {
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  return value instanceof Date ? "date" : "string";
}

/**
 * A reader of some texts only.
 *
 * @param choices The texts.
 */
export function choiceReader(choices: readonly string[]): ValueReader {
  return {
    name: `one of ${choices.join(", ")}`,
    metavar: choices.join("|"),
    test: (value) => choices.some((choice) => choice === value),
    parse: (text) => choices.find((choice) => choice === text),
    format: String,
  };
}

/**
 * A reader that an application has written: what it cannot read it throws for, or gives `undefined` or
 * `NaN`.
 *
 * @param parse Reads a text.
 */
export function ownReader(parse: (text: string) => unknown): ValueReader {
  return {
    name: `what ${parse.name || "its type"}() can read`,
    metavar: "VALUE",
    test: (value) => value !== undefined && !Number.isNaN(value),
    parse,
    format: String,
  };
}

function ifSafe(value: number): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}

function ifFinite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
