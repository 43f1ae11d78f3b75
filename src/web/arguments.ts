/** Arguments of queries and forms, as handlers ask for them (`RequestHandler.get_argument`). */
import type { Fields } from "../http/form.ts";
import { MissingArgumentError } from "./http_error.ts";

/** How an argument is cleaned. */
export interface ArgumentOptions {
  /** Whether white space at both ends goes. Default `true`. */
  strip?: boolean;
}

/** Every value of `name`, cleaned. */
export function argumentsOf(
  fields: Readonly<Fields>,
  name: string,
  options: ArgumentOptions = {},
): string[] {
  return (fields[name] ?? []).map((value) => clean(value, options.strip ?? true));
}

/**
 * The last value of `name`, cleaned.
 *
 * @throws {MissingArgumentError} If there is none, and no default.
 */
export function lastArgument(
  fields: Readonly<Fields>,
  name: string,
  defaultValue: unknown,
  options: ArgumentOptions = {},
): unknown {
  const value = fields[name]?.at(-1);
  if (value !== undefined) return clean(value, options.strip ?? true);
  if (defaultValue === undefined) throw new MissingArgumentError(name);
  return defaultValue;
}

/** Control characters that no text has a use for: all but tab, line feed, VT, FF and CR. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x08\x0e-\x1f]/g;

function clean(value: string, strip: boolean): string {
  const text = value.replace(CONTROL, " ");
  return strip ? text.trim() : text;
}
