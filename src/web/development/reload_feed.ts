/** What pages are told in development: which version of the application they should show. */
import { developmentLink } from "../../platform/development_link.ts";
import type { FileSystem } from "../../platform/platform.ts";
import { TreeWatch } from "./tree_watch.ts";

/** What a page is told. */
export interface Change {
  /** The version that there is now. A page of another one loads again. */
  readonly version: string;
  /** The URLs of the style sheets that have changed, if nothing else has: they can be exchanged. */
  readonly styles?: readonly string[];
}

/** The directories that pages depend on, beside the modules. */
export interface PageFiles {
  /** The directory of the templates. */
  readonly templatePath?: string | undefined;
  /** The directory of the static files. */
  readonly staticPath?: string | undefined;
  /** What their URLs begin with. */
  readonly staticUrlPrefix: string;
}

/** The version of a running application: another one for each start, and for each changed file. */
export class ReloadFeed {
  readonly #files: FileSystem;
  readonly #watched: PageFiles;
  readonly #start = crypto.randomUUID();
  readonly #listeners = new Set<(change: Change) => void>();
  #revision = 0;
  #watch: TreeWatch | undefined;

  constructor(files: FileSystem, watched: PageFiles) {
    this.#files = files;
    this.#watched = watched;
  }

  /** The version that a page shows which is made now. */
  get version(): string {
    return `${this.#start}.${this.#revision}`;
  }

  /**
   * Watches the files from now on, until the application ends. Does nothing if it does so already.
   *
   * @param application Tells when that is.
   */
  watchFor(application: { onShutdown(callback: () => void): void }): void {
    if (this.#watch !== undefined) return;
    this.#watch = this.#begin();
    application.onShutdown(() => {
      this.#watch?.close();
      this.#watch = undefined;
    });
  }

  #begin(): TreeWatch {
    const { templatePath, staticPath } = this.#watched;
    const roots = [templatePath, staticPath].filter((path) => path !== undefined);
    const poll = Number(developmentLink()?.searchParams.get("poll") ?? NaN);
    return new TreeWatch(roots.map((root) => this.#realPath(root)), this.#files, {
      poll: Number.isNaN(poll) ? undefined : poll,
      onChange: (paths) => this.#tell(paths),
    });
  }

  /**
   * Tells of changes.
   *
   * @returns What ends it.
   */
  follow(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(paths: ReadonlySet<string>): void {
    this.#revision++;
    const urls = [...paths].map((path) => this.#styleUrl(path));
    const styles = urls.filter((url) => url !== null);
    const change = {
      version: this.version,
      ...(styles.length === urls.length ? { styles } : {}),
    };
    for (const listener of this.#listeners) listener(change);
  }

  /** The URL of a style sheet; `null` of any other file. */
  #styleUrl(path: string): string | null {
    const { staticPath, staticUrlPrefix } = this.#watched;
    if (staticPath === undefined || !path.endsWith(".css")) return null;
    const root = `${this.#realPath(staticPath).replaceAll("\\", "/")}/`;
    const file = path.replaceAll("\\", "/");
    return file.startsWith(root) ? staticUrlPrefix + file.slice(root.length) : null;
  }

  /** The system tells of files by their true names. */
  #realPath(path: string): string {
    try {
      return this.#files.realPath(path) ?? path;
    } catch {
      return path;
    }
  }
}
