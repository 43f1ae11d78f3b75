/** The building of applications. */
import { workingDirectory } from "../platform/deno/deno_program.ts";
import { ApplicationBuild, type BuildResult } from "./application_build.ts";
import { withEsbuild } from "./esbuild_service.ts";
import { type BuildOptions, fullOptions } from "./build_options.ts";

/**
 * Builds an application: one module for one runtime, in a folder with what the runtime wants beside it.
 *
 * The application is the default export of its module, which is imported once, by a program of its own.
 *
 * @param options The module, the runtime and the folder.
 * @throws {TypeError} If an option is unknown, ill-typed or missing.
 * @throws {BuildError} If the application cannot be built; then nothing was written.
 *
 * @example
 * ```ts
 * import { build } from "@gustnado/gustnado/build";
 * import { assert } from "@std/assert";
 *
 * const out = await Deno.makeTempDir();
 * const { bundle, gzipSize } = await build({ entry: "examples/hello.ts", target: "workers", out });
 * assert(gzipSize < 100_000);
 * assert((await Deno.readTextFile(bundle)).includes("export"));
 * await Deno.remove(out, { recursive: true });
 * ```
 *
 * @category Servers and runtimes
 */
export async function build(options: BuildOptions): Promise<BuildResult> {
  const full = fullOptions(options, workingDirectory());
  return await withEsbuild(() => new ApplicationBuild(full).run());
}
