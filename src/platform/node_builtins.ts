/**
 * Node's built-in modules, loaded when they are first needed: a static import of `node:crypto` alone
 * would double the time to the first response.
 */
import { UnsupportedFeatureError } from "./unsupported_feature_error.ts";

let crypto: typeof import("node:crypto") | undefined;
let fs: typeof import("node:fs") | undefined;
let zlib: typeof import("node:zlib") | undefined;

/** `node:crypto`, for what must be synchronous. */
export function nodeCrypto(): typeof import("node:crypto") {
  return crypto ??= builtinModule("node:crypto") as typeof import("node:crypto");
}

/** `node:zlib`, for compression that can be flushed. */
export function nodeZlib(): typeof import("node:zlib") {
  return zlib ??= builtinModule("node:zlib") as typeof import("node:zlib");
}

/** `node:fs`, for files that are written while somebody waits. */
export function nodeFs(): typeof import("node:fs") {
  return fs ??= builtinModule("node:fs") as typeof import("node:fs");
}

/** Loads a built-in module where the runtime has Node's door to them. */
export function builtinModule(name: string): unknown {
  return findBuiltinModule(name) ?? missing(name);
}

/** The same; `undefined` where there is none. */
export function findBuiltinModule(name: string): unknown {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.(name);
}

function missing(name: string): never {
  throw new UnsupportedFeatureError(
    `the built-in module "${name}"`,
    "Deno, Node, Bun, or Workers with the flag nodejs_compat",
  );
}

/** A value as Node shows it, where it is there to do so; else as {@linkcode stackOf}. */
export function inspect(value: unknown): string {
  const util = findBuiltinModule("node:util") as typeof import("node:util") | undefined;
  return util?.inspect(value) ?? stackOf(value);
}

/** The stack of an error; the text of any other value. */
export function stackOf(value: unknown): string {
  return value instanceof Error ? value.stack ?? String(value) : String(value);
}
