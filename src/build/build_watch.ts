/** Building again whenever something has changed. */
import { workingDirectory } from "../platform/deno/deno_program.ts";
import { watchFiles } from "../platform/file_watch.ts";
import { ApplicationBuild, type BuildResult } from "./application_build.ts";
import { BuildError } from "./build_error.ts";
import { withEsbuild } from "./esbuild_service.ts";
import { type BuildOptions, fullOptions } from "./build_options.ts";

/** What {@linkcode buildOnChange} tells, and when it ends. */
export interface BuildWatchOptions {
  /** Is called after each build. */
  readonly onResult: (result: BuildResult) => void;
  /** Is called when one fails. The next change is waited for all the same. */
  readonly onError: (error: unknown) => void;
  /** Ends it. Default: it never ends. */
  readonly signal?: AbortSignal;
}

/** Milliseconds in which further changes belong to the first. */
const SETTLING = 50;

/**
 * Builds an application, and again whenever one of its modules, templates or static files changes.
 *
 * @throws {BuildError} If the files cannot be watched.
 */
export async function buildOnChange(
  options: BuildOptions,
  { onResult, onError, signal }: BuildWatchOptions,
): Promise<void> {
  const full = fullOptions(options, workingDirectory());
  await withEsbuild(async () => {
    await using application = new ApplicationBuild(full, true);
    while (signal?.aborted !== true) {
      await application.run().then(onResult, onError);
      await nextChange([...application.watched], signal);
    }
  });
}

/** Settles a moment after the next change. */
function nextChange(
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = watchFiles(paths, {
    recursive: true,
    onChange: () => timer ??= setTimeout(resolve, SETTLING),
    onError: reject,
  });
  if (end === null) {
    return Promise.reject(
      new BuildError(
        "Cannot watch the files: the system does not tell of changes",
      ),
    );
  }
  const abort = () => resolve();
  signal?.addEventListener("abort", abort);
  return promise.finally(() => {
    signal?.removeEventListener("abort", abort);
    clearTimeout(timer);
    end();
  });
}
