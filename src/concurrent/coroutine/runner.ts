import { logApplicationError } from "../../log.ts";
import { appendCaller, callerFrames } from "../loop/caller_frames.ts";
import { isPromiseLike } from "./promise_like.ts";
import { isQuiet, type Quiet } from "./quiet.ts";
import { Return } from "./return.ts";

/**
 * A coroutine yielded what cannot be waited for (`tornado.gen.BadYieldError`).
 *
 * @example
 * ```ts
 * import { BadYieldError, coroutine } from "@gustnado/gustnado";
 * import { assertRejects } from "@std/assert";
 *
 * const careless = coroutine(function* (): Generator<never> {
 *   // TypeScript refuses this, too.
 *   // @ts-expect-error a number is nothing to wait for
 *   yield 42;
 * });
 * await assertRejects(() => careless(), BadYieldError, "Cannot wait for the number 42");
 * ```
 *
 * @category Event loop
 */
export class BadYieldError extends TypeError {
  /** Always `"BadYieldError"`. */
  override readonly name = "BadYieldError";
}

/**
 * What a coroutine may yield: a promise, a generator, nothing, or an array or record of those.
 *
 * @category Event loop
 */
export type Yieldable =
  | PromiseLike<unknown>
  | Generator<unknown, unknown, unknown>
  | null
  | undefined
  | readonly Yieldable[]
  | { readonly [key: string]: Yieldable };

/**
 * What waiting for a {@linkcode Yieldable} gives: its promises replaced by their values.
 *
 * @category Event loop
 */
export type Yielded<T> = T extends PromiseLike<infer Value> ? Awaited<Value>
  : T extends Generator<unknown, infer Value, infer _Next> ? Value
  : T extends null | undefined ? T
  : { -readonly [Key in keyof T]: Yielded<T[Key]> };

/**
 * Runs a generator to its end, waiting for each thing it yields.
 *
 * The first part, up to the first `yield`, runs before this returns.
 *
 * @returns What the generator returns, or the value of the {@linkcode Return} that it throws.
 */
export async function runGenerator<Value>(
  generator: Generator<unknown, Value, unknown>,
): Promise<Value> {
  let caller: readonly string[] = [];
  try {
    let step = generator.next();
    // The caller is still on the stack here. A coroutine that never yields does not pay for this.
    if (!step.done) caller = callerFrames();
    while (!step.done) step = await resume(generator, step.value);
    return step.value;
  } catch (error) {
    // The type of what a Return carries is the word of whoever throws it.
    if (error instanceof Return) return error.value as Value;
    appendCaller(error, caller);
    throw error;
  }
}

async function resume<Value>(
  generator: Generator<unknown, Value, unknown>,
  yielded: unknown,
): Promise<IteratorResult<unknown, Value>> {
  let value: unknown;
  try {
    value = await convertYielded(yielded);
  } catch (error) {
    return generator.throw(error);
  }
  return generator.next(value);
}

/**
 * Turns what a coroutine yielded into something to wait for (`tornado.gen.convert_yielded`).
 *
 * @param yielded The promise, generator, array or record.
 * @param quiet Which errors after the first of an array or record are not logged. Default: none.
 * @throws {BadYieldError} If it is neither a promise, a generator, nothing, nor an array or record of
 * those.
 *
 * @example
 * ```ts
 * import { gen } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const waiting = gen.convertYielded([Promise.resolve(1), { two: Promise.resolve(2) }]);
 * assertEquals(await waiting, [1, { two: 2 }]);
 * ```
 *
 * @category Event loop
 */
export function convertYielded(yielded: unknown, quiet: Quiet = false): PromiseLike<unknown> {
  if (yielded === undefined || yielded === null) return Promise.resolve(yielded);
  if (isPromiseLike(yielded)) return yielded;
  if (isGenerator(yielded)) return runGenerator(yielded);
  if (Array.isArray(yielded)) return settleArray(yielded, quiet);
  if (isRecord(yielded)) return settleRecord(yielded, quiet);
  throw new BadYieldError(
    `Cannot wait for ${describe(yielded)}: yield a promise, or an array or record of promises`,
  );
}

/** Waits for every element. The first error in their order is thrown, the others are logged. */
export async function settleArray(
  children: readonly unknown[],
  quiet: Quiet,
): Promise<unknown[]> {
  const settled = await Promise.allSettled(children.map(convertChild));
  const errors = settled.filter((result) => result.status === "rejected");
  for (const { reason } of errors.slice(1)) {
    if (!isQuiet(reason, quiet)) logApplicationError("Multiple exceptions in yield list", reason);
  }
  if (errors[0] !== undefined) throw errors[0].reason;
  return settled.map((result) => result.status === "fulfilled" ? result.value : undefined);
}

/** Waits for every value of a record, as {@linkcode settleArray} does, and keeps its keys. */
export async function settleRecord(
  children: Readonly<Record<string, unknown>>,
  quiet: Quiet,
): Promise<Record<string, unknown>> {
  const keys = Object.keys(children);
  const values = await settleArray(keys.map((key) => children[key]), quiet);
  return Object.fromEntries(keys.map((key, index) => [key, values[index]]));
}

/** A child that cannot be waited for is an error of its own, after its siblings like any other. */
function convertChild(child: unknown): PromiseLike<unknown> {
  try {
    return convertYielded(child);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Whether a value is what calling a generator function gives. */
export function isGenerator(value: unknown): value is Generator<unknown, unknown, unknown> {
  return typeof value === "object" && value !== null &&
    Object.prototype.toString.call(value) === "[object Generator]";
}

/** Whether a value is a plain object, and so a record of children. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** What an error calls a value that cannot be waited for. */
export function describe(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    return `an object of class ${value.constructor?.name ?? "unknown"}`;
  }
  if (value === null || value === undefined) return String(value);
  return typeof value === "function" ? "a function" : `the ${typeof value} ${String(value)}`;
}
