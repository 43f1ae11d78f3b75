/** How esbuild finds and reads the modules of an application. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type {
  ImportKind,
  Loader,
  OnLoadResult,
  OnResolveArgs,
  OnResolveResult,
  Plugin,
} from "esbuild";
import { BuildError } from "./build_error.ts";
import { doorAt, isLibrary } from "./library.ts";
import { type ModuleGraph, type Resolution, urlOf } from "./module_graph.ts";
import { loaderOf, type SourceCache } from "./source_cache.ts";
import type { ApplicationPaths } from "./application_paths.ts";
import type { TargetFacts } from "./target.ts";

/** Modules that the build writes itself are imported by names that begin so. */
export const GENERATED = "gustnado:";
/** In front of a path: the module itself, where another one stands in its place. */
export const ORIGINAL = "gustnado-original:";

/** What a bundle is made of. */
export interface BundleSources {
  readonly graph: ModuleGraph;
  /** The files of the application itself. */
  readonly own: Iterable<string>;
  readonly paths: ApplicationPaths;
  readonly cache: SourceCache;
  readonly target: TargetFacts;
  /** What the build writes itself, by name. */
  readonly generated: ReadonlyMap<string, string>;
  /** JavaScript that stands in the place of modules of the library, by path. */
  readonly replaced: ReadonlyMap<string, string>;
  /** The global names of the runtime, where the library need not look for them; absent in a probe. */
  readonly globals?: readonly string[];
  /** The JavaScript of modules of the library of which something was left out, by path. */
  readonly shaken?: ReadonlyMap<string, string>;
}

/** What a run of esbuild has found. */
export interface BundleFindings {
  /** The JavaScript of the modules that were read, by path. */
  readonly modules: Map<string, string>;
  /** The first thing that was wrong, if any. */
  error?: BuildError;
}

/** What a probe asks for; esbuild finds files beside a module faster by itself. */
const FROM_ELSEWHERE = /^[^.]/;

/**
 * Makes the plugin of a bundle.
 *
 * @param first What the bundle is made of; a later run may have other texts of the same paths.
 * @returns It, and what says what the next run is made of, and where its findings go.
 */
export function bundlePlugin(first: BundleSources): {
  readonly plugin: Plugin;
  readonly use: (sources: BundleSources, findings: BundleFindings) => void;
} {
  let sources = first;
  let findings: BundleFindings = { modules: new Map() };
  let resolver = new Resolver(first);
  const use = (next: BundleSources, found: BundleFindings) => {
    [sources, findings, resolver] = [next, found, new Resolver(next)];
  };
  const plugin: Plugin = {
    name: "gustnado",
    setup(build) {
      const { globals, graph, replaced } = sources;
      const own = [...replaced.keys(), ...sources.own];
      const told = async <Result>(
        work: () => Result | Promise<Result>,
      ): Promise<Result> => {
        try {
          return await work();
        } catch (error) {
          if (error instanceof BuildError) findings.error ??= error;
          throw error;
        }
      };
      build.onResolve(
        { filter: globals === undefined && !graph.mapsPaths ? FROM_ELSEWHERE : /./ },
        (args) => told(() => resolver.resolve(args)),
      );
      for (const namespace of ["fetched", "original"]) {
        build.onResolve(
          { filter: /^\./, namespace },
          (args) => told(() => resolver.resolve(args)),
        );
      }
      build.onLoad({ filter: /./, namespace: "generated" }, ({ path }) => ({
        contents: sources.generated.get(path) ?? "",
        loader: "js",
        resolveDir: "/",
      }));
      build.onLoad(
        { filter: /./, namespace: "fetched" },
        async ({ path, pluginData, with: as }) => {
          const { local } = pluginData;
          if (as.type !== undefined) {
            return {
              contents: await readFile(local),
              loader: textLoader(as),
            };
          }
          const loader = mediaLoader(sources.graph.mediaTypeOf(path));
          const meta = {
            "import.meta.url": JSON.stringify(path),
            "import.meta.main": "false",
          };
          const contents = await sources.cache.javascript(local, {
            meta,
            loader,
          });
          findings.modules.set(path, contents);
          return { contents, loader: loader === "json" ? "json" : "js" };
        },
      );
      build.onLoad(
        { filter: /./, namespace: "original" },
        ({ path }) => load(path, sources, findings),
      );
      // In a probe, nobody looks at the modules of the library and of packages.
      const filter = globals === undefined ? exactly(own) : /./;
      build.onLoad(
        { filter, namespace: "file" },
        async ({ path, with: attributes }) => {
          if (attributes.type === "text" || attributes.type === "bytes") {
            return {
              contents: await readFile(path),
              loader: textLoader(attributes),
            };
          }
          // Of a module of the library that nothing reaches, nothing is left.
          if (
            sources.shaken !== undefined && isLibrary(path) &&
            path.endsWith(".ts")
          ) {
            const contents = sources.shaken.get(path) ?? "export {};";
            return { contents, loader: "js", resolveDir: dirname(path) };
          }
          const replacement = sources.replaced.get(path);
          if (replacement !== undefined) {
            return {
              contents: replacement,
              loader: "js",
              resolveDir: dirname(path),
            };
          }
          return await told(() => load(path, sources, findings));
        },
      );
    },
  };
  return { plugin, use };
}

/** Matches some paths and no others; esbuild knows no other regular expressions than these. */
function exactly(paths: readonly string[]): RegExp {
  const list = paths.map((path) => path.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^(?:${list.join("|")})$`);
}

async function load(
  path: string,
  { cache, paths, graph, globals }: BundleSources,
  findings: BundleFindings,
): Promise<OnLoadResult | undefined> {
  const isNpm = graph.packages.packageOf(path) !== undefined;
  if (/\.(?:json|node|wasm|css|txt)$/.test(path)) return undefined;
  const own = !isLibrary(path) && !isNpm;
  const text = isNpm && loaderOf(path) === undefined
    ? readFileSync(path, "utf8")
    : await cache.javascript(path, own ? { meta: metaOf(path, paths) } : {});
  const contents = isLibrary(path) && globals !== undefined ? withGlobals(text, globals) : text;
  findings.modules.set(path, contents);
  return { contents, loader: "js", resolveDir: dirname(path) };
}

/** A bundle is for one runtime, so the library need not ask which one it is. */
export function withGlobals(text: string, globals: readonly string[]): string {
  return text.replace(
    /"(Deno|Bun|WebSocketPair)" in globalThis/g,
    (_, name) => String(globals.includes(name)),
  );
}

/** What `import.meta` says in a module of the application. */
function metaOf(
  path: string,
  paths: ApplicationPaths,
): Readonly<Record<string, string>> {
  const [file, folder] = [path, dirname(path)].map((each) => paths.toVirtual(each));
  return {
    "import.meta.url": JSON.stringify(urlOf(file ?? "")),
    "import.meta.filename": JSON.stringify(file),
    "import.meta.dirname": JSON.stringify(folder),
    "import.meta.main": "false",
  };
}

function textLoader({ type }: Readonly<Record<string, string>>): Loader {
  return type === "bytes" ? "binary" : type === "json" ? "json" : "text";
}

function mediaLoader(mediaType: string | undefined): Loader {
  switch (mediaType) {
    case "TypeScript":
    case "Mts":
      return "ts";
    case "Tsx":
      return "tsx";
    case "Jsx":
      return "jsx";
    case "Json":
      return "json";
    default:
      return "js";
  }
}

/** Says what imports lead to. */
class Resolver {
  readonly #sources: BundleSources;
  /** Those of imports. */
  readonly #conditions: ReadonlySet<string>;
  /** Those of calls of `require`. */
  readonly #ofRequire: ReadonlySet<string>;

  constructor(sources: BundleSources) {
    this.#sources = sources;
    const { conditions } = sources.target;
    this.#conditions = new Set(conditions);
    this.#ofRequire = new Set([...conditions.filter((name) => name !== "import"), "require"]);
  }

  resolve(args: OnResolveArgs): OnResolveResult | undefined {
    const { path, importer, kind, namespace } = args;
    if (this.#sources.generated.has(path)) {
      return { path, namespace: "generated" };
    }
    if (path.startsWith(ORIGINAL)) {
      return {
        path: path.slice(ORIGINAL.length),
        namespace: "original",
        sideEffects: false,
      };
    }
    if (
      kind === "entry-point" || namespace === "generated" ||
      this.#isReplaced(args)
    ) {
      return this.#file(path);
    }
    if (path.startsWith("node:")) return { path, external: true };
    // Not every module of the library is one that the application imports.
    if (isLibrary(importer) && path.startsWith(".")) {
      return this.#file(resolve(dirname(importer), path));
    }
    const { graph } = this.#sources;
    // The library goes by its own import map, also where it is a package of the application.
    if (!isLibrary(importer) && graph.packages.packageOf(importer) !== undefined) {
      return this.#inPackage(args);
    }
    const door = doorAt(path);
    if (door !== null) return this.#file(door);
    const url = namespace === "fetched" ? importer : urlOf(importer);
    return this.#found(graph.resolve(path, url, this.#conditions), importer);
  }

  /** A module that stands for another one names files by their paths. */
  #isReplaced({ path, importer, namespace }: OnResolveArgs): boolean {
    return namespace === "file" && path.startsWith("/") &&
      this.#sources.replaced.has(importer);
  }

  #file(path: string): OnResolveResult {
    return isLibrary(path) ? { path, sideEffects: false } : { path };
  }

  #inPackage(
    { path, importer, kind }: OnResolveArgs,
  ): OnResolveResult | undefined {
    const { packages } = this.#sources.graph;
    const within = packages.packageOf(importer);
    if (within === undefined) return undefined;
    const found = packages.resolveWithin(within, path, this.#conditionsOf(kind));
    if (found === undefined) return undefined;
    if (found === null) {
      // What a package asks for while it runs, it can do without: a peer that is not installed.
      if (kind !== "import-statement") return { path, external: true };
      throw new BuildError(
        `Cannot resolve ${JSON.stringify(path)} in the package ${within.name}@${within.version}: ` +
          "it is no dependency of it",
      );
    }
    if ("builtin" in found) return { path: found.builtin, external: true };
    return this.#pure(found.file, importer);
  }

  #conditionsOf(kind: ImportKind): ReadonlySet<string> {
    return kind === "require-call" || kind === "require-resolve"
      ? this.#ofRequire
      : this.#conditions;
  }

  /** An import of which nothing is used may be left out where a package says so, or the library. */
  #pure(path: string, importer: string): OnResolveResult {
    const { packages } = this.#sources.graph;
    const npmPackage = packages.packageOf(path);
    const pure = isLibrary(path) || isLibrary(importer) ||
      npmPackage !== undefined && packages.isPure(npmPackage);
    return pure ? { path, sideEffects: false } : { path };
  }

  #found(found: Resolution, importer: string): OnResolveResult | undefined {
    switch (found.kind) {
      case "builtin": {
        const stub = `${GENERATED}${found.name}`;
        if (this.#sources.generated.has(stub)) {
          return { path: stub, namespace: "generated" };
        }
        return { path: found.name, external: true };
      }
      case "data":
        return undefined;
      case "fetched": {
        const door = doorAt(found.url);
        if (door !== null) return this.#file(door);
        const { url, local } = found;
        return { path: url, namespace: "fetched", pluginData: { local } };
      }
      case "file":
        return this.#pure(found.path, importer);
    }
  }
}
