/**
 * Builds what is published, for JSR and npm alike: one ES module per entry point with the chunks
 * that they share, and a declaration for each source file.
 *
 * `deno task package [folder]`; the folder is `package/` unless told otherwise, and made anew.
 * esbuild and TypeScript are of a `deno.json` beside this file: what the root's names is fetched
 * before any task runs.
 *
 * @module
 */
import { build, type BuildOptions, type Plugin, stop, transform } from "esbuild";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { MODERN_FUNCTIONS } from "../src/build/modern_functions.ts";
import { joinChunks } from "./shared_chunks.ts";
import { atOnce, onWorkers, withPureHelpers, withPureTables } from "./workers_modules.ts";
import config from "../deno.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PAPERS = ["README.md", "CHANGELOG.md", "LICENSE"];
/** What Node 20 reads, so `using` is written out. */
const TARGET = "es2022";
/** The first of Node 20 with `process.getBuiltinModule`. */
const OLDEST_NODE = ">=20.16";
/** The module with what stands for functions that it lacks. */
const STATIC_FUNCTIONS = join(ROOT, "src/build/modern/static_functions.ts");
/** The name of the module that a condition of `imports` chooses. */
const PLATFORM = "#runtime_platform";
/** The module that knows all runtimes: what is asked for by the name above. */
const ANY_PLATFORM = join(ROOT, "src/platform/runtime_platform.ts");
/**
 * The conditions of runtimes, and the modules of `src/platform/` that they choose; the first that holds
 * counts. Bun and Deno know "node", too.
 */
const PLATFORMS: readonly (readonly [condition: string, module: string])[] = [
  ["workerd", "workers/workers"],
  ["bun", "bun/bun"],
  ["deno", "deno/deno"],
  ["node", "node/node"],
  ["default", "standard"],
];
/**
 * What is imported of Node's modules, and what is in its place where a bundler knows no runtime that has
 * them: another condition of `imports`.
 */
const GETTEXT = {
  package: "gettext-parser",
  name: "#gettext_parser",
  conditions: ["deno", "bun", "node"],
  source: join(ROOT, "src/text/locale/gettext_parser_on_workers.ts"),
  standIn: "platform/no_gettext",
};
/**
 * What comes along in the modules; every other package is a dependency of this one. `@std` has other
 * names on npm than on JSR, and to look for acorn costs every start some milliseconds.
 */
const INLINED = /^(?:@std\/|acorn$)/;

/** What the build of applications needs, and they do not: who builds adds it, or Deno finds it. */
const OPTIONAL = new Set(["esbuild"]);
/** The module that is imported in its place. */
const ESBUILD_FINDER = join(ROOT, ".ci/esbuild_finder.ts");

/** One of `exports`. */
interface Entry {
  /** Its name there: `"."`, `"./web"`. */
  readonly door: string;
  /** The module that it opens, from the root. */
  readonly source: string;
  /** What its files are called in the package. */
  readonly name: string;
}

async function main(folder = "package"): Promise<void> {
  const out = resolve(ROOT, folder);
  await makeAnew(out);
  const entries = Object.entries(config.exports).map(toEntry);
  const platforms = await platformsThere();
  const graph = await moduleGraph();
  const inlined = inlinedModules(graph);
  const dependencies = await bundle(entries, { platforms, out, inlined });
  const forWorkers = entries.filter(isForWorkers);
  await bundleForWorkers(forWorkers, { platforms, out, inlined });
  await stop();
  await declare(entries, out);
  for (const entry of entries) await pointToDeclaration(entry, out);
  for (const paper of PAPERS) {
    await Deno.copyFile(join(ROOT, paper), join(out, paper));
  }
  await copyModules(join(out, "modules"));
  await writeNotices(inlined, out);
  await writeManifests(entries, { platforms, dependencies, out });
  console.log(`The package is in ${out}`);
}

/** Programs for a terminal are no part of a Worker. */
function isForWorkers({ door }: Entry): boolean {
  return !["./build", "./dev", "./init", "./load"].includes(door);
}

const mainEntry = toEntry([".", config.exports["."]]);

function toEntry([door, source]: [string, string]): Entry {
  return { door, source, name: door === "." ? "mod" : door.slice("./".length) };
}

/** A module for one runtime. */
interface RuntimePlatform {
  /** The condition that chooses it. */
  readonly condition: string;
  /** The module in the source. */
  readonly source: string;
  /** The function there that makes the platform. */
  readonly maker: string;
}

/** The runtimes that the source knows; one that it does not know is served as any other. */
async function platformsThere(): Promise<readonly RuntimePlatform[]> {
  const there: RuntimePlatform[] = [];
  for (const [condition, module] of PLATFORMS) {
    const source = join(ROOT, `src/platform/${module}_platform.ts`);
    if (await isFile(source)) {
      there.push({ condition, source, maker: `${basename(module)}Platform` });
    }
  }
  return there;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

/** Empties what an earlier run has made; a folder of anything else is left alone. */
async function makeAnew(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const found = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  if (found.length > 0 && !found.includes(`${mainEntry.name}.js`)) {
    throw new Error(
      `Cannot package into ${folder}: it holds something else, name an empty folder`,
    );
  }
  for (const name of found) {
    await Deno.remove(join(folder, name), { recursive: true });
  }
}

// ---- what there is

/** What `deno info` tells of a module; its other members are not needed. */
interface ModuleGraph {
  readonly modules: readonly {
    readonly dependencies?: readonly {
      readonly specifier: string;
      readonly code?: { readonly specifier: string };
    }[];
  }[];
  readonly npmPackages: Readonly<
    Record<string, { readonly localPath: string }>
  >;
}

/** Everything that the package's main module imports, directly or not: it has all of the others. */
async function moduleGraph(): Promise<ModuleGraph> {
  const args = [
    "info",
    "--json",
    `--config=${join(ROOT, "deno.json")}`,
    join(ROOT, mainEntry.source),
  ];
  const { success, stdout } = await new Deno.Command(Deno.execPath(), { args })
    .output();
  if (!success) {
    throw new Error(`Cannot package: deno ${args.join(" ")} failed`);
  }
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** A module that comes along. */
interface Inlined {
  /** Its package on npm, with the version. */
  readonly name: string;
  /** Where the package stands. */
  readonly folder: string;
  /** The module in it. */
  readonly file: string;
}

/** What comes along, by the name that it is imported by. */
function inlinedModules(graph: ModuleGraph): ReadonlyMap<string, Inlined> {
  const modules = new Map<string, Inlined>();
  for (const { dependencies = [] } of graph.modules) {
    for (const { specifier, code } of dependencies) {
      if (!INLINED.test(specifier) || code === undefined) continue;
      modules.set(specifier, locate(code.specifier, graph));
    }
  }
  return modules;
}

const NPM_SPECIFIER = /^npm:\/?((?:@[^/]+\/)?[^/]+)(?:\/(.+))?$/;

function locate(specifier: string, { npmPackages }: ModuleGraph): Inlined {
  const [, name = "", path = ""] = NPM_SPECIFIER.exec(specifier) ?? [];
  const folder = npmPackages[name]?.localPath;
  if (folder === undefined) {
    throw new Error(`Cannot inline ${specifier}: deno info knows no file`);
  }
  return {
    name,
    folder,
    file: join(folder, path === "" ? moduleOf(folder) : path),
  };
}

/** The module that the name of a package alone stands for. */
function moduleOf(folder: string): string {
  const { module } = JSON.parse(
    Deno.readTextFileSync(join(folder, "package.json")),
  );
  if (typeof module !== "string") {
    throw new Error(`Cannot inline ${folder}: it has no "module"`);
  }
  return module;
}

// ---- modules

const MODULES: BuildOptions = {
  format: "esm",
  platform: "neutral",
  target: TARGET,
  // Every byte of code costs a start 10 ns. Names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  // Text beyond Latin-1 makes a file take twice the memory, and a start a millisecond more.
  charset: "ascii",
};

/** Writes the modules, and gives what they import of packages. */
async function bundle(
  entries: readonly Entry[],
  { platforms, out, inlined }: {
    readonly platforms: readonly RuntimePlatform[];
    readonly out: string;
    readonly inlined: ReadonlyMap<string, Inlined>;
  },
): Promise<readonly string[]> {
  const imported = new Set<string>();
  const { outputFiles, metafile } = await build({
    ...MODULES,
    define: MODERN_FUNCTIONS,
    absWorkingDir: out,
    entryPoints: [
      ...entries.map(({ source, name }) => ({
        in: join(ROOT, source),
        out: name,
      })),
      ...platforms.map(({ condition }) => ({
        in: `platform:${condition}`,
        out: `platform/${condition}`,
      })),
      // JSR has no conditions: there, one module chooses when it is loaded.
      { in: ANY_PLATFORM, out: "platform/any" },
      { in: GETTEXT.source, out: GETTEXT.standIn },
    ],
    outdir: out,
    chunkNames: "chunks/[hash]",
    bundle: true,
    splitting: true,
    metafile: true,
    write: false,
    plugins: [
      texts,
      lowered,
      runtimes(platforms),
      gettext(imported),
      packages(inlined, imported),
    ],
  });
  const files = new Map(
    outputFiles.map(({ path, text }) => [relative(out, path), text]),
  );
  const joined = await joinChunks({ files, meta: metafile.outputs }, MODULES);
  for (const [path, text] of joined) {
    await Deno.mkdir(dirname(join(out, path)), { recursive: true });
    await Deno.writeTextFile(join(out, path), withClassNames(text));
  }
  return [...imported].sort();
}

/** The condition of Workers, and the folder of the modules that are for them. */
const WORKERS = "workerd";

/** Writes the modules for Workers, in a folder of their own. */
async function bundleForWorkers(
  entries: readonly Entry[],
  { platforms, out, inlined }: {
    readonly platforms: readonly RuntimePlatform[];
    readonly out: string;
    readonly inlined: ReadonlyMap<string, Inlined>;
  },
): Promise<void> {
  const platform = platforms.find(({ condition }) => condition === WORKERS);
  if (platform === undefined) return;
  const { outputFiles } = await build({
    ...MODULES,
    entryPoints: entries.map(({ source, name }) => ({ in: join(ROOT, source), out: name })),
    outdir: join(out, WORKERS),
    chunkNames: "chunks/[hash]",
    bundle: true,
    splitting: true,
    write: false,
    plugins: [
      texts,
      onlyPlatform(platform),
      onWorkers,
      atOnce(inlined),
      packages(inlined, new Set()),
    ],
  });
  for (const { path, text } of outputFiles) {
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, withPureTables(withPureHelpers(withClassNames(text))));
  }
}

/** Leaves no choice of the runtime. */
function onlyPlatform({ source, maker }: RuntimePlatform): Plugin {
  return {
    name: "only platform",
    setup(build) {
      build.onLoad({ filter: /\/runtime_platform\.ts$/, namespace: "file" }, () => ({
        contents: `export { ${maker} as runtimePlatform } from ${JSON.stringify(source)};`,
      }));
    },
  };
}

/**
 * Imports the functions that stand for those which Node 20 lacks, where they are called. An `inject` of
 * esbuild reaches acorn as well, which is wrapped, and would wrap them, too.
 */
const lowered: Plugin = {
  name: "lowered",
  setup(build) {
    build.onLoad(
      { filter: /\.[jt]s$/, namespace: "file" },
      async ({ path }) => {
        if (path === STATIC_FUNCTIONS) return undefined;
        const text = await Deno.readTextFile(path);
        const called = Object.entries(MODERN_FUNCTIONS)
          .filter(([name]) => new RegExp(`\\b${RegExp.escape(name)}\\b`).test(text))
          .map(([, standIn]) => standIn);
        if (called.length === 0) return undefined;
        const imports = `import { ${called.join(", ")} } from ${JSON.stringify(STATIC_FUNCTIONS)};`;
        return {
          contents: imports + text,
          loader: path.endsWith("ts") ? "ts" : "js",
        };
      },
    );
  },
};

/** Leaves the choice of the runtime to who loads the package, and makes a module for each. */
function runtimes(platforms: readonly RuntimePlatform[]): Plugin {
  return {
    name: "runtimes",
    setup(build) {
      build.onResolve(
        { filter: /runtime_platform\.ts$/ },
        ({ kind }) => kind === "entry-point" ? undefined : { path: PLATFORM, external: true },
      );
      build.onResolve({ filter: /^platform:/ }, ({ path }) => ({
        path: path.slice("platform:".length),
        namespace: "platform",
      }));
      build.onLoad({ filter: /./, namespace: "platform" }, ({ path }) => {
        const platform = platforms.find(({ condition }) => condition === path);
        if (platform === undefined) return undefined;
        const { source, maker } = platform;
        return {
          contents: `export { ${maker} as runtimePlatform } from ${JSON.stringify(source)};`,
          resolveDir: dirname(source),
        };
      });
    },
  };
}

/** Leaves the choice of the parser to who loads the package. */
function gettext(imported: Set<string>): Plugin {
  return {
    name: "gettext",
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${GETTEXT.package}$`) }, ({ path }) => {
        imported.add(path);
        return { path: GETTEXT.name, external: true };
      });
    },
  };
}

/**
 * A class that names itself becomes `var Name=class _Name`, which `constructor.name` would show: takes
 * the dash away. To keep all names as esbuild does costs a start a call for each class and function.
 */
function withClassNames(text: string): string {
  const renamed = [...text.matchAll(/\b([\w$]+)=class _\1\b/g)].map((
    [, name],
  ) => `_${name}`);
  const names = new Set(renamed);
  return text.replace(
    /(?<![\w$.#])_[\w$]+/g,
    (name) => names.has(name) ? name.slice(1) : name,
  );
}

/** What is imported as text, such as the files of a new project, comes along in the modules. */
const texts: Plugin = {
  name: "texts",
  setup(build) {
    build.onLoad(
      { filter: /./ },
      async ({ path, with: { type } }) =>
        type === "text" ? { contents: await Deno.readTextFile(path), loader: "text" } : undefined,
    );
  },
};

/** Leaves packages to the one who installs, but for those that come along. */
function packages(
  inlined: ReadonlyMap<string, Inlined>,
  imported: Set<string>,
): Plugin {
  return {
    name: "packages",
    setup(build) {
      // Not every application has a template: acorn runs with the first, not with the start.
      build.onLoad({ filter: /./, namespace: "acorn" }, ({ path }) => ({
        contents: ["parse", "parseExpressionAt"].map((name) =>
          `export const ${name} = (...given) =>
            require("common:${path.replace(/\.mjs$/, ".js")}").${name}(...given);`
        ).join("\n"),
      }));
      // By a name of its own: esbuild writes down where it has found a file.
      build.onResolve({ filter: /^common:/ }, ({ path }) => ({
        path: basename(path),
        namespace: "common",
        pluginData: path.slice("common:".length),
      }));
      build.onLoad({ filter: /./, namespace: "common" }, async ({ pluginData }) => {
        const text = await Deno.readTextFile(pluginData);
        return { contents: (await transform(text, { minify: true })).code };
      });
      build.onResolve({ filter: /^[@a-z]/ }, ({ path, kind, importer }) => {
        if (kind === "entry-point") return undefined;
        if (path === "esbuild" && importer !== ESBUILD_FINDER) return { path: ESBUILD_FINDER };
        const file = inlined.get(path)?.file;
        if (path === "acorn" && file !== undefined) {
          return { path: file, namespace: "acorn" };
        }
        if (file !== undefined) return { path: file };
        if (!path.startsWith("node:")) imported.add(path);
        return { path, external: true };
      });
    },
  };
}

// ---- declarations

/**
 * Who reads declarations, and the ending that names one of them there: Deno wants the file itself,
 * while TypeScript refuses it, and looks for the declaration of a module that need not be there.
 */
const READERS = [{ folder: "types/deno", ending: ".d.ts" }, {
  folder: "types/node",
  ending: ".js",
}];

/** Writes the declarations that the entry points need, doc comments included, internals left out. */
async function declare(entries: readonly Entry[], out: string): Promise<void> {
  const sources = entries.map(({ source }) => join(ROOT, source));
  const declarations = new Map<string, string>();
  ts.createProgram(sources, COMPILER_OPTIONS)
    .emit(undefined, (file, text) => declarations.set(file, text));
  const needed = new Set<string>();
  for (const source of sources) {
    need(declarationPath(source), declarations, needed);
  }
  for (const file of needed) {
    const text = declarations.get(file) ?? "";
    for (const { folder, ending } of READERS) {
      const path = join(out, folder, relative(ROOT, file));
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeTextFile(
        path,
        text.replace(RELATIVE_SPECIFIER, `$<path>${ending}`),
      );
    }
  }
}

const RELATIVE_SPECIFIER = /(?<=\b(?:from |import\()")(?<path>\.[^"\n]*)\.ts(?=")/g;

/** Collects a declaration and those that it names. */
function need(
  file: string,
  all: ReadonlyMap<string, string>,
  needed: Set<string>,
): void {
  const text = all.get(file);
  if (text === undefined) {
    throw new Error(`Cannot package: there is no declaration ${file}`);
  }
  if (needed.has(file)) return;
  needed.add(file);
  for (const { groups } of text.matchAll(RELATIVE_SPECIFIER)) {
    need(join(dirname(file), `${groups?.path}.d.ts`), all, needed);
  }
}

/** `deno check` has checked the types; isolated declarations need none of another file. */
const COMPILER_OPTIONS: ts.CompilerOptions = {
  declaration: true,
  emitDeclarationOnly: true,
  isolatedDeclarations: true,
  stripInternal: true,
  noCheck: true,
  strict: true,
  allowImportingTsExtensions: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  rootDir: ROOT,
  types: [],
};

function declarationPath(source: string): string {
  return source.replace(/\.ts$/, ".d.ts");
}

/** A module of JavaScript names its declaration, for JSR. */
async function pointToDeclaration(
  { source, name }: Entry,
  out: string,
): Promise<void> {
  const file = join(out, `${name}.js`);
  const declaration = join("types/deno", declarationPath(source));
  const reference = `/* @ts-self-types="./${declaration}" */\n`;
  await Deno.writeTextFile(file, reference + await Deno.readTextFile(file));
}

// ---- what applications are built of

/** Parts that no application has in it, and what bundlers alone find. */
const TOOLS = /^src\/(?:init|dev|load|testing|build(?!\/modern\/))\/|_on_workers\.ts$/;

/** Copies the modules as they are, for `./build` to make bundles of. */
async function copyModules(folder: string): Promise<void> {
  const files = ["mod.ts", "deno.json", ...filesBelow("src")];
  for (const file of files.filter((each) => !TOOLS.test(each))) {
    await Deno.mkdir(dirname(join(folder, file)), { recursive: true });
    await Deno.copyFile(join(ROOT, file), join(folder, file));
  }
}

function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap(
    ({ name, isDirectory }) => {
      const path = `${folder}/${name}`;
      return isDirectory ? filesBelow(path) : path.endsWith(".ts") ? [path] : [];
    },
  );
}

// ---- papers

/** The licences of what comes along, which ask to be passed on. */
async function writeNotices(
  inlined: ReadonlyMap<string, Inlined>,
  out: string,
): Promise<void> {
  const folders = new Map(
    [...inlined.values()].map(({ name, folder }) => [name, folder]),
  );
  const notices = [...folders].sort().map(([name, folder]) => `${name}\n\n${licenseOf(folder)}`);
  const head = "The modules hold parts of these packages, under the licences that follow.";
  await Deno.writeTextFile(
    join(out, "NOTICES"),
    [head, ...notices].join("\n\n----\n\n") + "\n",
  );
}

function licenseOf(folder: string): string {
  try {
    return Deno.readTextFileSync(join(folder, "LICENSE")).trim();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return stdLicense();
  }
}

/** The build of `@std` has no file for its licence, which is the same as ours. */
function stdLicense(): string {
  const ours = Deno.readTextFileSync(join(ROOT, "LICENSE")).trim();
  return ours.replace(
    /^Copyright .*$/m,
    "Copyright (c) 2018-2026 the Deno authors",
  );
}

async function writeManifests(
  entries: readonly Entry[],
  { platforms, dependencies, out }: {
    readonly platforms: readonly RuntimePlatform[];
    readonly dependencies: readonly string[];
    readonly out: string;
  },
): Promise<void> {
  const { name, version, license } = config;
  const names = [
    ...new Set(dependencies.map((specifier) => packageOf(specifier).name)),
  ];
  const [added = [], needed = []] = [true, false]
    .map((optional) => names.filter((name) => OPTIONAL.has(name) === optional));
  await writeJson(join(out, "package.json"), {
    name,
    version,
    license,
    description:
      "Tornado for Deno: handler classes, WebSockets, templates and an event-loop toolkit",
    type: "module",
    sideEffects: false,
    engines: { node: OLDEST_NODE },
    files: [
      "*.js",
      "chunks",
      "platform",
      WORKERS,
      "modules",
      "types/node",
      "CHANGELOG.md",
      "NOTICES",
    ],
    imports: {
      [PLATFORM]: record(platforms, ({ condition }) => [
        condition,
        `./platform/${condition}.js`,
      ]),
      [GETTEXT.name]: {
        ...record(GETTEXT.conditions, (condition) => [condition, GETTEXT.package]),
        default: `./${GETTEXT.standIn}.js`,
      },
    },
    exports: record(entries, ({ door, source, name }) => [door, {
      types: `./${join("types/node", declarationPath(source))}`,
      ...(isForWorkers({ door, source, name }) ? { [WORKERS]: `./${WORKERS}/${name}.js` } : {}),
      default: `./${name}.js`,
    }]),
    dependencies: record(needed, (name) => [name, versionOf(name)]),
    peerDependencies: record(added, (name) => [name, versionOf(name)]),
    peerDependenciesMeta: record(added, (name) => [name, { optional: true }]),
  });
  await writeJson(join(out, "deno.json"), {
    name,
    version,
    license,
    exports: record(entries, ({ door, name }) => [door, `./${name}.js`]),
    imports: {
      [PLATFORM]: "./platform/any.js",
      ...record(dependencies, (specifier) => {
        const { name, path } = packageOf(specifier);
        const written = name === GETTEXT.package ? GETTEXT.name : specifier;
        return [written, `npm:${name}@${versionOf(name)}${path}`];
      }),
    },
    // Without it, Deno would look for the dependencies of package.json in a node_modules folder.
    nodeModulesDir: "none",
    // The first takes back what .gitignore says of the folder.
    publish: { exclude: ["!**/*", "types/node/", "modules/", `${WORKERS}/`, "package.json"] },
  });
}

/** The package of an import, and the path of the module within, if it is not the main one. */
function packageOf(
  specifier: string,
): { readonly name: string; readonly path: string } {
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  return { name, path: specifier.slice(name.length) };
}

/** The version that the import map pins, and what is compatible with it. */
function versionOf(dependency: string): string {
  const imports: Readonly<Record<string, string>> = config.imports;
  const version = imports[dependency]?.split("@").at(-1);
  if (version === undefined) {
    throw new Error(`Cannot package: deno.json does not map ${dependency}`);
  }
  return `^${version}`;
}

function record<Item, Value>(
  items: readonly Item[],
  toEntry: (item: Item) => readonly [string, Value],
): Record<string, Value> {
  return Object.fromEntries(items.map(toEntry));
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(file, JSON.stringify(value, null, 2) + "\n");
}

if (import.meta.main) await main(Deno.args[0]);
