/** Files of an application that are read synchronously, and came along in a bundle. */
import { type EmbeddedFile, plainPath } from "./embedded_files.ts";
import type { SourceFiles } from "./source_files.ts";

/**
 * Files of a bundle before those of the runtime: what is below a folder that came along is looked for
 * there only.
 *
 * @param files The files by their absolute paths.
 * @param options The folders that came along, what relative paths start at in the bundle, and the files
 *   of the runtime, where something else is asked for.
 */
export function embeddedSourceFiles(
  files: ReadonlyMap<string, EmbeddedFile>,
  { roots, base, runtime }: {
    readonly roots: readonly string[];
    readonly base: string;
    readonly runtime: () => SourceFiles;
  },
): SourceFiles {
  const isOwn = (path: string) =>
    roots.some((root) => path === root || path.startsWith(`${root}/`));
  const namesIn = (folder: string) =>
    [...files.keys()].filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1).split("/", 1)[0] ?? "");
  return {
    read: (given) => {
      const path = plainPath(given, base);
      return isOwn(path) ? files.get(path)?.bytes ?? null : runtime().read(given);
    },
    realPath: (given) => {
      const path = plainPath(given, base);
      return isOwn(path) ? path : runtime().realPath(given);
    },
    list: (given) => {
      const path = plainPath(given, base);
      return isOwn(path) ? [...new Set(namesIn(path))] : runtime().list(given);
    },
  };
}
