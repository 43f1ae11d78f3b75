/** A runtime of which nothing is known but the web's own interfaces. */
import { findBuiltinModule, inspect } from "./node_builtins.ts";
import type { FileSystem, Platform, PlatformConsole } from "./platform.ts";
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

/** What Node and Bun know of the process and the machine, and workerd does not, or not all. */
interface NodeProcess {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stderr?: { readonly isTTY?: boolean; write?(text: string): unknown };
}

function nodeProcess(): NodeProcess {
  return (globalThis as { process?: NodeProcess }).process ?? {};
}

function processConsole(): PlatformConsole {
  return {
    isTerminal: () => nodeProcess().stderr?.isTTY === true,
    noColor: () => Boolean(nodeProcess().env?.NO_COLOR),
    write(text) {
      const { stderr } = nodeProcess();
      if (stderr?.write === undefined) console.error(text.trimEnd());
      else stderr.write(text);
    },
    inspect,
    variable: (name) => nodeProcess().env?.[name],
  };
}

function localAddresses(): readonly string[] {
  const os = findBuiltinModule("node:os") as typeof import("node:os") | undefined;
  return Object.values(os?.networkInterfaces() ?? {}).flatMap((addresses = []) => addresses)
    .filter(({ family }) => family === "IPv4").map(({ address }) => address);
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
