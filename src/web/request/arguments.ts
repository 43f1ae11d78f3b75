/**
 * Arguments of queries and forms, as handlers ask for them (`RequestHandler.get_argument`), and of paths,
 * as handlers get them.
 */
import { BOOLEAN, checkOptions, type OptionTypes } from "../../checks/option_check.ts";
import { atOnce } from "../../concurrent/coroutine/promise_like.ts";
import { percentDecode, percentDecodeBytes } from "../../http/target/percent.ts";
import type { RequestHandler } from "../request_handler.ts";
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
  if (typeof defaultValue === "object") checkDefault(name, defaultValue, options);
  const value = served(request).valuesOf(name, source).at(-1);
  if (value !== undefined) return clean(value, strip);
  if (defaultValue !== undefined) return defaultValue;
  throw new MissingArgumentError(
    name,
    { hint: (source === "query" ? undefined : bodyHint(served(request).content)) ?? NO_DEFAULT },
  );
}

const NO_DEFAULT = "it was not sent, and no default was given behind its name";

/** What looks like options, and stands where the default does. */
const NAMES: ReadonlySet<string> = new Set(["strip", "default", "defaultValue"]);

/** @throws {TypeError} If options were given in the place of the default. */
function checkDefault(name: string, value: object | null, options: unknown): void {
  const names = Object.keys(value ?? {});
  const isOptions = options === undefined && names.length > 0 &&
    names.every((each) => NAMES.has(each));
  if (!isOptions) return;
  const written = JSON.stringify(name);
  throw new TypeError(
    `Cannot use { ${names.join(", ")} } as the default of the argument ${written}: write ` +
      `getArgument(${written}, "the default", { strip: false }); undefined in its place is none`,
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

/** A group of a path. */
type Group = string | undefined;

/**
 * Decodes a group.
 *
 * @param handler Whose `decodeArgument` does it; `null` for the default one.
 * @throws {HTTPInputError} If it is not UTF-8, which is answered with 400.
 */
function decodeGroup(group: Group, handler: RequestHandler | null, name?: string): Group {
  if (group === undefined) return undefined;
  if (handler === null) return percentDecode(group, name);
  return decodeText(handler, percentDecodeBytes(new TextEncoder().encode(group)), name);
}

/** Decodes bytes as the handler does it. */
export function decodeText(handler: RequestHandler, value: Uint8Array, name?: string): string {
  const text = handler.decodeArgument(value, name);
  return atOnce(text, "decodeArgument()", "it must not be async; decode in an async prepare()");
}

/** Decodes the groups in order; see {@linkcode decodeGroup}. */
export function decodePathArgs(
  groups: readonly Group[],
  handler: RequestHandler | null,
): readonly Group[] {
  return groups.map((group) => decodeGroup(group, handler));
}

/** Decodes the named groups; see {@linkcode decodeGroup}. */
export function decodePathKwargs(
  groups: Readonly<Record<string, Group>> | null,
  handler: RequestHandler | null,
): Readonly<Record<string, Group>> {
  const decoded: Record<string, Group> = Object.create(null);
  for (const name in groups) decoded[name] = decodeGroup(groups[name], handler, name);
  return decoded;
}
