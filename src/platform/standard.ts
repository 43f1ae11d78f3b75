/** A runtime of which nothing is known but the web's own interfaces. */
import type { FileSystem, Platform } from "./platform.ts";

/**
 * A feature that the runtime at hand does not have.
 *
 * @example
 * ```ts
 * import { UnsupportedFeatureError } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * // What to tell the operator.
 * function advice(error: unknown): string {
 *   return error instanceof UnsupportedFeatureError ? error.message : "Something went wrong";
 * }
 *
 * assertEquals(
 *   advice(new UnsupportedFeatureError("files", "Deno")),
 *   "Cannot use files: this runtime does not have it; use Deno",
 * );
 * ```
 *
 * @category Servers and runtimes
 */
export class UnsupportedFeatureError extends Error {
  /** The name of the class. */
  override readonly name = "UnsupportedFeatureError";

  /**
   * Makes the exception.
   *
   * @param feature What was asked for, as a noun phrase.
   * @param runtimes The runtimes that have it.
   */
  constructor(feature: string, runtimes: string) {
    super(`Cannot use ${feature}: this runtime does not have it; use ${runtimes}`);
  }
}

/** The platform that needs only `Request`, `Response` and `fetch`. */
export function standardPlatform(): Platform {
  return {
    name: "web",
    requestHeader: (request, name) => request.headers.get(name),
    packHeaders: () => null,
    bufferedBody: () => null,
    textResponse: (body, type) => new Response(body, { headers: { "content-type": type } }),
    serve: () => missing("a listening server", "Deno, or export the application's fetch"),
    exit: () => missing("the end of the process", "Deno"),
    onStopSignal: () => () => {},
    onUnhandledError: () => () => {},
    calledByRuntimeServer: () => false,
    upgradeWebSocket: () => missing("WebSockets", "Deno or workerd"),
    isUpgrade: (_request, response) => (response as { webSocket?: unknown }).webSocket != null,
    terminate: () => {},
    files: missingFiles(),
    builtin: builtinModule,
  };
}

/** Loads a built-in module where the runtime has Node's door to them. */
export function builtinModule(name: string): unknown {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.(name) ??
    missing(`the built-in module "${name}"`, "Deno, Node, Bun or workerd");
}

function missingFiles(): FileSystem {
  const fail = () => missing("files", "Deno");
  return {
    stat: fail,
    realPath: fail,
    readFile: fail,
    readFileSync: fail,
    readRange: fail,
    windows: false,
  };
}

function missing(feature: string, runtimes: string): never {
  throw new UnsupportedFeatureError(feature, runtimes);
}
