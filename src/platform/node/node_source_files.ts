/** The files of Node and of the runtimes that have its modules. */
import { builtinModule } from "../node_builtins.ts";
import type { SourceFiles } from "../source_files.ts";

/** The files of `node:fs`; `undefined` where it has none. */
export function nodeSourceFiles(): SourceFiles | undefined {
  const fs = fileSystem();
  return fs && {
    read: (path) => orNull(() => new Uint8Array(fs.readFileSync(path))),
    realPath: (path) => orNull(() => fs.realpathSync(path)),
    list: (path) => orNull(() => fs.readdirSync(path)),
  };
}

function fileSystem(): typeof import("node:fs") | undefined {
  try {
    return builtinModule("node:fs") as typeof import("node:fs");
  } catch {
    return undefined;
  }
}

function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (/^(?:ENOENT|ENOTDIR|EISDIR|ELOOP|ENAMETOOLONG)$/.test(code)) return null;
    throw error;
  }
}
