/**
 * Node's built-in modules, loaded when they are first needed: a static import of `node:crypto` alone
 * would double the time to the first response.
 */
import { detectPlatform } from "./platform.ts";

let crypto: typeof import("node:crypto") | undefined;
let zlib: typeof import("node:zlib") | undefined;

/** `node:crypto`, for what must be synchronous. */
export function nodeCrypto(): typeof import("node:crypto") {
  return crypto ??= detectPlatform().builtin("node:crypto") as typeof import("node:crypto");
}

/** `node:zlib`, for compression that can be flushed. */
export function nodeZlib(): typeof import("node:zlib") {
  return zlib ??= detectPlatform().builtin("node:zlib") as typeof import("node:zlib");
}
