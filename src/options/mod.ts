/**
 * The options of a program: command line, environment and file in one declaration
 * (`tornado.options`).
 *
 * {@linkcode defineOptions} gives a set of them with types. {@linkcode define},
 * {@linkcode parseCommandLine}, {@linkcode parseConfigFile}, {@linkcode addParseCallback} and
 * {@linkcode printHelp} are those of Tornado, with one set for the whole program. Beneath both is
 * {@linkcode OptionParser}; what is wrong with a value is an {@linkcode OptionError}.
 *
 * @example
 * ```ts
 * import { Application } from "@gustnado/gustnado/web";
 * import { defineOptions } from "@gustnado/gustnado/options";
 *
 * const options = defineOptions({
 *   port: { default: 8888, help: "where to listen", env: "PORT" },
 *   debug: { default: false, help: "show errors in pages" },
 * });
 *
 * if (import.meta.main && Deno.args.length > 0) {
 *   options.parseCommandLine();
 *   new Application([], { debug: options.debug }).listen(options.port);
 * }
 * ```
 *
 * @module
 */
export { type DefinedOptions, defineOptions, type OptionTable } from "./define_options.ts";
export {
  addParseCallback,
  define,
  options,
  parseCommandLine,
  parseConfigFile,
  printHelp,
} from "./global_options.ts";
export type {
  OptionDefinition,
  OptionItem,
  OptionValue,
  WidenedDefault,
} from "./option_definition.ts";
export { OptionError } from "./option_error.ts";
export { OptionParser } from "./option_parser.ts";
export type {
  DefinedOption,
  OptionParserOptions,
  ParseConfigOptions,
  ParsedArguments,
  ParseOptions,
} from "./parser_options.ts";
export type { OptionTypeName, OptionTypeValues } from "./option_type.ts";
export type { ConfigFormat } from "./config_text.ts";
