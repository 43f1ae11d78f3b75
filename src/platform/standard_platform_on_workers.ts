/**
 * What stands in the place of `standard_platform.ts` in the package, for Workers: no server listens
 * there, no process ends, and there is no terminal.
 */
import { inspect } from "./node_builtins.ts";
import type { Platform } from "./platform.ts";
import { UnsupportedFeatureError } from "./unsupported_feature_error.ts";

/** See `standard_platform.ts`. */
export function standardPlatform(): Platform {
  const missing = lacking("files");
  return {
    name: "web",
    requestHeader: (request, name) => request.headers.get(name),
    packHeaders: none,
    bufferedBody: none,
    textResponse: (body, type) => new Response(body, { headers: { "content-type": type } }),
    serve: lacking("a listening server"),
    exit: lacking("the end of the process"),
    onStopSignal: () => none,
    onUnhandledError: () => none,
    calledByRuntimeServer: () => false,
    hasLeft: () => Promise.resolve(false),
    upgradeWebSocket: lacking("WebSockets"),
    isUpgrade: (_request, response) => (response as { webSocket?: unknown }).webSocket != null,
    terminate: none,
    files: {
      stat: missing,
      realPath: missing,
      readFile: missing,
      readFileSync: missing,
      readRange: missing,
      windows: false,
    },
    console: {
      isTerminal: () => false,
      noColor: () => true,
      write: none,
      inspect,
      variable,
    },
    localAddresses: () => [],
  };
}

function none(): null {
  return null;
}

function lacking(feature: string): () => never {
  return () => {
    throw new UnsupportedFeatureError(feature, "Deno, Node or Bun");
  };
}

function variable(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Readonly<Record<string, string>> } };
  return process?.env?.[name];
}
