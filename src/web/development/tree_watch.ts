/** Changed files below directories, told once things are quiet. */
import { mayRead, watchFiles } from "../../platform/file_watch.ts";
import type { FileSystem } from "../../platform/platform.ts";
import { sourceFiles } from "../../platform/source_files.ts";

/** Milliseconds without a change that end a burst of them: editors write a file in several steps. */
const QUIET = 50;
/** Milliseconds after which a burst is told though it goes on. */
const LONGEST_BURST = 500;
/** Milliseconds between two looks where the system tells nothing. */
const LOOK_EVERY = 500;
/** Files that are looked at. More would keep a processor busy. */
const MAX_FILES = 10_000;
/** Directories of others, in which nobody works. */
const SKIPPED = /(?:^|[\\/])(?:node_modules|\.git|coverage)(?:[\\/]|$)/;

/** What {@linkcode TreeWatch} needs to know. */
export interface TreeWatchOptions {
  /** Whether what is below the directories counts too. Default `true`. */
  readonly recursive?: boolean;
  /**
   * Milliseconds between two looks at the files, in place of waiting for the system, which does not
   * tell of changes in the directories that some containers mount. Default: as the system tells.
   */
  readonly poll?: number | undefined;
  /** Is called with the paths that have changed. */
  readonly onChange: (paths: ReadonlySet<string>) => void;
}

/** Watches directories until it is closed. */
export class TreeWatch {
  readonly #roots: readonly string[];
  readonly #files: FileSystem;
  readonly #options: TreeWatchOptions;
  readonly #changed = new Set<string>();
  #since = 0;
  #burst: ReturnType<typeof setTimeout> | undefined;
  #looks: ReturnType<typeof setInterval> | undefined;
  #seen: ReadonlyMap<string, string> = new Map();
  #end: (() => void) | null = null;

  /**
   * Begins to watch.
   *
   * @param roots The directories. Those that are not there are passed over.
   * @param files The files of the runtime.
   */
  constructor(roots: readonly string[], files: FileSystem, options: TreeWatchOptions) {
    this.#files = files;
    this.#options = options;
    this.#roots = roots.filter((root) => mayRead(root) && this.#look(root) !== null);
    if (this.#roots.length === 0) return;
    if (options.poll === undefined) this.#end = this.#listen();
    if (this.#end === null) this.#poll(options.poll ?? LOOK_EVERY);
  }

  /** Ends it. */
  close(): void {
    this.#end?.();
    clearTimeout(this.#burst);
    clearInterval(this.#looks);
  }

  #listen(): (() => void) | null {
    return watchFiles(this.#roots, {
      recursive: this.#options.recursive ?? true,
      onChange: (paths) => this.#note(paths),
      onError: () => this.#poll(LOOK_EVERY),
    });
  }

  #note(paths: readonly string[]): void {
    const own = paths.filter((path) => !SKIPPED.test(path));
    if (own.length === 0) return;
    if (this.#changed.size === 0) this.#since = performance.now();
    for (const path of own) this.#changed.add(path);
    clearTimeout(this.#burst);
    const left = LONGEST_BURST - (performance.now() - this.#since);
    this.#burst = setTimeout(() => this.#tell(), Math.max(0, Math.min(QUIET, left)));
  }

  #tell(): void {
    const changed = new Set(this.#changed);
    this.#changed.clear();
    this.#options.onChange(changed);
  }

  // ---- looking by itself

  #poll(ms: number): void {
    this.#seen = this.#lookAtAll();
    this.#looks = setInterval(() => this.#compare(), ms);
  }

  #compare(): void {
    const now = this.#lookAtAll();
    const before = this.#seen;
    this.#seen = now;
    const changed = [...now].filter(([path, state]) => before.get(path) !== state);
    const gone = [...before.keys()].filter((path) => !now.has(path));
    this.#note([...changed.map(([path]) => path), ...gone]);
  }

  #lookAtAll(): ReadonlyMap<string, string> {
    const seen = new Map<string, string>();
    for (const root of this.#roots) this.#collect(root, seen, true);
    return seen;
  }

  #collect(path: string, seen: Map<string, string>, isRoot: boolean): void {
    if (seen.size >= MAX_FILES || !isRoot && SKIPPED.test(path)) return;
    const stat = this.#look(path);
    if (stat === null) return;
    if (!stat.isDirectory) return void seen.set(path, `${stat.mtime} ${stat.size} ${stat.ino}`);
    if (!isRoot && this.#options.recursive === false) return;
    for (const name of this.#list(path)) this.#collect(`${path}/${name}`, seen, false);
  }

  #look(path: string): ReturnType<FileSystem["stat"]> {
    try {
      return this.#files.stat(path);
    } catch {
      return null;
    }
  }

  #list(path: string): readonly string[] {
    try {
      return sourceFiles("watching files").list(path) ?? [];
    } catch {
      return [];
    }
  }
}
