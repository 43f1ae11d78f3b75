/** Options whose types are known. */
import type { OptionDefinition, OptionValue } from "./option_definition.ts";
import { OptionParser } from "./option_parser.ts";
import type { OptionParserOptions } from "./parser_options.ts";

/**
 * Options by their names.
 *
 * @category Options
 */
export type OptionTable = Readonly<Record<string, OptionDefinition>>;

/**
 * A set of options, each of which is a member with the type of its definition.
 *
 * @typeParam Table The definitions.
 *
 * @category Options
 */
export type DefinedOptions<Table extends OptionTable> =
  & OptionParser
  & { -readonly [Name in keyof Table]: OptionValue<Table[Name]> };

/**
 * Defines the options of a program. What they hold has the types of their definitions.
 *
 * @param table What each of them is.
 * @param settings What holds for all of them.
 * @throws {TypeError} If a name or a definition cannot be used.
 *
 * @example
 * ```ts
 * import { defineOptions } from "@gustnado/gustnado/options";
 * import { assertEquals } from "@std/assert";
 *
 * const options = defineOptions({
 *   port: { default: 8888, help: "where to listen" },
 *   logLevel: { choices: ["debug", "info"], default: "info", env: "LOG_LEVEL" },
 *   origin: { type: "string", multiple: true, help: "who may connect" },
 *   timeout: { type: "duration", default: 5_000 },
 * });
 * // In a program: options.parseCommandLine();
 * options.parseArguments(["--port=80", "--origin=a.org,b.org", "--timeout=1m"], { LOG_LEVEL: "debug" });
 * const { port, logLevel, origin, timeout } = options;
 * assertEquals({ port, logLevel, origin, timeout }, {
 *   port: 80,
 *   logLevel: "debug",
 *   origin: ["a.org", "b.org"],
 *   timeout: 60_000,
 * });
 * ```
 *
 * @category Options
 */
export function defineOptions<const Table extends OptionTable>(
  table: Table,
  settings: OptionParserOptions = {},
): DefinedOptions<Table> {
  const parser = new OptionParser(settings);
  for (const [name, definition] of Object.entries(table)) parser.define(name, definition);
  // Each define() has made the member whose type the table tells.
  return parser as DefinedOptions<Table>;
}
