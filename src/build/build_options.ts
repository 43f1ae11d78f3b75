/** What a build is told. */
import {
  BOOLEAN,
  checkOptions,
  COUNT,
  MILLISECONDS,
  oneOf,
  type OptionTypes,
  STRING,
  STRINGS,
} from "../checks/option_check.ts";
import type { Target } from "./target.ts";

/**
 * What {@linkcode build} is told.
 *
 * @category Servers and runtimes
 */
export interface BuildOptions {
  /** The module whose default export is the application. A relative path starts at `cwd`. */
  readonly entry: string;
  /** What it is built for. */
  readonly target: Target;
  /** The folder that is written: a new one, an empty one, or that of an earlier build. Default `"dist"`. */
  readonly out?: string;
  /** The folder that relative paths start at, also those in the settings. Default: that of the process. */
  readonly cwd?: string;
  /** The `deno.json` of the application. Default: the one that Deno finds. */
  readonly config?: string;
  /** Take white space out, and shorten names. Default `true`. */
  readonly minify?: boolean;
  /** Write a source map beside the bundle. Default `false`. */
  readonly sourcemap?: boolean;
  /** Leave out the members of the library that nothing names. Default `true`. */
  readonly shake?: boolean;
  /** Names that only a computed expression names, and that are kept therefore. Default none. */
  readonly keep?: readonly string[];
  /** Folders of templates beside those that the application shows when it is imported. Default none. */
  readonly templates?: readonly string[];
  /** Folders of static files beside those that the application shows when it is imported. Default none. */
  readonly assets?: readonly string[];
  /**
   * Where static files go: `"embed"` into the bundle, or also into a `"folder"` beside it, out of which
   * Workers serve them before the application is asked. Default `"embed"`.
   */
  readonly assetsIn?: "embed" | "folder";
  /** Bytes of a file above which it is not embedded. Default 1 MiB. */
  readonly maxFileSize?: number;
  /** Bytes of all embedded files above which the build fails. Default 24 MiB. */
  readonly maxTotalSize?: number;
  /** Milliseconds that importing the application may take. Default 10 seconds. */
  readonly timeout?: number;
}

/** The options, each with a value. */
export type FullBuildOptions =
  & Required<Omit<BuildOptions, "cwd" | "config">>
  & Pick<BuildOptions, "config">
  & { readonly cwd: string };

const MIB = 1024 * 1024;

const TYPES: OptionTypes & Record<keyof BuildOptions, unknown> = {
  entry: STRING,
  target: oneOf<Target>("workers", "deno", "bun", "node"),
  out: STRING,
  cwd: STRING,
  config: STRING,
  minify: BOOLEAN,
  sourcemap: BOOLEAN,
  shake: BOOLEAN,
  keep: STRINGS,
  templates: STRINGS,
  assets: STRINGS,
  assetsIn: oneOf("embed", "folder"),
  maxFileSize: COUNT,
  maxTotalSize: COUNT,
  timeout: MILLISECONDS,
};

/**
 * Checks the options, and fills in the defaults.
 *
 * @param cwd The working directory of the process.
 * @throws {TypeError} If one is unknown, ill-typed or missing; the message names it.
 */
export function fullOptions(
  options: BuildOptions,
  cwd: string,
): FullBuildOptions {
  checkOptions(options, TYPES, "option of build()");
  for (const name of ["entry", "target"] as const) {
    if (options[name] === undefined) {
      throw new TypeError(`Cannot build without the option "${name}"`);
    }
  }
  return {
    out: "dist",
    cwd,
    minify: true,
    sourcemap: false,
    shake: true,
    keep: [],
    templates: [],
    assets: [],
    assetsIn: "embed",
    maxFileSize: MIB,
    maxTotalSize: 24 * MIB,
    timeout: 10_000,
    ...options,
  };
}
