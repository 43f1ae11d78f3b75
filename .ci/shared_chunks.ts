/**
 * Few files in place of many: esbuild makes a chunk for each set of entry points that share modules,
 * some fifty, and each file costs a start 0.1 ms. What the main entry point loads becomes a handful.
 *
 * @module
 */
import { build, type BuildOptions, type Metafile, type OutputFile, type Plugin } from "esbuild";
import { dirname, join, relative } from "node:path/posix";

/**
 * The entry points that decide of what the main one loads: what the first loads is one file, what the
 * second loads besides is another, and so on. No two files import each other then, since what is imported
 * is loaded by all that load what imports it.
 */
const TRUNKS = [
  ["web.js", "common"],
  ["template.js", "template"],
  ["client.js", "client"],
  ["concurrent.js", "concurrent"],
  ["mod.js", "library"],
] as const;

/** Where the modules of one runtime each are; `any` is one for all of them. */
const RUNTIMES = "platform/";
const ANY = `${RUNTIMES}any.js`;

/** The output of esbuild, by its path in the package. */
interface Outputs {
  readonly files: ReadonlyMap<string, string>;
  readonly meta: Metafile["outputs"];
}

/**
 * Joins the chunks that were built.
 *
 * @param outputs What esbuild has made with `splitting`.
 * @param options What the modules are made with.
 * @returns The text of each module, by its path.
 */
export async function joinChunks(
  outputs: Outputs,
  options: BuildOptions,
): Promise<ReadonlyMap<string, string>> {
  const groups = groupsOf(outputs.meta);
  const kept = [...outputs.files.keys()].filter((file) => !groups.has(file));
  const entryPoints = [...new Set([...kept, ...groups.values()])].map((
    file,
  ) => ({
    in: file,
    out: file.replace(/\.js$/, ""),
  }));
  const { outputFiles } = await build({
    ...options,
    entryPoints,
    outdir: "/",
    bundle: true,
    write: false,
    plugins: [joining(outputs, groups)],
  });
  return new Map(
    outputFiles.map((
      { path, text }: OutputFile,
    ) => [relative("/", path), text]),
  );
}

/** Which file each chunk goes to. */
function groupsOf(meta: Metafile["outputs"]): ReadonlyMap<string, string> {
  const doors = Object.keys(meta).filter((file) => !file.startsWith("chunks/"));
  const loaders = new Map<string, string[]>();
  for (const door of doors) {
    for (const file of reachable(door, meta)) {
      if (meta[file]?.entryPoint === undefined) {
        loaders.set(file, [...loaders.get(file) ?? [], door]);
      }
    }
  }
  return new Map(
    [...loaders].map((
      [file, doors],
    ) => [file, `chunks/${groupName(doors)}.js`]),
  );
}

function groupName(doors: readonly string[]): string {
  const runtimes = doors.filter((door) => door.startsWith(RUNTIMES));
  if (runtimes.length > 0) {
    return runtimesName(runtimes.filter((door) => door !== ANY), doors.includes(TRUNKS[0][0]));
  }
  const trunk = TRUNKS.find(([door]) => doors.includes(door));
  return trunk?.[1] ?? doors.map(nameOf).sort().join("-");
}

/**
 * What runtimes load is apart from the rest, which imports it by a name that no file of this build has: it
 * must not import the rest. What one of them alone loads is apart from what all do.
 */
function runtimesName(runtimes: readonly string[], isCommon: boolean): string {
  const [only = ANY] = runtimes;
  const own = runtimes.length === 1 && !isCommon;
  return own ? `platform-${nameOf(only.slice(RUNTIMES.length))}` : "platform";
}

function nameOf(door: string): string {
  return door.replace(/\.js$/, "");
}

function reachable(
  file: string,
  meta: Metafile["outputs"],
  found = new Set<string>(),
) {
  found.add(file);
  for (const { path, kind, external } of meta[file]?.imports ?? []) {
    if (kind === "import-statement" && external !== true && !found.has(path)) {
      reachable(path, meta, found);
    }
  }
  return found;
}

/** Gives esbuild its own output, and between two files of the result imports in place of code. */
function joining(
  { files }: Outputs,
  groups: ReadonlyMap<string, string>,
): Plugin {
  const home = (file: string) => groups.get(file) ?? file;
  const joined = new Set(groups.values());
  const chunks = [...groups.keys()];
  const asked = new AskedNames(files, home);
  return {
    name: "joining",
    setup(build) {
      build.onResolve(
        { filter: /.*/ },
        ({ path, kind, importer, namespace }) => {
          if (kind === "entry-point") {
            return { path, namespace: joined.has(path) ? "group" : "output" };
          }
          if (namespace === "link" || !/^\.{1,2}\//.test(path)) {
            return {
              path,
              external: true,
            };
          }
          const file = namespace === "group"
            ? path.slice("./".length)
            : join(dirname(importer), path);
          const from = namespace === "group" ? importer : home(importer);
          if (kind === "dynamic-import" || !groups.has(file)) {
            return { path: specifier(from, file), external: true };
          }
          if (home(file) === from) return { path: file, namespace: "output" };
          return {
            path: file,
            namespace: "link",
            suffix: `?${from}`,
            pluginData: {
              to: specifier(from, home(file)),
              names: asked.by(from, file),
            },
          };
        },
      );
      build.onLoad({ filter: /.*/, namespace: "output" }, ({ path }) => ({
        contents: files.get(path) ?? "",
      }));
      build.onLoad({ filter: /.*/, namespace: "group" }, ({ path }) => ({
        contents: [...groups].filter(([, group]) => group === path)
          .map(([file]) =>
            reexport(
              `./${file}`,
              asked.of(file).map((name) => `${name} as ${unique(file, name)}`),
            )
          )
          .join("\n"),
      }));
      build.onLoad(
        { filter: /.*/, namespace: "link" },
        ({ path, pluginData }) => ({
          contents: reexport(
            pluginData.to,
            pluginData.names.map((name: string) => `${unique(path, name)} as ${name}`),
          ),
        }),
      );
    },
  };

  function unique(file: string, name: string) {
    return `$${chunks.indexOf(file)}_${name}`;
  }
}

function reexport(from: string, clauses: readonly string[]) {
  return clauses.length === 0 ? "" : `export { ${clauses.join(", ")} } from "${from}";`;
}

/** How esbuild writes what one of its files asks another one for. */
const ASKING = /\bimport\{([^}]*)\}from"(\.[^"]+)"/g;

/** What the files of each group ask those of others for: nobody need offer or take more. */
class AskedNames {
  readonly #names = new Map<string, Map<string, Set<string>>>();

  constructor(files: Outputs["files"], home: (file: string) => string) {
    for (const [importer, text] of files) {
      for (const [, clauses = "", path = ""] of text.matchAll(ASKING)) {
        const file = join(dirname(importer), path);
        if (home(file) === home(importer)) continue;
        const names = this.#namesOf(file, home(importer));
        for (const clause of clauses.split(",")) {
          names.add(clause.split(" as ")[0] ?? "");
        }
      }
    }
  }

  /** The names that a file of the result asks a file of esbuild for. */
  by(importer: string, file: string): string[] {
    return [...this.#namesOf(file, importer)];
  }

  /** The names that any other one asks it for. */
  of(file: string): string[] {
    return [
      ...new Set(
        [...this.#names.get(file)?.values() ?? []].flatMap((
          names,
        ) => [...names]),
      ),
    ];
  }

  #namesOf(file: string, importer: string): Set<string> {
    const importers = this.#names.get(file) ?? new Map<string, Set<string>>();
    this.#names.set(file, importers);
    const names = importers.get(importer) ?? new Set();
    importers.set(importer, names);
    return names;
  }
}

function specifier(from: string, to: string): string {
  const path = relative(dirname(from), to);
  return path.startsWith(".") ? path : `./${path}`;
}
