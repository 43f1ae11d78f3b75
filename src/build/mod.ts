/**
 * Builds an application for a runtime: one module, its templates compiled, its static files in it, and
 * what nothing names left out.
 *
 * ```sh
 * deno run -A npm:@gustnado/gustnado/build app.ts --target workers --out dist
 * ```
 *
 * Here are {@linkcode build} and {@linkcode BuildError}; `docs/build.md` says more.
 *
 * @module
 */
import { isMain } from "../platform/program.ts";
import { main } from "./command_line.ts";

export { build } from "./build.ts";
export type { BuildResult } from "./application_build.ts";
export type { BuildOptions } from "./build_options.ts";
export { BuildError } from "./build_error.ts";
export type { ModuleSize } from "./size_report.ts";
export type { EmbeddedAsset } from "./static_folders.ts";
export type { Target } from "./target.ts";

if (isMain(import.meta)) await main();
