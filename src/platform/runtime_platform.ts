/**
 * The platform of the runtime at hand: the one module that knows all of them. Only the one that is
 * needed is loaded. In the package, conditions of `imports` put it in place of this module, so that
 * bundlers find no other.
 */
import { denoPlatform } from "./deno/deno_platform.ts";
import type { Platform } from "./platform.ts";

/** Makes it. */
export const runtimePlatform: () => Platform = "Deno" in globalThis
  ? denoPlatform
  : "Bun" in globalThis
  ? (await import("./bun/bun_platform.ts")).bunPlatform
  : isNode()
  ? (await import("./node/node_platform.ts")).nodePlatform
  : "WebSocketPair" in globalThis
  ? (await import("./workers/workers_platform.ts")).workersPlatform
  : (await import("./standard_platform.ts")).standardPlatform;

/** Others have the name of its version too. */
function isNode(): boolean {
  if ("WebSocketPair" in globalThis) return false;
  const { process } = globalThis as {
    process?: { readonly versions?: { readonly node?: string } };
  };
  return process?.versions?.node !== undefined;
}
