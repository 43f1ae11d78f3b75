/** What a bundle weighs, and which modules that is. */
import { relative, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import type { Metafile } from "esbuild";
import { isLibrary, libraryFile } from "./library.ts";
import { formatSize } from "./static_folders.ts";

/**
 * What a module weighs in a bundle.
 *
 * @category Servers and runtimes
 */
export interface ModuleSize {
  /** The module, as a path from the working directory or the name of its package. */
  readonly module: string;
  /** Bytes, before compression. */
  readonly bytes: number;
}

/** Lines of the table that people see. */
const SHOWN = 12;

/** Bytes when compressed as well as gzip can. */
export function gzipSize(bytes: Uint8Array): number {
  return gzipSync(bytes, { level: 9 }).length;
}

/** The heaviest modules as a table, and the rest as one line of it. */
export function formatModules(modules: readonly ModuleSize[]): string {
  const rest = modules.slice(SHOWN);
  const lines = modules.slice(0, SHOWN).map(({ module, bytes }) => line(bytes, module));
  if (rest.length === 0) return lines.join("\n");
  const bytes = rest.reduce((sum, each) => sum + each.bytes, 0);
  return [...lines, line(bytes, `${rest.length} more`)].join("\n");
}

function line(bytes: number, text: string): string {
  return `  ${formatSize(bytes).padStart(10)}  ${text}`;
}

/** The paths of the modules that something in a bundle comes from. */
export function modulesIn(
  { outputs }: Metafile,
  cwd: string,
): ReadonlySet<string> {
  const inputs = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs));
  return new Set(
    inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => resolve(cwd, path)),
  );
}

/** What each module weighs, the heaviest first. */
export function sizesOf({ outputs }: Metafile, cwd: string): ModuleSize[] {
  const sizes = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [module, { bytesInOutput }] of Object.entries(inputs)) {
      const name = shownModule(
        resolve(cwd, module.replace(/^(?:generated|fetched|original):/, "")),
        cwd,
        module,
      );
      sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...sizes].map(([module, bytes]) => ({ module, bytes }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes);
}

function shownModule(path: string, cwd: string, module: string): string {
  if (/^(?:generated|fetched):/.test(module)) {
    return module.replace(/^generated:gustnado:|^fetched:/, "");
  }
  const [, npm] = /\/registry\.npmjs\.org\/(.+)$|\/node_modules\/(?!\.deno)(.+)$/.exec(
    path,
  ) ?? [];
  if (npm !== undefined) return `npm:${npm}`;
  if (isLibrary(path)) return `gustnado/${relative(libraryFile("."), path)}`;
  return relative(cwd, path);
}
