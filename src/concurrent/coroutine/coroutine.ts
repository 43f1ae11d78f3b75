import { isGenerator, runGenerator, type Yieldable } from "./runner.ts";
import { Return } from "./return.ts";

/**
 * What a function that {@linkcode coroutine} takes may return.
 *
 * @category Event loop
 */
export type CoroutineBody<Value> =
  // What `yield` evaluates to depends on what was yielded, which no type can say: hence `any`.
  // deno-lint-ignore no-explicit-any
  Generator<Yieldable, Value, any> | Value;

/** The functions that `coroutine` has made. */
const coroutineFunctions: WeakSet<object> = new WeakSet();

/**
 * Makes a coroutine of a generator method: `@coroutine` on a handler's verb.
 *
 * The method then returns a promise. A decorator cannot tell TypeScript so, but everything that
 * waits for a coroutine (a handler's dispatch, `yield`, `gen.multi`) takes both.
 *
 * @param method The generator method.
 * @param context What the runtime hands to a decorator.
 * @returns A method of the same type that returns a promise.
 *
 * @category Event loop
 */
export function coroutine<This, Args extends unknown[], Result>(
  method: (this: This, ...args: Args) => Result,
  context: ClassMethodDecoratorContext<This, (this: This, ...args: Args) => Result>,
): (this: This, ...args: Args) => Result;
/**
 * Makes a function that returns a promise of a generator function that yields promises
 * (`tornado.gen.coroutine`).
 *
 * It exists because Tornado code is written so; `async` and `await` do the same. A coroutine may
 * yield a promise, another coroutine, nothing, or an array or record of those, for which it waits
 * together. A failed promise throws at its `yield`; anything else that is yielded throws a
 * `BadYieldError` there. Stack traces name the caller.
 *
 * @param body A generator function. One that is not is called, and its result is the promise's.
 * @returns A function that never throws: its errors are rejections.
 *
 * @example
 * ```ts
 * import { coroutine, sleep } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const add = coroutine(function* (a: Promise<number>, b: Promise<number>) {
 *   yield sleep(1);
 *   const [x, y] = yield [a, b];
 *   return x + y;
 * });
 * assertEquals(await add(Promise.resolve(1), Promise.resolve(2)), 3);
 * ```
 *
 * @category Event loop
 */
export function coroutine<This, Args extends unknown[], Value>(
  body: (this: This, ...args: Args) => CoroutineBody<Value>,
): (this: This, ...args: Args) => Promise<Awaited<Value>>;
// One implementation for a function that returns a promise and a decorator that must not say so.
// deno-lint-ignore no-explicit-any
export function coroutine(body: (this: any, ...args: any[]) => any): (...args: any[]) => any {
  function runCoroutine(this: unknown, ...args: unknown[]): Promise<unknown> {
    try {
      const result = body.apply(this, args);
      return isGenerator(result) ? runGenerator(result) : Promise.resolve(result);
    } catch (error) {
      return error instanceof Return ? Promise.resolve(error.value) : Promise.reject(error);
    }
  }
  Object.defineProperty(runCoroutine, "name", { value: body.name, configurable: true });
  coroutineFunctions.add(runCoroutine);
  return runCoroutine;
}

/**
 * Whether a function was made by {@linkcode coroutine} (`tornado.gen.is_coroutine_function`).
 *
 * @example
 * ```ts
 * import { coroutine, isCoroutineFunction, sleep } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const nap = coroutine(function* () {
 *   yield sleep(1);
 * });
 * assertEquals(isCoroutineFunction(nap), true);
 * assertEquals(isCoroutineFunction(async () => {}), false);
 * ```
 *
 * @category Event loop
 */
export function isCoroutineFunction(value: unknown): boolean {
  return typeof value === "function" && coroutineFunctions.has(value);
}
