/** Telling of changed files: by the system, where the runtime passes that on. */

/** What {@linkcode watchFiles} needs to know. */
export interface FileWatchOptions {
  /** Whether what is below a directory counts too. */
  readonly recursive: boolean;
  /** Is called with the paths of each change, perhaps several times for one. */
  readonly onChange: (paths: readonly string[]) => void;
  /** Is called at most once, when the system gives up. */
  readonly onError: (error: unknown) => void;
}

/**
 * Watches files and directories.
 *
 * @param paths What to watch; all of it is there.
 * @returns What ends it; `null` where the runtime cannot, the system will not, or the process may not
 *   read there. Nobody is asked for a permission.
 */
export function watchFiles(
  paths: readonly string[],
  options: FileWatchOptions,
): (() => void) | null {
  if (!("Deno" in globalThis) || !paths.every(mayRead)) return null;
  try {
    const watcher = Deno.watchFs([...paths], { recursive: options.recursive });
    void follow(watcher, options);
    return () => close(watcher);
  } catch {
    return null;
  }
}

/** Whether a local file may be read without a question to whoever sits at the terminal. */
export function mayRead(path: string): boolean {
  if (!("Deno" in globalThis)) return true;
  return Deno.permissions.querySync({ name: "read", path }).state === "granted";
}

async function follow(
  watcher: Deno.FsWatcher,
  { onChange, onError }: FileWatchOptions,
): Promise<void> {
  try {
    for await (const { kind, paths } of watcher) {
      // Serving a file is an event too.
      if (kind !== "access") onChange(paths);
    }
  } catch (error) {
    onError(error);
  }
}

function close(watcher: Deno.FsWatcher): void {
  try {
    watcher.close();
  } catch {
    // It has ended by itself.
  }
}
