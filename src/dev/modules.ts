/** The modules that an application consists of. */
import { outputOfDeno } from "../platform/deno/deno_program.ts";
import { localPath } from "../platform/stack_frame.ts";

/** The flags of `deno run` that say how a module is found. */
const RESOLUTION = /^--(?:config|no-config|import-map|lock|no-lock|node-modules-dir|vendor)(?:=|$)/;

/**
 * Asks the runtime for the modules.
 *
 * @param main The main module.
 * @param flags The flags that it is run with.
 * @returns The paths of those that are files, also of those that are missing. Modules are left out that
 *   only one imports which cannot be parsed.
 */
export async function readModules(
  main: string,
  flags: readonly string[],
): Promise<ReadonlySet<string>> {
  const resolution = flags.filter((flag) => RESOLUTION.test(flag));
  const output = await outputOfDeno(["info", "--json", ...resolution, main]);
  const modules = output === null ? [] : modulesIn(output);
  const files = modules.map(({ specifier }) => localPath(String(specifier)));
  return new Set(files.filter((file) => file !== null));
}

/** What `deno info` tells of a module; its other members are not needed. */
interface ModuleEntry {
  readonly specifier?: unknown;
}

function modulesIn(output: string): readonly ModuleEntry[] {
  try {
    const { modules } = JSON.parse(output);
    return Array.isArray(modules) ? modules : [];
  } catch {
    return [];
  }
}
