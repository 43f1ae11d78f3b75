/** A set of options, and what tells it their values. */
import { closest } from "../checks/mistakes.ts";
import { checkOptions } from "../checks/option_check.ts";
import { shown } from "../checks/shown.ts";
import { reportRejection } from "../concurrent/coroutine/promise_like.ts";
import { logApplicationError } from "../log.ts";
import { type Program, runningProgram } from "../platform/program.ts";
import { sourceFiles } from "../platform/source_files.ts";
import { ON_COMMAND_LINE, readCommandLine, suggestion } from "./command_line.ts";
import { readConfig } from "./config_text.ts";
import { helpText } from "./help_text.ts";
import { Option } from "./option.ts";
import type { OptionDefinition } from "./option_definition.ts";
import { OptionError } from "./option_error.ts";
import { optionName } from "./option_name.ts";
import {
  type DefinedOption,
  type OptionParserOptions,
  type ParseConfigOptions,
  type ParsedArguments,
  type ParseOptions,
  PARSER_OPTIONS,
} from "./parser_options.ts";

/** The exit code of a program that was told nonsense, as of other programs. */
const USAGE_ERROR = 2;

/**
 * A set of options (`tornado.options.OptionParser`). Each is a member under its own name.
 *
 * `defineOptions` makes one whose members have types. The command line goes before the environment,
 * that before a file, and all before the defaults, in whatever order they are read. What the program
 * assigns itself goes before all.
 *
 * In names, `logFile`, `log_file` and `log-file` are the same.
 *
 * @example
 * ```ts
 * import { OptionParser } from "@gustnado/gustnado/options";
 * import { assertEquals } from "@std/assert";
 *
 * const parser = new OptionParser({ description: "Answers requests" });
 * const port = parser.define("port", { default: 8888, help: "where to listen" });
 * const { rest } = parser.parseArguments(["--port=80", "more"]);
 * assertEquals([port.value, rest], [80, ["more"]]);
 * ```
 *
 * @category Options
 */
export class OptionParser {
  readonly #options: Map<string, Option> = new Map();
  readonly #settings: OptionParserOptions;
  readonly #callbacks: (() => void)[] = [];

  /**
   * Makes a set without options.
   *
   * @param settings What holds for all of them.
   * @throws {TypeError} If a setting is unknown or ill-typed.
   */
  constructor(settings: OptionParserOptions = {}) {
    checkOptions(settings, PARSER_OPTIONS, "setting of the options");
    this.#settings = settings;
  }

  // ---- defining

  /**
   * Defines an option, which becomes a member.
   *
   * @param name Its name: letters, digits, `_` and `-`.
   * @param definition What it is.
   * @returns Its value, and where that comes from.
   * @throws {TypeError} If the name or the definition cannot be used.
   * @throws {Error} If there is one of the name.
   */
  define(name: string, definition: OptionDefinition = {}): DefinedOption {
    this.#checkName(name);
    const option = new Option(name, definition, this.#settings.envPrefix);
    this.#options.set(option.flag, option);
    Object.defineProperty(this, name, {
      enumerable: true,
      get: () => option.value,
      set: (value: unknown) => option.assign(value),
    });
    return option;
  }

  /** Calls back when all options have been parsed (`add_parse_callback`). */
  addParseCallback(callback: () => void): void {
    this.#callbacks.push(callback);
  }

  // ---- parsing

  /**
   * Reads the command line, and the environment variables of the options. For `--help` it prints the
   * help and ends the process with 0. What is wrong it prints on the standard error, and ends the
   * process with 2.
   *
   * @param args The arguments, without the program's name. Default: those of the process.
   * @returns What comes after the options.
   */
  parseCommandLine(args?: readonly string[], options: ParseOptions = {}): string[] {
    const program = runningProgram();
    return this.#orExit(program, () => {
      const variable = (name: string) => program.variable(name);
      const read = { args: args ?? program.args, variable, ...options };
      const { rest, wantsHelp } = this.#parse(read);
      if (wantsHelp) {
        program.print(this.help({ columns: program.columns }));
        program.exit(0);
      }
      return rest;
    });
  }

  /**
   * As {@linkcode parseCommandLine}, but it prints nothing, ends nothing, and reads no environment but
   * the one that it is given: for tests, and for a command line of another kind.
   *
   * @param args The arguments.
   * @param environment The environment variables. Default: none.
   * @throws {OptionError} If something is wrong with them. The options stay as they were.
   */
  parseArguments(
    args: readonly string[],
    environment: Readonly<Record<string, string | undefined>> = {},
  ): ParsedArguments {
    const variable = (name: string) =>
      Object.hasOwn(environment, name) ? environment[name] : undefined;
    return this.#parse({ args, variable });
  }

  /**
   * Reads a file of options, by its ending JSON or TOML. What is wrong it prints on the standard error,
   * and ends the process with 2.
   *
   * @param path The path; a relative one starts at the working directory.
   */
  async parseConfigFile(path: string, options: ParseOptions = {}): Promise<void> {
    try {
      await this.#parseConfigFile(path, options);
    } catch (error) {
      complainAndExit(runningProgram(), error);
    }
  }

  /**
   * Reads the text of a file of options. It ends nothing.
   *
   * A value in a table has the name of the table before its own: `host` of `[mysql]` is the option
   * `mysqlHost`. Values have the types of the file; a string is read as on a command line.
   *
   * @param text JSON or TOML.
   * @throws {OptionError} The promise rejects if it is malformed, or something is wrong with a value.
   *   The options stay as they were.
   */
  async parseConfig(
    text: string,
    { format, file = "the configuration", final = true }: ParseConfigOptions,
  ): Promise<void> {
    const entries = await readConfig(text, { format, file });
    const places = entries.map((entry) => ({
      ...entry,
      place: entry.line === null ? `in ${file}` : `in line ${entry.line} of ${file}`,
    }));
    for (const { name, place, written } of places) this.#known(name, place, written);
    const before = [...this.#options.values()].map((option) => option.checkpoint());
    try {
      for (const option of this.#options.values()) option.forget("file");
      for (const { name, value, place } of places) this.#known(name, place).accept(value, place);
    } catch (error) {
      before.forEach((restore) => restore());
      throw error;
    }
    if (final) this.runParseCallbacks();
  }

  /** Runs the callbacks of options that were parsed, and those of {@linkcode addParseCallback}. */
  runParseCallbacks(): void {
    for (const option of this.#options.values()) option.notify();
    for (const callback of this.#callbacks) {
      const result: unknown = callback();
      reportRejection(result, (error) => {
        logApplicationError("Exception in a callback of the options", error);
      });
    }
  }

  // ---- looking

  /**
   * The value of an option by its name, in any spelling.
   *
   * @throws {Error} If there is none.
   */
  get(name: string): unknown {
    return this.#option(name).value;
  }

  /**
   * Sets an option by its name, in any spelling. It goes before all that was parsed.
   *
   * @throws {TypeError} If the value is of another type.
   * @throws {Error} If there is no such option.
   */
  set(name: string, value: unknown): void {
    this.#option(name).assign(value);
  }

  /** Whether there is an option of a name, in any spelling. */
  has(name: string): boolean {
    return this.#options.has(optionName(name));
  }

  /** The names and values of all options, in the order of their definitions. */
  items(): [name: string, value: unknown][] {
    return Array.from(this.#options.values(), ({ name, value }) => [name, value]);
  }

  /** The names of the groups (`groups`). */
  groups(): string[] {
    const groups = Array.from(this.#options.values(), ({ definition }) => definition.group ?? "");
    return [...new Set(groups)];
  }

  /**
   * The values of a group by their names, such as the settings of an application (`group_dict`).
   *
   * @param group The group's name.
   */
  groupDict(group: string): Record<string, unknown> {
    const members = [...this.#options.values()]
      .filter(({ definition }) => (definition.group ?? "") === group);
    return Object.fromEntries(members.map(({ name, value }) => [name, value]));
  }

  /** All values by their names (`as_dict`). */
  asDict(): Record<string, unknown> {
    return Object.fromEntries(this.items());
  }

  /**
   * What `--help` prints.
   *
   * @param options `columns` is how long a line may be, from 40 to 120. Default 80.
   */
  help({ columns = 80 }: { readonly columns?: number } = {}): string {
    const { program, description } = this.#settings;
    return helpText([...this.#options.values()], { program, description, columns });
  }

  /** Prints the help on the standard output, as wide as the terminal (`print_help`). */
  printHelp(): void {
    const program = runningProgram();
    program.print(this.help({ columns: program.columns }));
  }

  // ---- within

  #checkName(name: unknown): void {
    if (typeof name !== "string" || !/^[A-Za-z][\w-]{0,99}$/.test(name)) {
      throw new TypeError(
        `Cannot define the option ${shown(name)}: its name must begin with a letter, and hold ` +
          'letters, digits, "_" and "-" only',
      );
    }
    const flag = optionName(name);
    if (flag === "help" || flag === "h" || name in OptionParser.prototype) {
      throw new TypeError(`Cannot define the option "${name}": every set of options has its own`);
    }
    const other = this.#options.get(flag);
    if (other === undefined) return;
    const spelled = other.name === name ? "" : ` as "${other.name}", which is the same`;
    throw new Error(`Cannot define the option "${name}": it is defined already${spelled}`);
  }

  #parse({ args, variable, final = true }: ParseRequest): ParsedArguments {
    const { texts, rest, wantsHelp } = readCommandLine(args, this.#options);
    if (wantsHelp) return { rest: [], wantsHelp };
    const before = [...this.#options.values()].map((option) => option.checkpoint());
    try {
      for (const option of this.#options.values()) readVariable(option, variable);
      for (const [option, given] of texts) option.parse(given, "command line", ON_COMMAND_LINE);
    } catch (error) {
      before.forEach((restore) => restore());
      throw error;
    }
    if (final) this.runParseCallbacks();
    return { rest: [...rest], wantsHelp };
  }

  async #parseConfigFile(path: string, options: ParseOptions): Promise<void> {
    const [, ending = ""] = /\.(\w+)$/.exec(path) ?? [];
    const format = ending.toLowerCase();
    if (format !== "json" && format !== "toml") {
      throw new OptionError(
        `Cannot read options from ${path}: its name must end in .json or .toml`,
      );
    }
    const bytes = sourceFiles("a file of options").read(path);
    if (bytes === null) {
      throw new OptionError(`Cannot read options from ${path}: there is no such file`);
    }
    const text = decode(bytes, path);
    await this.parseConfig(text, { format, file: path, ...options });
  }

  #orExit<T>(program: Program, run: () => T): T {
    try {
      return run();
    } catch (error) {
      return complainAndExit(program, error);
    }
  }

  #known(name: string, place: string, written = name): Option {
    const option = this.#options.get(name);
    if (option !== undefined) return option;
    throw new OptionError(
      `Unknown option ${shown(written)} ${place}${suggestion(name, this.#options, "")}`,
    );
  }

  #option(name: string): Option {
    const option = this.#options.get(optionName(name));
    if (option !== undefined) return option;
    const nearest = closest(optionName(name), [...this.#options.keys()]);
    const hint = nearest === undefined ? "define() it first" : `did you mean "${nearest}"?`;
    throw new Error(`Cannot find an option "${name}": ${hint}`);
  }
}

/** What a command line and an environment are read from. */
interface ParseRequest extends ParseOptions {
  readonly args: readonly string[];
  readonly variable: (name: string) => string | undefined;
}

/** An empty variable is how a shell says that there is none. */
function readVariable(option: Option, variable: (name: string) => string | undefined): void {
  if (option.variable === null) return;
  const text = variable(option.variable);
  if (text === undefined || text === "") return option.forget("environment");
  option.parse([text], "environment", `in the environment variable ${option.variable}`);
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new OptionError(`Cannot read options from ${path}: it is not UTF-8`, { cause });
  }
}

/** Only what the user did wrong is said to the user; a slip of the program keeps its stack. */
function complainAndExit(program: Program, error: unknown): never {
  if (error instanceof OptionError) {
    program.complain(`${error.message}\n`);
    program.exit(USAGE_ERROR);
  }
  throw error;
}
