/** The word about a directory of static files that is not there. */
import { generalLog } from "../../log.ts";
import type { FileSystem } from "../../platform/platform.ts";
import type { FileAccess } from "./file_content.ts";
import { tidyPath } from "./static_path.ts";

const reported = new WeakMap<FileSystem, Set<string>>();

/**
 * Warns that a directory is missing, or is none: every file below it would be a 404, and nobody would
 * know why. Each is reported once.
 *
 * @param root The directory, as it was set.
 */
export function reportMissingRoot(root: string, { files }: FileAccess): void {
  const known = reported.get(files) ?? new Set<string>();
  const path = tidyPath(root, files);
  if (known.has(path) || isDirectory(path, files)) return;
  reported.set(files, known.add(path));
  generalLog()?.warn(
    "Cannot serve static files from {path}: there is no such directory; make it, or set another",
    { path },
  );
}

/** What may not be looked at is not known to be missing. */
function isDirectory(path: string, files: FileSystem): boolean {
  try {
    return files.stat(path)?.isDirectory === true;
  } catch {
    return true;
  }
}
