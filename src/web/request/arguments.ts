/** Arguments of queries and forms, as handlers ask for them (`RequestHandler.get_argument`). */
import { BOOLEAN, checkOptions, type OptionTypes } from "../../checks/option_check.ts";
import { bodyHint } from "./body_hint.ts";
import { MissingArgumentError } from "../http_error.ts";
import type { HTTPServerRequest } from "./http_server_request.ts";
import { served } from "./served_request.ts";

/**
 * How an argument is cleaned.
 *
 * @category Requests and responses
 */
export interface ArgumentOptions {
  /** Whether white space at both ends goes. Default `true`. */
  strip?: boolean;
}

/** Where an argument is looked for. */
export type ArgumentSource = "query" | "body" | "query and body";

const OPTIONS: OptionTypes = { strip: BOOLEAN };

/** Every value of `name`, cleaned. Only these are decoded. */
export function argumentsOf(
  request: HTTPServerRequest,
  source: ArgumentSource,
  name: string,
  options?: ArgumentOptions,
): string[] {
  const strip = strips(options);
  return served(request).valuesOf(name, source).map((value) => clean(value, strip));
}

/**
 * The last value of `name`, cleaned.
 *
 * @throws {MissingArgumentError} If there is none, and no default.
 */
export function lastArgument(
  request: HTTPServerRequest,
  source: ArgumentSource,
  name: string,
  defaultValue: unknown,
  options?: ArgumentOptions,
): unknown {
  const strip = strips(options);
  const value = served(request).valuesOf(name, source).at(-1);
  if (value !== undefined) return clean(value, strip);
  if (defaultValue !== undefined) return defaultValue;
  throw new MissingArgumentError(
    name,
    source === "query" ? {} : { hint: bodyHint(served(request).content) },
  );
}

/** @throws {TypeError} If there is an unknown option, or an ill-typed one. */
function strips(options: ArgumentOptions | undefined): boolean {
  if (options === undefined) return true;
  checkOptions(options, OPTIONS);
  return options.strip ?? true;
}

/** Control characters that no text has a use for: all but tab, line feed, VT, FF and CR. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x08\x0e-\x1f]/g;

function clean(value: string, strip: boolean): string {
  const text = value.replace(CONTROL, " ");
  return strip ? text.trim() : text;
}
