/** The files that an application serves, small ones with their content. */
import { settingOf } from "../../checks/option_check.ts";
import { AgedMap } from "../../concurrent/collections/aged_map.ts";
import type { FileStat, FileSystem } from "../../platform/platform.ts";
import { detectPlatform } from "../../platform/platform.ts";
import type { ApplicationSettings } from "../application_settings.ts";
import type { Chunk } from "../../http/body/chunk.ts";
import { StaticFile } from "./static_file.ts";
import { isAlias } from "./file_alias.ts";
import { STATIC_SETTINGS } from "./settings.ts";
import { isWithin, tidyPath } from "./static_path.ts";

/** Bytes up to which a file is held in memory. */
export const MAX_CACHED_SIZE: number = 64 * 1024;

/** A directory whose files are served. */
export interface ServedRoot {
  /** The directory, tidied. */
  readonly path: string;
  /** Whether symbolic links may lead out of it. */
  readonly followSymlinks: boolean;
}

/** What {@linkcode FileCache} needs to know. */
export interface FileCacheOptions {
  /** Bytes of memory that it may take; 0 turns it off. */
  readonly maxSize: number;
}

interface Reading {
  readonly stat: FileStat;
  readonly root: ServedRoot;
  readonly now: number;
  readonly outside: boolean;
}

/**
 * Remembers files. A change is noticed at the next request: a file is looked at whenever it is asked
 * for, but at most ten times a second, and it is read again every time in the two seconds after a
 * change.
 */
export class FileCache {
  /** Where the files are. */
  readonly files: FileSystem;

  readonly #maxSize: number;
  readonly #entries = new AgedMap<string, StaticFile>();
  #size = 0;

  constructor(files: FileSystem, { maxSize }: FileCacheOptions) {
    this.files = files;
    this.#maxSize = maxSize;
  }

  /** Bytes of memory that it takes, about. */
  get size(): number {
    return this.#size;
  }

  /**
   * The file at `path`, as it is now; `null` if there is none of just this name. One that a symbolic
   * link puts outside the root, where links may not lead there, is not read.
   */
  open(path: string, root: ServedRoot): StaticFile | null {
    const key = `${root.path}\0${path}`;
    const known = this.#entries.get(key);
    const now = Date.now();
    if (known?.isFresh(now)) return known.use();
    const stat = this.files.stat(path);
    if (stat !== null && known?.isStill(stat, now)) return known.use();
    this.#forget(key);
    if (stat === null) return null;
    const real = { root: this.files.realPath(root.path), path: this.files.realPath(path) };
    const outside = this.#leadsOut(real);
    if (!outside && isAlias({ root: root.path, path }, real, this.files)) return null;
    const file = this.#read(path, { stat, root, now, outside });
    if (stat.isFile && (root.followSymlinks || !file.outside)) this.#remember(key, file);
    return file;
  }

  #read(path: string, { stat, root, now, outside }: Reading): StaticFile {
    const held = stat.isFile && stat.size <= MAX_CACHED_SIZE && (root.followSymlinks || !outside);
    const content = held ? this.#readContent(path, stat) : null;
    return new StaticFile({ path, stat, outside, content, readAt: now });
  }

  #leadsOut({ root, path }: { root: string | null; path: string | null }): boolean {
    return root === null || path === null ||
      !isWithin(tidyPath(root, this.files), tidyPath(path, this.files), this.files);
  }

  /** `null` if the file has changed meanwhile: then it is sent as it comes. */
  #readContent(path: string, stat: FileStat): Chunk | null {
    const bytes = this.files.readFileSync(path);
    return bytes.length === stat.size ? asText(bytes) ?? bytes : null;
  }

  #remember(key: string, file: StaticFile): void {
    if (file.weight > this.#maxSize) return;
    this.#entries.set(key, file);
    this.#size += file.weight;
    // The oldest goes first, unless it was used since its last turn.
    while (this.#size > this.#maxSize && this.#entries.oldest !== undefined) {
      const { key, value: oldest } = this.#entries.oldest;
      if (oldest.used) this.#spare(key, oldest);
      else this.#forget(key);
    }
  }

  #spare(key: string, file: StaticFile): void {
    file.used = false;
    this.#entries.set(key, file);
  }

  #forget(key: string): void {
    const file = this.#entries.get(key);
    if (file === undefined) return;
    this.#entries.delete(key);
    this.#size -= file.weight;
  }
}

/** The runtime sends a string without copying it; bytes it copies. */
function asText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Whether an error says that a file may not be read. */
export function isDenied(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EACCES";
}

let caches = new WeakMap<ApplicationSettings, FileCache>();

/** The cache of the application with these settings. */
export function fileCacheOf(settings: Readonly<ApplicationSettings>): FileCache {
  let cache = caches.get(settings);
  if (cache === undefined) {
    const { files } = settings.platform ?? detectPlatform();
    const kept = settings.staticHashCache ?? !settings.debug;
    const maxSize = kept ? settingOf(STATIC_SETTINGS, settings, "staticCacheSize") : 0;
    caches.set(settings, cache = new FileCache(files, { maxSize }));
  }
  return cache;
}

/** Forgets every file of every application. */
export function forgetFiles(): void {
  caches = new WeakMap();
}
