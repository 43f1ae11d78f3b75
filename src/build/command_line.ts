/** The building of applications as a program. */
import { relative } from "node:path";
import { closest } from "../checks/mistakes.ts";
import { shown } from "../checks/shown.ts";
import { workingDirectory } from "../platform/deno/deno_program.ts";
import { runningProgram, setExitCode } from "../platform/program.ts";
import type { BuildResult } from "./application_build.ts";
import { build } from "./build.ts";
import type { BuildOptions } from "./build_options.ts";
import { formatModules } from "./size_report.ts";
import { formatSize } from "./static_folders.ts";
import { isTarget, TARGETS } from "./target.ts";
import { buildOnChange } from "./build_watch.ts";

const HELP = `Builds an application for a runtime: one module, and what the runtime wants beside it.

  deno run -A npm:@gustnado/gustnado/build app.ts --target workers [option…]

  --target NAME          workers, deno, bun or node
  --out FOLDER           what is written, as a whole; dist unless given
  --config FILE          the deno.json of the application, if not the one that Deno finds
  --watch                build again when a file changes
  --no-minify            leave white space and names as they are
  --sourcemap            write a source map too
  --no-shake             keep what nothing names
  --keep A,B             names that the application makes while it runs, such as this["on" + event]
  --templates FOLDER     one more folder of templates; may be given several times
  --assets FOLDER        one more folder of static files; may be given several times
  --assets-in WHERE      embed: in the bundle; folder: also beside it, for Workers
  --max-file-size SIZE   what is larger is not embedded; 1MiB unless given
  --max-total-size SIZE  the most that is embedded; 24MiB unless given
  --timeout MS           how long importing the application may take; 10000 unless given

Exits with 1 if it could not be built; then nothing was written.`;

/** What a command line asks for. */
export interface BuildCommand {
  readonly options: BuildOptions;
  /** Whether it goes on. */
  readonly watch: boolean;
}

type Setter = (value: string, flag: string) => Partial<Mutable<BuildOptions>>;
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What flags with a value say. */
const VALUES: Readonly<Record<string, Setter>> = {
  target: (value) => ({ target: toTarget(value) }),
  out: (out) => ({ out }),
  config: (config) => ({ config }),
  keep: (value) => ({ keep: value.split(",").filter((name) => name !== "") }),
  templates: (value) => ({ templates: [value] }),
  assets: (value) => ({ assets: [value] }),
  "assets-in": (value) => ({ assetsIn: toPlace(value) }),
  "max-file-size": (value, flag) => ({ maxFileSize: toSize(value, flag) }),
  "max-total-size": (value, flag) => ({ maxTotalSize: toSize(value, flag) }),
  timeout: (value, flag) => ({ timeout: toSize(value, flag) }),
};

/** What flags without a value say. */
const SWITCHES: Readonly<Record<string, Partial<BuildOptions>>> = {
  watch: {},
  sourcemap: { sourcemap: true },
  "no-minify": { minify: false },
  "no-shake": { shake: false },
};

/**
 * Reads a command line.
 *
 * @throws {TypeError} If it cannot be understood.
 */
export function parseCommand(args: readonly string[]): BuildCommand {
  const rest = args.flatMap(splitAtEquals);
  const entries: string[] = [];
  const options: Partial<Mutable<BuildOptions>> = {};
  let watch = false;
  for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
    if (!next.startsWith("-")) entries.push(next);
    else add(options, readFlag(next, rest));
    watch ||= next === "--watch";
  }
  const [entry, another] = entries;
  if (entry === undefined) {
    throw new TypeError("Cannot build without a module: see --help");
  }
  if (another !== undefined) {
    throw new TypeError(
      `Cannot build two modules at once, ${shown(entry)} and ${shown(another)}`,
    );
  }
  const { target } = options;
  if (target === undefined) {
    throw new TypeError(`Cannot build without --target: ${TARGET_LIST}`);
  }
  return { options: { ...options, entry, target }, watch };
}

/** Lists grow; of anything else the last one counts. */
function add(
  options: Partial<Mutable<BuildOptions>>,
  more: Partial<BuildOptions>,
): void {
  for (const name of ["keep", "templates", "assets"] as const) {
    const list = more[name];
    if (list !== undefined) options[name] = [...options[name] ?? [], ...list];
  }
  const { keep: _keep, templates: _templates, assets: _assets, ...single } = more;
  Object.assign(options, single);
}

/** `--target=node` is the same as `--target node`. */
function splitAtEquals(arg: string): string[] {
  const equals = arg.indexOf("=");
  return arg.startsWith("--") && equals > 0 ? [arg.slice(0, equals), arg.slice(equals + 1)] : [arg];
}

function readFlag(flag: string, rest: string[]): Partial<BuildOptions> {
  const name = flag.replace(/^--/, "");
  const given = Object.hasOwn(SWITCHES, name) ? SWITCHES[name] : undefined;
  if (given !== undefined) return given;
  const setter = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined;
  if (setter === undefined) {
    const meant = closest(name, [...Object.keys(VALUES), ...Object.keys(SWITCHES)]);
    const wayOut = meant === undefined ? "see --help" : `did you mean --${meant}?`;
    throw new TypeError(`Unknown option ${flag}: ${wayOut}`);
  }
  const value = rest.shift();
  if (value === undefined || value === "" || value.startsWith("--")) {
    throw new TypeError(`Cannot use ${flag}: a value has to follow it`);
  }
  return setter(value, flag);
}

const TARGET_LIST = `it is one of ${Object.keys(TARGETS).join(", ")}`;

function toTarget(value: string): NonNullable<BuildOptions["target"]> {
  if (isTarget(value)) return value;
  throw new TypeError(`Cannot build for ${shown(value)}: ${TARGET_LIST}`);
}

function toPlace(value: string): "embed" | "folder" {
  if (value === "embed" || value === "folder") return value;
  throw new TypeError(
    `Cannot use ${shown(value)} for --assets-in: it is embed or folder`,
  );
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

function toSize(value: string, flag: string): number {
  const [, digits, unit = ""] = /^(\d{1,12})(KiB|MiB|GiB)?$/.exec(value) ?? [];
  const factor = UNITS[unit];
  if (digits !== undefined && factor !== undefined) {
    return Number(digits) * factor;
  }
  throw new TypeError(
    `Cannot use ${shown(value)} for ${flag}: write a number such as 500 or 2MiB`,
  );
}

/**
 * What was made, for people.
 *
 * @param cwd What paths start at.
 */
export function formatResult(result: BuildResult, cwd: string): string {
  const {
    bundle,
    size,
    modules,
    templates,
    assets,
    leftOut,
    notes,
    files,
    out,
  } = result;
  const bytes = assets.reduce((sum, asset) => sum + asset.size, 0);
  const shownAssets = assets.toSorted((a, b) => b.size - a.size).slice(0, 5)
    .map(({ path, size, version }) => `  ${formatSize(size).padStart(10)}  ${path} (${version})`);
  const beside = files.filter((file) =>
    !bundle.endsWith(`/${file}`) && !file.startsWith("assets/")
  );
  return [
    ...notes.map((note) => `Note: ${note}`),
    `${relative(cwd, bundle)}: ${formatSize(size)}, ${formatSize(result.gzipSize)} gzipped`,
    formatModules(modules),
    ...(leftOut.length > 0 ? [`${leftOut.length} members that nothing names are left out`] : []),
    ...(templates > 0 ? [`${templates} templates compiled`] : []),
    ...(assets.length > 0 ? [`${assets.length} static files, ${formatSize(bytes)}:`] : []),
    ...shownAssets,
    ...(beside.length > 0 ? [`beside it in ${relative(cwd, out)}: ${beside.join(", ")}`] : []),
    `built in ${Math.round(result.duration)} ms`,
  ].join("\n");
}

/** Runs the program, and sets the exit code of the process. */
export async function main(): Promise<void> {
  const { args } = runningProgram();
  if (args.includes("--help") || args.includes("-h")) return console.log(HELP);
  const cwd = workingDirectory();
  try {
    const { options, watch } = parseCommand(args);
    if (watch) {
      await buildOnChange(options, { onResult: report, onError: complain });
    } else report(await build(options));
  } catch (error) {
    complain(error);
    setExitCode(1);
  }

  function report(result: BuildResult): void {
    console.log(formatResult(result, cwd));
  }
}

function complain(error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
}
