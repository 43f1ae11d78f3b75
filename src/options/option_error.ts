/** What is wrong with what a program was told. */

/**
 * A program was told something that it has no use for: on the command line, by an environment variable
 * or in a file (`tornado.options.Error`).
 *
 * The message says what was given, where, and what is accepted. `parseCommandLine()` prints it and ends
 * the process with 2.
 *
 * @example
 * ```ts
 * import { defineOptions, OptionError } from "@gustnado/gustnado/options";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const options = defineOptions({ port: { default: 8888 } });
 * const error = assertThrows(() => options.parseArguments(["--port=http"]), OptionError);
 * assertEquals(
 *   error.message,
 *   'Cannot use "http" as the option --port on the command line: expected a whole number',
 * );
 * ```
 *
 * @category Options
 */
export class OptionError extends Error {
  /** The name of the class. */
  override readonly name = "OptionError";
}
