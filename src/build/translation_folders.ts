/** Translations that come along with an application. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type * as embedded from "../platform/embedded_source_files.ts";
import type { ApplicationPaths } from "./application_paths.ts";
import { BuildError } from "./build_error.ts";
import { GENERATED } from "./bundle_plugin.ts";
import { libraryFile } from "./library.ts";
import { embeddedFile } from "./static_folders.ts";

/** The catalogues of an application. */
export interface TranslationFolders {
  /** The folders, on this machine. */
  readonly folders: readonly string[];
  /** The module that holds the files. */
  readonly modules: ReadonlyMap<string, string>;
  /** The module that stands in the place of the one that reads them, by its path. */
  readonly replaced: ReadonlyMap<string, string>;
}

const FILES = `${GENERATED}translations`;
const MAKER: keyof typeof embedded = "embeddedSourceFiles";
/** `CODE.csv`, and what gettext has: `CODE/LC_MESSAGES/DOMAIN.mo` or `.po` */
const CATALOGUE = /^(?:[^/]+\.csv|[^/]+\/LC_MESSAGES\/[^/]+\.[mp]o)$/;

/**
 * Finds the catalogues.
 *
 * @param given The folders, as the application names them.
 * @throws {BuildError} If one cannot be read.
 */
export async function findTranslations(
  given: readonly string[],
  paths: ApplicationPaths,
): Promise<TranslationFolders> {
  const folders = [...new Set(given.map((folder) => paths.toReal(folder)))];
  if (folders.length === 0) return { folders, modules: new Map(), replaced: new Map() };
  const found = (await Promise.all(folders.map(cataloguesBelow))).flat();
  const lines = await Promise.all(
    [...new Set(found)].sort()
      .map(async (path) => embeddedFile(paths.toVirtual(path), await readFile(path), null)),
  );
  const text = `import { embeddedBytes, embeddedText } from ${
    library("platform/embedded_files.ts")
  };
export const files = new Map([
${lines.join("\n")}
]);
`;
  const roots = folders.map((folder) => paths.toVirtual(folder));
  return {
    folders,
    modules: new Map([[FILES, text]]),
    replaced: new Map([
      [libraryFile("platform/source_files.ts"), sourceFilesText(roots, paths.base)],
    ]),
  };
}

async function cataloguesBelow(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder, { recursive: true });
    return names.map((name) => name.replaceAll("\\", "/")).filter((name) => CATALOGUE.test(name))
      .map((name) => join(folder, name));
  } catch (cause) {
    throw new BuildError(`Cannot read the translations in ${folder}`, { cause });
  }
}

/** Where it is asked for translations, they are those of the bundle. */
function sourceFilesText(roots: readonly string[], base: string): string {
  return `import { denoSourceFiles } from ${library("platform/deno/deno_source_files.ts")};
import { nodeSourceFiles } from ${library("platform/node/node_source_files.ts")};
import { ${MAKER} } from ${library("platform/embedded_source_files.ts")};
import { UnsupportedFeatureError } from ${library("platform/unsupported_feature_error.ts")};
import { files } from "${FILES}";
function runtimeFiles(feature) {
  const files = "Deno" in globalThis ? denoSourceFiles() : nodeSourceFiles();
  if (files === undefined) throw new UnsupportedFeatureError(feature, "Deno, Node or Bun");
  return files;
}
export function sourceFiles(feature) {
  if (feature !== "translations") return runtimeFiles(feature);
  return ${MAKER}(files, {
    roots: ${JSON.stringify(roots)},
    base: ${JSON.stringify(base)},
    runtime: () => runtimeFiles(feature),
  });
}
`;
}

function library(path: string): string {
  return JSON.stringify(libraryFile(path));
}
