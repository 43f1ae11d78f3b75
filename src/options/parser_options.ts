/** What a set of options, and what reads it, can be told. */
import { type OptionType, STRING } from "../checks/option_check.ts";
import type { ConfigFormat } from "./config_text.ts";

/**
 * What holds for all options of a parser.
 *
 * @category Options
 */
export interface OptionParserOptions {
  /** What the help calls the program, such as `"chat"`. Default: it has no line of usage. */
  readonly program?: string;
  /** What the program does, in the help. */
  readonly description?: string;
  /**
   * What the names of environment variables begin with: with `"CHAT_"` the option `logFile` is also
   * `CHAT_LOG_FILE`. Default: an option has a variable only where it names one.
   */
  readonly envPrefix?: string;
}

/**
 * Options of a parse.
 *
 * @category Options
 */
export interface ParseOptions {
  /** Whether callbacks run: `false` where another parse follows. Default `true`. */
  readonly final?: boolean;
}

/**
 * What `OptionParser.parseArguments` has read besides the values of options.
 *
 * @category Options
 */
export interface ParsedArguments {
  /** What comes after the options. */
  readonly rest: string[];
  /** Whether `--help` was among them. Then nothing else was read. */
  readonly wantsHelp: boolean;
}

/**
 * How `OptionParser.parseConfig` reads a text.
 *
 * @category Options
 */
export interface ParseConfigOptions extends ParseOptions {
  /** What it is written in. */
  readonly format: ConfigFormat;
  /** What errors call it. Default `"the configuration"`. */
  readonly file?: string;
}

/** The types of {@linkcode OptionParserOptions}. */
export const PARSER_OPTIONS: Readonly<Record<keyof OptionParserOptions, OptionType>> = {
  program: STRING,
  description: STRING,
  envPrefix: {
    name: 'the beginning of a name, such as "CHAT_"',
    test: (value) => typeof value === "string" && /^(?:[A-Za-z_]\w*)?$/.test(value),
  },
};

/**
 * An option that was defined.
 *
 * @typeParam Value The type of its value.
 *
 * @category Options
 */
export interface DefinedOption<Value = unknown> {
  /** Its name, as it was defined. */
  readonly name: string;
  /** The value that holds. */
  readonly value: Value;
  /** Where that comes from: `"program"` if it was assigned. */
  readonly source: "default" | "file" | "environment" | "command line" | "program";
}
