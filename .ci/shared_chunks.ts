/**
 * Few files in place of many: esbuild makes a chunk for each set of entry points that share modules,
 * some fifty, and each file costs a start 0.1 ms. Chunks that are shared by about as many entry points
 * become one.
 *
 * @module
 */
import { build, type BuildOptions, type Metafile, type OutputFile, type Plugin } from "esbuild";
import { dirname, join, relative } from "node:path/posix";

/** What this many entry points load is one file. */
const COMMON = 5;

/**
 * The entry points that decide of the rest: what the same of these load is one file. No two files
 * import each other then, since what is imported is loaded by all that load what imports it.
 */
const TRUNKS = [
  "web.js",
  "text.js",
  "template.js",
  "client.js",
  "concurrent.js",
];

/** Where the modules of one runtime each are; `any` is one for all of them. */
const RUNTIMES = "platform/";

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
  if (runtimes.length > 0) return runtimesName(runtimes);
  if (doors.length >= COMMON) return "common";
  const trunks = TRUNKS.filter((trunk) => doors.includes(trunk));
  const others = doors.filter((door) => door !== "mod.js");
  // What the root alone loads can be a chunk, too: a later import may ask for it.
  const names = trunks.length > 0 ? trunks : others.length > 0 ? others : doors;
  return names.map((name) => name.replace(/\.js$/, "")).sort().join("-");
}

/**
 * What runtimes load is apart from the rest, by these runtimes: the rest imports it by a name that no
 * file of this build has, and it must not import the rest.
 */
function runtimesName(runtimes: readonly string[]): string {
  const names = runtimes.map((door) => door.slice(RUNTIMES.length, -".js".length));
  const chosen = names.filter((name) => name !== "any");
  return ["platform", ...(chosen.length > 0 ? chosen : names).sort()].join("-");
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
  { files, meta }: Outputs,
  groups: ReadonlyMap<string, string>,
): Plugin {
  const home = (file: string) => groups.get(file) ?? file;
  const joined = new Set(groups.values());
  const chunks = [...groups.keys()];
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
            suffix: `?${dirname(from)}`,
            pluginData: specifier(from, home(file)),
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
              file,
              `./${file}`,
              ([name, unique]) => `${name} as ${unique}`,
            )
          )
          .join("\n"),
      }));
      build.onLoad(
        { filter: /.*/, namespace: "link" },
        ({ path, pluginData }) => ({
          contents: reexport(
            path,
            pluginData,
            ([name, unique]) => `${unique} as ${name}`,
          ),
        }),
      );
    },
  };

  function reexport(
    file: string,
    from: string,
    clause: (names: [string, string]) => string,
  ) {
    const prefix = `$${chunks.indexOf(file)}`;
    const clauses = (meta[file]?.exports ?? []).map((name) => clause([name, `${prefix}_${name}`]));
    return clauses.length === 0 ? "" : `export { ${clauses.join(", ")} } from "${from}";`;
  }
}

function specifier(from: string, to: string): string {
  const path = relative(dirname(from), to);
  return path.startsWith(".") ? path : `./${path}`;
}
