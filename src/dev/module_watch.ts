/** Tells when an application has to start again. */
import type { FileSystem } from "../platform/platform.ts";
import { TreeWatch } from "../web/development/tree_watch.ts";

/** Files beside the modules that decide how these run. */
const CONFIGURATION = ["deno.json", "deno.jsonc", "package.json", "import_map.json", ".env"];

const ABSOLUTE = /^(?:[A-Za-z]:)?[\\/]/;

/** What {@linkcode ModuleWatch} needs to know. */
export interface ModuleWatchOptions {
  /** The directory that the application is started in. */
  readonly directory: string;
  /** The main module. */
  readonly main: string;
  /** Files and directories that count as modules. */
  readonly watch: readonly string[];
  /** See `TreeWatchOptions.poll`. */
  readonly poll: number | undefined;
  /** Is called with a file that has changed. */
  readonly onChange: (path: string) => void;
}

/** Watches the modules of an application, and what is told beside them. */
export class ModuleWatch {
  readonly #files: FileSystem;
  readonly #options: ModuleWatchOptions;
  /** The directories that are told beside them. */
  readonly #extra: readonly string[];
  /** Every module that there ever was: one that cannot be parsed hides those that it imports. */
  readonly #modules: Set<string>;
  readonly #folders = new Set<string>();
  /** They stay to the end: with one, the runtime would end the others of the same directory. */
  readonly #watches: TreeWatch[] = [];

  constructor(files: FileSystem, options: ModuleWatchOptions) {
    this.#files = files;
    this.#options = options;
    const extra = options.watch.map((path) => this.#absolute(path));
    this.#extra = extra.filter((path) => files.stat(path)?.isDirectory);
    const folder = this.#absolute(options.directory);
    const configuration = CONFIGURATION.map((name) => `${folder}/${name}`);
    this.#modules = new Set([this.#absolute(options.main), ...configuration, ...extra]);
    this.#add(this.#extra, { recursive: true });
    this.#follow();
  }

  /**
   * Watches the modules that the application consists of now, too.
   *
   * @param files Their paths.
   * @param since When it was started: what has changed since then may have done so unseen.
   */
  update(files: ReadonlySet<string>, since: number): void {
    const added = [...files].filter((file) => !this.#modules.has(file));
    for (const file of added) this.#modules.add(file);
    this.#follow();
    const changed = added.find((file) => (this.#files.stat(file)?.mtime ?? 0) > since);
    if (changed !== undefined) this.#options.onChange(changed);
  }

  /** Watches no longer. */
  close(): void {
    for (const watch of this.#watches) watch.close();
  }

  /** Directories, not files: many editors put a new file in the place of the old one. */
  #follow(): void {
    const folders = new Set([...this.#modules].map(folderOf));
    const added = [...folders].filter((each) => !this.#folders.has(each) && this.#isThere(each));
    for (const folder of added) this.#folders.add(folder);
    this.#add(added, { recursive: false });
  }

  #isThere(folder: string): boolean {
    return this.#files.stat(folder) !== null;
  }

  #add(roots: readonly string[], { recursive }: { readonly recursive: boolean }): void {
    if (roots.length === 0) return;
    const { poll } = this.#options;
    const onChange = (paths: ReadonlySet<string>) => this.#onChange(paths);
    this.#watches.push(new TreeWatch(roots, this.#files, { recursive, poll, onChange }));
  }

  #onChange(paths: ReadonlySet<string>): void {
    const changed = [...paths].find((path) => this.#counts(path));
    if (changed !== undefined) this.#options.onChange(changed);
  }

  #counts(path: string): boolean {
    return this.#modules.has(path) ||
      this.#extra.some((folder) => path.startsWith(`${folder}/`));
  }

  /** The system tells of files by their true names, and so does the runtime. */
  #absolute(path: string): string {
    const whole = ABSOLUTE.test(path) ? path : `${this.#options.directory}/${path}`;
    return this.#files.realPath(whole) ?? whole;
  }
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.search(/[\\/][^\\/]*$/)));
}
