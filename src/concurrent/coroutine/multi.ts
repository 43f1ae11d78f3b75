import { checkOptions } from "../../checks/option_check.ts";
import { QUIET, type Quiet } from "./quiet.ts";
import {
  BadYieldError,
  describe,
  isRecord,
  settleArray,
  settleRecord,
  type Yieldable,
  type Yielded,
} from "./runner.ts";

/**
 * How {@linkcode multi} reports.
 *
 * @category Event loop
 */
export interface MultiOptions {
  /** Which errors after the first are not logged. Default: none, all are logged. */
  readonly quiet?: Quiet | undefined;
}

/**
 * Waits for several things together (`tornado.gen.multi`).
 *
 * Unlike `Promise.all` it waits for all of them also when one fails, so nothing is still running
 * afterwards; it takes a record as well as an array; and it nests.
 *
 * @param children Promises, coroutines, or arrays or records of those.
 * @param options What is logged.
 * @returns The values, in the shape of the children.
 * @throws {TypeError} If the children are neither an array nor a record, or an option is unknown.
 * @throws The first error in the order of the children; the others are logged.
 *
 * @example
 * ```ts
 * import { gen } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const { user, posts } = await gen.multi({
 *   user: Promise.resolve("Ann"),
 *   posts: [Promise.resolve(1), Promise.resolve(2)],
 * });
 * assertEquals([user, posts], ["Ann", [1, 2]]);
 * ```
 *
 * @category Event loop
 */
export function multi<const Children extends readonly Yieldable[]>(
  children: Children,
  options?: MultiOptions,
): Promise<Yielded<Children>>;
/**
 * Waits for the values of a record together, and keeps its keys.
 *
 * @category Event loop
 */
export function multi<Children extends { readonly [key: string]: Yieldable }>(
  children: Children,
  options?: MultiOptions,
): Promise<Yielded<Children>>;
export function multi(
  children: readonly unknown[] | Readonly<Record<string, unknown>>,
  options: MultiOptions = {},
): Promise<unknown> {
  try {
    checkOptions(options, { quiet: QUIET });
    return settleChildren(children, options.quiet ?? false);
  } catch (error) {
    return Promise.reject(error);
  }
}

function settleChildren(children: unknown, quiet: Quiet): Promise<unknown> {
  if (Array.isArray(children)) return settleArray(children, quiet);
  if (isRecord(children)) return settleRecord(children, quiet);
  throw new BadYieldError(
    `Cannot wait for ${describe(children)}: give an array or a record of promises`,
  );
}
