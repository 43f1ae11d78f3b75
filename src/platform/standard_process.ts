/** What Node and Bun tell of the process and the machine, and the web does not. */
import { findBuiltinModule, inspect } from "./node_builtins.ts";
import type { PlatformConsole } from "./platform.ts";

/** What Node and Bun know of the process and the machine, and workerd does not, or not all. */
interface NodeProcess {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stderr?: { readonly isTTY?: boolean; write?(text: string): unknown };
}

function nodeProcess(): NodeProcess {
  return (globalThis as { process?: NodeProcess }).process ?? {};
}

/** The standard error and the environment. */
export function processConsole(): PlatformConsole {
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

/** See `Platform.localAddresses`. */
export function localAddresses(): readonly string[] {
  const os = findBuiltinModule("node:os") as typeof import("node:os") | undefined;
  return Object.values(os?.networkInterfaces() ?? {}).flatMap((addresses = []) => addresses)
    .filter(({ family }) => family === "IPv4").map(({ address }) => address);
}
