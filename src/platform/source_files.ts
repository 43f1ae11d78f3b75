/**
 * Synchronous reading of an application's own files: its templates and its translations.
 *
 * They are read once, when a page or a language is first needed, and a page that awaits nothing must
 * not wait for them.
 */
import { denoSourceFiles } from "./deno/deno_source_files.ts";
import { nodeSourceFiles } from "./node/node_source_files.ts";
import { UnsupportedFeatureError } from "./unsupported_feature_error.ts";

/** Files that belong to the application. */
export interface SourceFiles {
  /** The whole file; `null` if there is none. */
  read(path: string): Uint8Array | null;
  /** The absolute path with every symbolic link resolved; `null` if nothing is there. */
  realPath(path: string): string | null;
  /** The names in a directory, in no order; `null` if there is no such directory. */
  list(path: string): string[] | null;
}

/**
 * The files of the runtime at hand.
 *
 * @param feature What needs them, for the error.
 * @throws {UnsupportedFeatureError} If the runtime has no files.
 */
export function sourceFiles(feature: string): SourceFiles {
  const files = "Deno" in globalThis ? denoSourceFiles() : nodeSourceFiles();
  if (files === undefined) throw new UnsupportedFeatureError(feature, "Deno, Node or Bun");
  return files;
}
