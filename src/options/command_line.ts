/** The grammar of a command line. */
import { closest } from "../checks/mistakes.ts";
import { shown } from "../checks/shown.ts";
import type { Option } from "./option.ts";
import { OptionError } from "./option_error.ts";
import { optionName } from "./option_name.ts";

/** What a command line says. */
export interface CommandLine {
  /** The texts of each option, in order. */
  readonly texts: ReadonlyMap<Option, readonly string[]>;
  /** What comes after the options. */
  readonly rest: readonly string[];
  /** Whether `--help` is among them, after which nothing else is read. */
  readonly wantsHelp: boolean;
}

/** Where the values of a command line stand, for an error. */
export const ON_COMMAND_LINE = "on the command line";

/**
 * Reads a command line. An option is `--name=value`, `--name value`, or, if it is true or false,
 * `--name` or `--no-name`; one dash is as good as two, as for Tornado. The first argument that is none,
 * or `--`, ends them.
 *
 * @param options The options that there are, by the names of {@linkcode optionName}.
 * @throws {OptionError} If one is unknown, or its value is missing.
 */
export function readCommandLine(
  args: readonly string[],
  options: ReadonlyMap<string, Option>,
): CommandLine {
  const texts = new Map<Option, string[]>();
  let index = 0;
  for (; index < args.length; index++) {
    const argument = args[index] ?? "";
    if (argument === "--") {
      index++;
      break;
    }
    if (!/^-./.test(argument)) break;
    const { name, value } = split(argument);
    if (name === "help" || name === "h") return { texts, rest: [], wantsHelp: true };
    const own = textOf(name, value, options);
    const option = own?.option ?? known(argument, name, options);
    const text = own?.text ?? args[++index];
    // What begins with two dashes is the next option: its value was forgotten.
    if (text === undefined || own === undefined && text.startsWith("--")) throw noValue(option);
    texts.set(option, [...texts.get(option) ?? [], text]);
  }
  return { texts, rest: args.slice(index), wantsHelp: false };
}

function split(argument: string): { readonly name: string; readonly value: string | undefined } {
  const equals = argument.indexOf("=");
  const end = equals === -1 ? argument.length : equals;
  return {
    name: optionName(argument.slice(0, end).replace(/^--?/, "")),
    value: equals === -1 ? undefined : argument.slice(equals + 1),
  };
}

/** The text of an option, where the argument itself has it; `undefined` if the next one is to be. */
function textOf(
  name: string,
  value: string | undefined,
  options: ReadonlyMap<string, Option>,
): { readonly option: Option; readonly text: string } | undefined {
  const option = options.get(name);
  if (option !== undefined) {
    if (value !== undefined) return { option, text: value };
    return option.isSwitch ? { option, text: "true" } : undefined;
  }
  const negated = name.startsWith("no-") ? options.get(name.slice(3)) : undefined;
  const isNegation = negated?.isSwitch === true && value === undefined;
  return isNegation ? { option: negated, text: "false" } : undefined;
}

function known(argument: string, name: string, options: ReadonlyMap<string, Option>): Option {
  const option = options.get(name);
  if (option !== undefined) return option;
  const written = argument.split("=", 1)[0] ?? argument;
  throw new OptionError(
    `Unknown option ${shown(written)} ${ON_COMMAND_LINE}${suggestion(name, options)}`,
  );
}

/**
 * What to say of a name that there is not.
 *
 * @param dashes What is written before a name.
 */
export function suggestion(
  name: string,
  options: ReadonlyMap<string, Option>,
  dashes = "--",
): string {
  const nearest = closest(name, [...options.keys(), "help"]);
  return nearest === undefined ? "; see --help" : `: did you mean ${dashes}${nearest}?`;
}

function noValue(option: Option): OptionError {
  const { flag, metavar } = option;
  return new OptionError(
    `Cannot use the option --${flag} ${ON_COMMAND_LINE} without a value: write --${flag}=${metavar}`,
  );
}
