/** The program that imports an application: one bundle of the application and what of the library it uses. */
import { dirname, join, resolve } from "node:path";
import { type BundleSources, GENERATED } from "./bundle_plugin.ts";
import { type EsbuildPasses, filesOf } from "./esbuild_pass.ts";
import { type ImportList, importsIn } from "./module_imports.ts";
import { PROBE_ENTRY, probeModules, probeReplacements } from "./probe_modules.ts";
import type { PlatformModule } from "./static_folders.ts";

/** The program, and what was seen when it was made. */
export interface ProbeProgram {
  readonly code: string;
  /** What each module of it imports. */
  readonly imports: ImportList;
  /** The JavaScript of the application's own modules, by path. */
  readonly texts: readonly (readonly [path: string, text: string])[];
}

/** Whether something that was kept is a program. */
export function isProbeProgram(value: unknown): value is ProbeProgram {
  const { code, imports, texts } = Object(value);
  return typeof code === "string" && Array.isArray(imports) && Array.isArray(texts);
}

/**
 * Makes the program.
 *
 * @param entry The path of the application's module.
 * @param sources What it is made of; what is generated for a probe, and replaced, comes to it.
 * @param passes Run esbuild.
 * @returns It, and the files that it was made of.
 * @throws {BuildError} If a module is missing or malformed.
 */
export async function probeProgram(
  entry: string,
  sources: Omit<BundleSources, "generated">,
  passes: EsbuildPasses,
): Promise<{ readonly program: ProbeProgram; readonly files: readonly string[] }> {
  const all: BundleSources = {
    ...sources,
    generated: probeModules(entry, sources.paths),
    replaced: new Map([...probeReplacements(), ...sources.replaced]),
  };
  const { outputFiles, metafile, modules } = await passes.run(PROBE_ENTRY, all, {
    banner: { js: COMMON_JS },
    // Less for Deno to read.
    minifyWhitespace: true,
  });
  const program: ProbeProgram = {
    code: outputFiles[0]?.text ?? "",
    imports: importsIn(metafile, passes.cwd),
    texts: [...modules],
  };
  return { program, files: filesOf(metafile, passes.cwd) };
}

/** The module in the place of the runtime's platform: that of the target, which must not listen yet. */
export function probePlatform({ file, name }: PlatformModule): string {
  return `import { ${name} } from ${JSON.stringify(file)};
import { refuse } from "${GENERATED}guard";
export const runtimePlatform = () => Object.defineProperty(${name}(), "serve", { value: refuse });
`;
}

/** The files that may say what an import means, whether they are there or not. */
export function configurationFiles(
  entry: string,
  config: string | undefined,
  cwd: string,
): string[] {
  const found = config === undefined ? [] : [resolve(cwd, config)];
  for (let folder = dirname(entry);; folder = dirname(folder)) {
    found.push(...CONFIGURATION.map((name) => join(folder, name)));
    if (folder === dirname(folder)) return found;
  }
}

const CONFIGURATION = ["deno.json", "deno.jsonc", "deno.lock", "package.json"];

/** Whether a bundle has modules of CommonJS that ask for what they find around them. */
export function usesCommonJS(bundle: string): boolean {
  return /\b(?:require|__dirname|__filename)\b/.test(bundle);
}

/** What modules of CommonJS find around them. */
export const COMMON_JS = `var require = (name) => {
  const found = globalThis.process?.getBuiltinModule(name);
  if (found) return found;
  throw Object.assign(new Error("Cannot find module " + name), { code: "MODULE_NOT_FOUND" });
};
var __filename = import.meta.filename ?? "/bundle.js", __dirname = import.meta.dirname ?? "/";`;
