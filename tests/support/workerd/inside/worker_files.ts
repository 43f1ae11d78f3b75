/**
 * Files that tests write, inside workerd: in the folder for temporary files that it keeps in memory. The
 * application has them as a bundle has its embedded files; links are none of these.
 *
 * @module
 */
import * as fs from "node:fs";
import { type EmbeddedFile, embeddedFiles } from "../../../../src/platform/embedded_files.ts";
import { detectPlatform, type FileSystem } from "../../../../src/platform/platform.ts";

const ROOT = "/tmp";

const files = new Map<string, EmbeddedFile>();
let count = 0;
let known: FileSystem | undefined;

function bundled(): FileSystem {
  return known ??= embeddedFiles(files);
}

function makeFolder(): string {
  const path = `${ROOT}/${count++}`;
  fs.mkdirSync(path);
  return path;
}

function write(path: string, content: string | Uint8Array): void {
  fs.writeFileSync(path, content);
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content.slice();
  put(path, { bytes, size: bytes.length, mtime: Date.now() });
}

function rename(from: string, to: string): void {
  fs.renameSync(from, to);
  const file = files.get(from);
  files.delete(from);
  if (file !== undefined) put(to, file);
}

function put(path: string, file: EmbeddedFile): void {
  files.set(path, file);
  known = undefined;
}

function remove(path: string): void {
  fs.rmSync(path, { recursive: true });
  for (const name of [...files.keys()]) {
    if (name === path || name.startsWith(`${path}/`)) files.delete(name);
  }
  known = undefined;
}

function notFound(path: string): never {
  throw new Error(`Cannot find ${path}`);
}

/** The functions of Deno for them. */
export const fileFunctions: Readonly<Record<string, unknown>> = {
  makeTempDirSync: makeFolder,
  makeTempDir: () => Promise.resolve(makeFolder()),
  mkdirSync: fs.mkdirSync,
  symlinkSync: fs.symlinkSync,
  realPathSync: (path: string) => path,
  writeFileSync: write,
  writeTextFileSync: write,
  writeTextFile: async (path: string, text: string) => await write(path, text),
  readFileSync: (path: string) => new Uint8Array(fs.readFileSync(path)),
  readTextFileSync: (path: string) => fs.readFileSync(path, "utf-8"),
  renameSync: rename,
  removeSync: remove,
  remove: async (path: string) => await remove(path),
  statSync: (path: string) => {
    const { size, mtime } = files.get(path) ?? notFound(path);
    return { isFile: true, isDirectory: false, size, mtime: new Date(mtime ?? 0) };
  },
};

const embedded: FileSystem = {
  stat: (path) => bundled().stat(path),
  realPath: (path) => bundled().realPath(path),
  readFile: (path) => bundled().readFile(path),
  readFileSync: (path) => bundled().readFileSync(path),
  readRange: (path, start, end) => bundled().readRange(path, start, end),
  windows: false,
};

Object.defineProperty(detectPlatform(), "files", { value: embedded });
