/**
 * What stands in the place of `standard_process.ts` in the package, for Workers, which have no terminal
 * and no addresses. What is written to their standard error they would put a word in front of.
 */
import { inspect } from "./node_builtins.ts";
import type { PlatformConsole } from "./platform.ts";

/** See `standard_process.ts`. */
export function processConsole(): PlatformConsole {
  return {
    isTerminal: () => false,
    noColor: () => true,
    write: (text) => console.error(text.trimEnd()),
    inspect,
    variable,
  };
}

function variable(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Readonly<Record<string, string>> } };
  return process?.env?.[name];
}

/** See `standard_process.ts`. */
export function localAddresses(): readonly string[] {
  return [];
}
