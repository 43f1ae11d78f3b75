/** Files that came along in a bundle. */
import type { FileStat, FileSystem } from "./platform.ts";

/** A file in a bundle. */
export interface EmbeddedFile {
  /** Its content; it may be made when it is first asked for. */
  readonly bytes: Uint8Array;
  /** Bytes. */
  readonly size: number;
  /** Time of the last change, milliseconds since the epoch; `null` where unknown. */
  readonly mtime: number | null;
}

/** A file of text. It is encoded when it is first read. */
export function embeddedText(text: string, size: number, mtime: number | null): EmbeddedFile {
  return lazyFile(() => new TextEncoder().encode(text), size, mtime);
}

/** A file of bytes, which are given in base64 and decoded when they are first read. */
export function embeddedBytes(base64: string, size: number, mtime: number | null): EmbeddedFile {
  const decode = () => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return lazyFile(decode, size, mtime);
}

/**
 * The files of a bundle as a file system. Each stands where its path says, and no links lead anywhere.
 *
 * @param files The files by their absolute paths, with `/` between the parts.
 */
export function embeddedFiles(files: ReadonlyMap<string, EmbeddedFile>): FileSystem {
  const folders = new Set([...files.keys()].flatMap(foldersAbove));
  const read = (path: string) => files.get(path)?.bytes ?? missing(path);
  return {
    stat: (path) => {
      const file = files.get(path);
      if (file !== undefined) return statOf(file.size, file.mtime);
      return folders.has(path) ? statOf(null, null) : null;
    },
    realPath: (path) => files.has(path) || folders.has(path) ? path : null,
    // deno-lint-ignore require-await -- a missing file is a rejection
    readFile: async (path) => read(path),
    readFileSync: read,
    readRange: (path, start, end) => {
      const bytes = read(path).subarray(start, end);
      return new ReadableStream({
        start(controller) {
          if (bytes.length > 0) controller.enqueue(bytes);
          controller.close();
        },
      });
    },
    windows: false,
  };
}

/**
 * Files of a bundle before those of the runtime: what is below a folder that came along is looked for
 * there only.
 *
 * @param embedded The files of the bundle.
 * @param options The folders that came along, what relative paths start at in the bundle, and the files
 *   of the runtime.
 */
export function overlaidFiles(
  embedded: FileSystem,
  { roots, base, runtime }: {
    readonly roots: readonly string[];
    readonly base: string;
    readonly runtime: FileSystem;
  },
): FileSystem {
  const at = (given: string) => {
    const path = plainPath(given, base);
    const own = roots.some((root) => path === root || path.startsWith(`${root}/`));
    return own ? { files: embedded, path } : { files: runtime, path: given };
  };
  return {
    stat: (given) => {
      const { files, path } = at(given);
      return files.stat(path);
    },
    realPath: (given) => {
      const { files, path } = at(given);
      return files.realPath(path);
    },
    readFile: (given) => {
      const { files, path } = at(given);
      return files.readFile(path);
    },
    readFileSync: (given) => {
      const { files, path } = at(given);
      return files.readFileSync(path);
    },
    readRange: (given, start, end) => {
      const { files, path } = at(given);
      return files.readRange(path, start, end);
    },
    get windows() {
      return runtime.windows;
    },
  };
}

function lazyFile(make: () => Uint8Array, size: number, mtime: number | null): EmbeddedFile {
  let made: Uint8Array | undefined;
  return {
    get bytes() {
      return made ??= make();
    },
    size,
    mtime,
  };
}

function foldersAbove(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/") || "/");
}

function statOf(size: number | null, mtime: number | null): FileStat {
  return {
    isFile: size !== null,
    isDirectory: size === null,
    size: size ?? 0,
    mtime,
    ctime: mtime,
    ino: null,
  };
}

/** A path from the root, without `.` and `..`. */
export function plainPath(path: string, base: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${base}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

function missing(path: string): never {
  throw new Error(`Cannot read ${JSON.stringify(path)}: there is no such file in the bundle`);
}
