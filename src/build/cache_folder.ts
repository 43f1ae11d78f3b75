/** Where builds keep what the next one can use: in the user's own folder for such things. */
import { createHash } from "node:crypto";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { version } from "esbuild";
import { environmentVariable } from "../platform/deno/deno_program.ts";
import { LIBRARY_MAIN, LIBRARY_VERSION, libraryFile } from "./library.ts";

/** Files that are kept: those that were used last. A build has three of them. */
const KEPT_FILES = 24;

/**
 * The path of a file in the folder; `null` if there is no such folder.
 *
 * @param key What tells the file from others.
 */
export function cacheFile(key: readonly string[], ending: string): string | null {
  const home = environmentVariable("HOME");
  const folder = environmentVariable("XDG_CACHE_HOME") ?? (home && join(home, ".cache"));
  if (!folder) return null;
  return join(folder, "gustnado", "build", hashOf([versionOfBuild(), ...key]) + ending);
}

/** Whether a file is there; then it is one of those that were used last. */
export function useCacheFile(file: string): boolean {
  try {
    const now = new Date();
    utimesSync(file, now, now);
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads a file.
 *
 * @throws {Error} If it is not there, or cannot be read.
 */
export function readCacheFile(file: string): string {
  useCacheFile(file);
  // Faster than to have it decoded by the file system's module.
  return new TextDecoder().decode(readFileSync(file));
}

/**
 * Writes a file as a whole: another build may read it at the same time.
 *
 * @returns Whether it is there now.
 */
export function writeCacheFile(file: string, text: string): boolean {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const fresh = `${file}.${crypto.randomUUID().slice(0, 8)}`;
    writeFileSync(fresh, text, { mode: 0o600 });
    renameSync(fresh, file);
    forgetOldest(dirname(file));
    return true;
  } catch {
    return false;
  }
}

/** A short name for some texts. */
export function hashOf(parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("base64url").slice(0, 32);
}

function forgetOldest(folder: string): void {
  const files = readdirSync(folder).map((name) => join(folder, name));
  const newestFirst = files.map((file) => ({ file, mtime: statSync(file).mtimeMs }))
    .sort((a, b) => b.mtime - a.mtime);
  for (const { file } of newestFirst.slice(KEPT_FILES)) rmSync(file, { force: true });
}

let known: string | undefined;

/** What all that is kept depends on: esbuild, and the build itself. */
function versionOfBuild(): string {
  return known ??= JSON.stringify([version, LIBRARY_MAIN, LIBRARY_VERSION, stampsOfBuild()]);
}

/** In the package there is no such folder, and a version stays as it is. */
function stampsOfBuild(): number[] {
  return MAKERS.flatMap((name) => {
    const folder = libraryFile(name);
    return listed(folder).map((file) => statSync(join(folder, file)).mtimeMs);
  });
}

/** The folders of what makes what is kept. */
const MAKERS = [
  ...["build", "build/shaking", "build/shaking/folding"],
  ...["template/compiler", "template/syntax"],
];

function listed(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
