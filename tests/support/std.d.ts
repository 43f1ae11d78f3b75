/**
 * Types of the `@std` submodules that deno.json maps to an untyped npm build.
 *
 * A release that maps `@std/...` to JSR needs only the import map changed: there
 * the real types take the place of these.
 */

declare module "@std/assert" {
  export class AssertionError extends Error {}
  export function assert(expr: unknown, msg?: string): asserts expr;
  export function assertEquals<T>(actual: T, expected: T, msg?: string): void;
  export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void;
  export function assertStrictEquals<T>(
    actual: unknown,
    expected: T,
    msg?: string,
  ): asserts actual is T;
  export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void;
  export function assertAlmostEquals(
    actual: number,
    expected: number,
    tolerance?: number,
    msg?: string,
  ): void;
  export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T>;
  export function assertFalse(expr: unknown, msg?: string): asserts expr is false;
  export function assertGreater<T>(actual: T, expected: T, msg?: string): void;
  export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void;
  export function assertLess<T>(actual: T, expected: T, msg?: string): void;
  export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void;
  // deno-lint-ignore no-explicit-any -- the constructor of any class
  export function assertInstanceOf<T extends abstract new (...args: any[]) => any>(
    actual: unknown,
    expected: T,
    msg?: string,
  ): asserts actual is InstanceType<T>;
  export function assertIsError<E extends Error = Error>(
    error: unknown,
    // deno-lint-ignore no-explicit-any -- the constructor of any error
    ErrorClass?: abstract new (...args: any[]) => E,
    msgMatches?: string | RegExp,
    msg?: string,
  ): asserts error is E;
  export function assertMatch(actual: string, expected: RegExp, msg?: string): void;
  export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void;
  export function assertArrayIncludes<T>(
    actual: ArrayLike<T>,
    expected: ArrayLike<T>,
    msg?: string,
  ): void;
  export function assertObjectMatch(
    actual: Record<PropertyKey, unknown>,
    expected: Record<PropertyKey, unknown>,
    msg?: string,
  ): void;
  export function assertStringIncludes(actual: string, expected: string, msg?: string): void;
  export function assertThrows<E extends Error = Error>(
    fn: () => unknown,
    // deno-lint-ignore no-explicit-any -- the constructor of any error
    ErrorClass?: abstract new (...args: any[]) => E,
    msgIncludes?: string,
    msg?: string,
  ): E;
  export function assertRejects<E extends Error = Error>(
    fn: () => PromiseLike<unknown>,
    // deno-lint-ignore no-explicit-any -- the constructor of any error
    ErrorClass?: abstract new (...args: any[]) => E,
    msgIncludes?: string,
    msg?: string,
  ): Promise<E>;
  export function fail(msg?: string): never;
  export function unreachable(msg?: string): never;
}

declare module "@std/media-types" {
  export function contentType(extensionOrType: string): string | undefined;
  export function typeByExtension(extension: string): string | undefined;
}

declare module "@std/toml" {
  export function parse(tomlString: string): Record<string, unknown>;
}

declare module "@std/testing/mock" {
  export interface SpyCall {
    readonly args: readonly unknown[];
    readonly returned?: unknown;
    readonly error?: Error;
  }
  export interface Spy extends Disposable {
    readonly calls: readonly SpyCall[];
    readonly restored: boolean;
    restore(): void;
  }
  // deno-lint-ignore no-explicit-any -- any function can be watched
  type AnyFunction = (...args: any[]) => any;
  export function spy<F extends AnyFunction>(fn: F): Spy & F;
  export function spy(object: object, method: PropertyKey): Spy;
  export function stub(object: object, method: PropertyKey, fn?: AnyFunction): Spy;
  export function assertSpyCalls(spy: Spy, expected: number): void;
  export function assertSpyCallArgs(spy: Spy, index: number, expected: readonly unknown[]): void;
}
