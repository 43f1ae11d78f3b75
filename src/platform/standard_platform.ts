/** A runtime of which nothing is known but the web's own interfaces. */
import type { FileSystem, Platform } from "./platform.ts";
import { localAddresses, processConsole } from "./standard_process.ts";
import { UnsupportedFeatureError } from "./unsupported_feature_error.ts";

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
    hasLeft: () => Promise.resolve(false),
    upgradeWebSocket: () => missing("WebSockets", "Deno or workerd"),
    isUpgrade: (_request, response) => (response as { webSocket?: unknown }).webSocket != null,
    terminate: () => {},
    files: missingFiles(),
    console: processConsole(),
    localAddresses,
  };
}

function missingFiles(): FileSystem {
  // A plain text of one word would be taken for the name of a member by `./build`.
  const fail = () => missing(String.raw`files`, "Deno, Node or Bun");
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
