/** The files of Deno. */
import type { SourceFiles } from "../source_files.ts";

/** The files of Deno, which asks for permission to read them. */
export function denoSourceFiles(): SourceFiles {
  return {
    read: (path) => orNull(() => Deno.readFileSync(path)),
    realPath: (path) => orNull(() => Deno.realPathSync(path)),
    list: (path) => orNull(() => Array.from(Deno.readDirSync(path), (entry) => entry.name)),
  };
}

function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    const absent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.IsADirectory ||
      error instanceof Deno.errors.FilesystemLoop ||
      (error instanceof Error && "code" in error && error.code === "ENAMETOOLONG");
    if (absent) return null;
    throw error;
  }
}
