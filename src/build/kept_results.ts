/** What was made of files, kept for the next build as long as the files are as they were. */
import { statSync } from "node:fs";
import { readCacheFile, writeCacheFile } from "./cache_folder.ts";

/** What tells whether a file has changed; `null` for one that is not there. */
type Stamp = string | null;

/** A result, and what it was made of. */
interface Kept {
  readonly key: string;
  readonly stamps: readonly (readonly [path: string, stamp: Stamp])[];
  readonly result: unknown;
}

/** Milliseconds within which a system may give two changes of a file the same time. */
const CLOCK_TICK = 10;

/** The results of one application, by their names. */
export class KeptResults {
  readonly #file: string | null;
  #results: Map<string, Kept> | undefined;
  #isNew = false;
  #stamps = new Map<string, Stamp>();

  /** @param file Where they are kept; `null` for nowhere but in memory. */
  constructor(file: string | null) {
    this.#file = file;
  }

  /** Begins a build: what it asks for is told by how the files are from now on, each looked at once. */
  begin(): void {
    this.#stamps = new Map();
  }

  /**
   * The last result of a name, if no file that it was made of has changed.
   *
   * @param name Which one.
   * @param isResult Whether what was kept is one.
   */
  get<Result>(
    name: string,
    isResult: (value: unknown) => value is Result,
  ): { readonly key: string; readonly result: Result } | undefined {
    const kept = this.#all.get(name);
    if (kept === undefined) return undefined;
    const { key, stamps, result } = kept;
    if (!isResult(result) || stamps.some(([path, stamp]) => this.#stampOf(path) !== stamp)) {
      return undefined;
    }
    return { key, result };
  }

  /**
   * Keeps a result in the place of the last one. It is not kept if one of its files may have changed
   * since it was read.
   *
   * @param name Which one.
   * @param key What it depends on beside files.
   * @param result The result: what JSON can say.
   * @param made The files that it was made of, and since when they were read, in milliseconds.
   */
  keep(
    name: string,
    key: string,
    result: unknown,
    { files, since }: { readonly files: Iterable<string>; readonly since: number },
  ): void {
    const paths = [...new Set(files)];
    const isSafe = paths.every((path) => lastChange(path) < since - CLOCK_TICK);
    this.#isNew = true;
    if (isSafe) {
      const stamps = paths.map((path) => [path, stampOf(path)] as const);
      this.#all.set(name, { key, stamps, result });
    } else this.#all.delete(name);
  }

  /** Writes what is new. */
  save(): void {
    if (!this.#isNew || this.#file === null) return;
    this.#isNew = false;
    writeCacheFile(this.#file, JSON.stringify([...this.#all]));
  }

  #stampOf(path: string): Stamp {
    const known = this.#stamps.get(path);
    if (known !== undefined) return known;
    const stamp = stampOf(path);
    this.#stamps.set(path, stamp);
    return stamp;
  }

  get #all(): Map<string, Kept> {
    return this.#results ??= new Map(this.#file === null ? [] : readKept(this.#file));
  }
}

function stampOf(path: string): Stamp {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? null : `${found.mtimeMs} ${found.ctimeMs} ${found.size}`;
}

function lastChange(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? 0 : Math.max(found.mtimeMs, found.ctimeMs);
}

function readKept(file: string): [string, Kept][] {
  try {
    const kept: unknown = JSON.parse(readCacheFile(file));
    return Array.isArray(kept) ? kept.filter(isNamedResult) : [];
  } catch {
    return [];
  }
}

function isNamedResult(value: unknown): value is [string, Kept] {
  if (!Array.isArray(value) || typeof value[0] !== "string") return false;
  const { key, stamps } = Object(value[1]);
  return typeof key === "string" && Array.isArray(stamps) && stamps.every(Array.isArray);
}
