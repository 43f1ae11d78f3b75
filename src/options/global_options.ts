/** The one set of options that all modules of a program share, as they do in Tornado. */
import type { OptionDefinition, OptionValue } from "./option_definition.ts";
import { OptionParser } from "./option_parser.ts";
import type { DefinedOption, ParseOptions } from "./parser_options.ts";

/**
 * The options that `define` has defined (`tornado.options.options`): `options.port`. Types do not know
 * what other modules have defined; `defineOptions` makes a set whose types are known.
 *
 * @example
 * ```ts
 * import { define, options } from "@gustnado/gustnado/options";
 * import { assertEquals } from "@std/assert";
 *
 * define("greeting", { default: "Hello", help: "what to say" });
 * options.parseArguments(["--greeting=Ahoy"]);
 * assertEquals(options.greeting, "Ahoy");
 * ```
 *
 * @category Options
 */
// A bundler leaves it out where nobody asks for it.
// deno-lint-ignore no-explicit-any -- only the module that defines an option knows its type
export const options: OptionParser & Record<string, any> = /* @__PURE__ */ new OptionParser();

/**
 * Defines an option of {@linkcode options} (`tornado.options.define`), in the module that it is for.
 *
 * @param name Its name: letters, digits, `_` and `-`.
 * @param definition What it is.
 * @returns The option, whose `value` has a type.
 * @throws {TypeError} If the name or the definition cannot be used.
 * @throws {Error} If there is one of the name.
 *
 * @example
 * ```ts
 * import { define, parseCommandLine } from "@gustnado/gustnado/options";
 * import { assertEquals } from "@std/assert";
 *
 * const workers = define("workers", { default: 4, help: "how many" });
 * parseCommandLine(["--workers=2"]);
 * assertEquals(workers.value, 2);
 * ```
 *
 * @category Options
 */
export function define<const Definition extends OptionDefinition>(
  name: string,
  definition: Definition,
): DefinedOption<OptionValue<Definition>> {
  // The definition tells the type of what is read by it.
  return options.define(name, definition) as DefinedOption<OptionValue<Definition>>;
}

/**
 * Reads the command line into {@linkcode options} (`tornado.options.parse_command_line`); see
 * {@linkcode OptionParser.parseCommandLine}.
 *
 * @param args The arguments, without the program's name. Default: those of the process.
 * @returns What comes after the options.
 *
 * @example
 * ```ts
 * import { parseCommandLine } from "@gustnado/gustnado/options";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseCommandLine(["--", "file.txt"]), ["file.txt"]);
 * ```
 *
 * @category Options
 */
export function parseCommandLine(args?: readonly string[], parse: ParseOptions = {}): string[] {
  return options.parseCommandLine(args, parse);
}

/**
 * Reads a file into {@linkcode options} (`tornado.options.parse_config_file`): JSON or TOML, no program;
 * see {@linkcode OptionParser.parseConfigFile}.
 *
 * @param path The path.
 *
 * @example
 * ```ts
 * import { define, options, parseConfigFile } from "@gustnado/gustnado/options";
 * import { assertEquals } from "@std/assert";
 *
 * define("mysqlHost", { default: "localhost" });
 * const path = Deno.makeTempFileSync({ suffix: ".toml" });
 * Deno.writeTextFileSync(path, '[mysql]\nhost = "db"');
 * await parseConfigFile(path);
 * assertEquals(options.mysqlHost, "db");
 * ```
 *
 * @category Options
 */
export function parseConfigFile(path: string, parse: ParseOptions = {}): Promise<void> {
  return options.parseConfigFile(path, parse);
}

/**
 * Calls back when all of {@linkcode options} have been parsed (`tornado.options.add_parse_callback`).
 *
 * @example
 * ```ts
 * import { addParseCallback, parseCommandLine } from "@gustnado/gustnado/options";
 * import { assertEquals } from "@std/assert";
 *
 * let parsed = false;
 * addParseCallback(() => {
 *   parsed = true;
 * });
 * parseCommandLine([]);
 * assertEquals(parsed, true);
 * ```
 *
 * @category Options
 */
export function addParseCallback(callback: () => void): void {
  options.addParseCallback(callback);
}

/**
 * Prints the help of {@linkcode options} (`tornado.options.print_help`).
 *
 * @example
 * ```ts
 * import { options, printHelp } from "@gustnado/gustnado/options";
 * import { assertStringIncludes } from "@std/assert";
 *
 * assertStringIncludes(options.help(), "--help");
 * if (import.meta.main) printHelp();
 * ```
 *
 * @category Options
 */
export function printHelp(): void {
  options.printHelp();
}
