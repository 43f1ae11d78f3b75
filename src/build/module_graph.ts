/** The modules of an application, and what each of their imports means, as Deno finds them. */
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { outcomeOfDeno } from "../platform/deno/deno_program.ts";
import { BuildError } from "./build_error.ts";
import { hashOf } from "./cache_folder.ts";
import { isLibrary, libraryImport } from "./library.ts";
import { type NpmPackage, NpmPackages } from "./npm_packages.ts";

/** What `deno info` tells of an import. */
interface Dependency {
  readonly specifier: string;
  readonly code?: {
    readonly specifier?: string;
    readonly error?: string;
    readonly span?: Span;
  };
}

interface Span {
  readonly start: { readonly line: number; readonly character: number };
}

/** What `deno info` tells of a module. */
interface ModuleEntry {
  readonly specifier: string;
  readonly kind?: string;
  readonly local?: string | null;
  readonly mediaType?: string;
  readonly error?: string;
  readonly npmPackage?: string;
  readonly dependencies?: readonly Dependency[];
}

/** What `deno info` writes. */
interface InfoOutput {
  readonly modules: readonly ModuleEntry[];
  readonly redirects: Readonly<Record<string, string>>;
  readonly npmPackages?: Readonly<Record<string, NpmPackage>>;
}

/** What an import leads to: a file, a module that Deno has fetched, or one of the runtime. */
export type Resolution =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "fetched"; readonly url: string; readonly local: string }
  | { readonly kind: "builtin"; readonly name: string }
  | { readonly kind: "data"; readonly url: string };

/** The modules that can be reached from some others. */
export class ModuleGraph {
  readonly #modules: Map<string, ModuleEntry>;
  readonly #redirects: Readonly<Record<string, string>>;
  /** The packages of npm among them. */
  readonly packages: NpmPackages;

  /** Tells this graph from any other one. */
  readonly identity: string;
  readonly #output: InfoOutput;

  private constructor(output: InfoOutput, identity: string) {
    const { modules, redirects, npmPackages } = output;
    this.identity = identity;
    this.#output = output;
    this.#modules = new Map(modules.map((entry) => [entry.specifier, entry]));
    this.#redirects = redirects;
    this.packages = new NpmPackages(npmPackages);
  }

  /**
   * Asks Deno.
   *
   * @param entry The path of the module to begin with, or a `data:` URL.
   * @param options The `deno.json` to go by, if not the one that is found, and the working directory.
   * @throws {BuildError} If the entry is missing.
   */
  static async read(
    entry: string,
    options: { readonly cwd: string; readonly config: string | undefined },
  ): Promise<ModuleGraph> {
    const { cwd, config } = options;
    const flags = config === undefined ? [] : [`--config=${resolve(cwd, config)}`];
    const { code, output, errors } = await outcomeOfDeno([
      "info",
      "--json",
      ...flags,
      entry,
    ], {
      cwd: entry.startsWith("data:") ? cwd : dirname(entry),
    });
    if (code !== 0) {
      throw new BuildError(`Cannot build ${entry}: ${firstLine(errors)}`);
    }
    return new ModuleGraph(JSON.parse(output), hashOf([output]));
  }

  /**
   * Asks Deno for the packages of the library that this graph lacks: of a module in its cache of npm,
   * Deno looks for the dependencies of the package alone, and knows nothing of an import map.
   */
  async libraryPackages(): Promise<ModuleGraph> {
    const names = new Set(
      [...this.#modules.values()].filter(({ specifier }) => isLibraryUrl(specifier))
        .flatMap(({ dependencies = [] }) => dependencies)
        .flatMap(({ specifier, code }) => code?.error === undefined ? [] : specifier),
    );
    const imports = [...names].flatMap((name) => libraryImport(name) ?? [])
      .map((url) => `import ${JSON.stringify(url)};`);
    if (imports.length === 0) return this;
    return await ModuleGraph.read(`data:text/javascript,${imports.join("")}`, {
      cwd: "/",
      config: undefined,
    });
  }

  /** The modules of both; where both know one, it is that of this graph. */
  with(more: ModuleGraph): ModuleGraph {
    const other = more.#output;
    const { modules, redirects, npmPackages } = this.#output;
    return new ModuleGraph({
      modules: [...other.modules, ...modules],
      redirects: { ...other.redirects, ...redirects },
      npmPackages: { ...other.npmPackages, ...npmPackages },
    }, hashOf([this.identity, more.identity]));
  }

  /** What Deno has against a module, such as that it cannot be parsed; `undefined` for nothing. */
  errorOf(url: string): string | undefined {
    return this.#modules.get(url)?.error;
  }

  /** Whether there is such a module. */
  knows(url: string): boolean {
    return this.#modules.has(url);
  }

  /** Whether a path from one file to another leads elsewhere than it says, by an import map. */
  get mapsPaths(): boolean {
    return [...this.#modules.values()].some(({ specifier: file, dependencies = [] }) =>
      file.startsWith("file:") && dependencies.some(({ specifier, code }) => {
        const found = specifier.startsWith(".") ? code?.specifier : undefined;
        return found !== undefined && found !== new URL(specifier, file).href;
      })
    );
  }

  /** What Deno takes a fetched module for, such as `"TypeScript"`. */
  mediaTypeOf(url: string): string | undefined {
    return this.#modules.get(url)?.mediaType;
  }

  /** The files in which Deno keeps what it has fetched, and those that say what packages have. */
  get fetchedFiles(): string[] {
    const fetched = [...this.#modules.values()]
      .filter(({ specifier }) => !specifier.startsWith("file:"))
      .flatMap(({ local }) => local ?? []);
    return [...fetched, ...this.packages.manifests];
  }

  /** The paths of the files that an entry imports, directly or not, without those of the library. */
  ownFiles(entry: string): ReadonlySet<string> {
    const found = new Set<string>();
    const waiting = [urlOf(entry)];
    for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) {
      if (!url.startsWith("file:")) continue;
      const path = fileURLToPath(url);
      const entry = this.#modules.get(url);
      if (found.has(path) || isLibrary(path) || isInstalled(entry)) continue;
      found.add(path);
      const { dependencies = [] } = entry ?? {};
      waiting.push(
        ...dependencies.flatMap(({ code }) => code?.specifier ?? []),
      );
    }
    return found;
  }

  /**
   * What an import of a module leads to.
   *
   * @param specifier As the module writes it.
   * @param importer The URL of the module.
   * @param conditions Those of packages.
   * @throws {BuildError} If it leads nowhere; the message names the place.
   */
  resolve(
    specifier: string,
    importer: string,
    conditions: ReadonlySet<string>,
  ): Resolution {
    if (specifier.startsWith("data:")) return { kind: "data", url: specifier };
    const dependency = this.#modules.get(importer)?.dependencies
      ?.find((each) => each.specifier === specifier);
    const place = placeOf(importer, dependency?.code?.span);
    const found = dependency?.code?.specifier ??
      (isLibraryUrl(importer) ? libraryImport(specifier) : undefined);
    if (found === undefined) {
      const reason = dependency?.code?.error ?? "Deno knows no such import";
      throw new BuildError(
        `Cannot resolve ${JSON.stringify(specifier)} in ${place}: ${reason}`,
      );
    }
    return this.#locate(this.#redirects[found] ?? found, {
      specifier,
      place,
      conditions,
    });
  }

  #locate(
    url: string,
    { specifier, place, conditions }: {
      readonly specifier: string;
      readonly place: string;
      readonly conditions: ReadonlySet<string>;
    },
  ): Resolution {
    if (url.startsWith("node:")) return { kind: "builtin", name: url };
    const entry = this.#modules.get(url);
    if (entry?.error !== undefined) {
      throw new BuildError(
        `Cannot resolve ${JSON.stringify(specifier)} in ${place}: ${firstLine(entry.error)}`,
      );
    }
    if (url.startsWith("npm:")) {
      const path = this.packages.fileOf(url, entry?.npmPackage, conditions);
      if (path !== null) return { kind: "file", path };
      throw new BuildError(
        `Cannot resolve ${JSON.stringify(specifier)} in ${place}: the package has no such module`,
      );
    }
    if (url.startsWith("file:")) {
      return { kind: "file", path: this.#fileFor(url, specifier, conditions) };
    }
    if (entry?.local) return { kind: "fetched", url, local: entry.local };
    // Such as cloudflare:workers, which the runtime itself has.
    return { kind: "builtin", name: url };
  }

  /** Deno names the file of a package that it would run itself, which may not be that of the target. */
  #fileFor(url: string, specifier: string, conditions: ReadonlySet<string>): string {
    const path = fileURLToPath(url);
    if (!isInstalled(this.#modules.get(url))) return path;
    const npmPackage = this.packages.packageOf(path);
    const name = specifier.replace(/^npm:\/?((?:@[^/]+\/)?[^/@]+)(?:@[^/]*)?/, "$1");
    return npmPackage && this.packages.fileNamed(name, npmPackage, conditions) || path;
  }
}

/** Whether a module is of a `node_modules` folder that Deno does not keep itself. */
function isInstalled(entry: ModuleEntry | undefined): boolean {
  return entry?.kind === "external";
}

function isLibraryUrl(url: string): boolean {
  return url.startsWith("file:") && isLibrary(fileURLToPath(url));
}

/** The URL of a module that is a file. */
export function urlOf(path: string): string {
  return pathToFileURL(path).href;
}

function placeOf(importer: string, span: Span | undefined): string {
  const path = importer.startsWith("file:") ? fileURLToPath(importer) : importer;
  if (span === undefined) return path;
  return `${path}:${span.start.line + 1}:${span.start.character + 1}`;
}

function firstLine(text: string): string {
  return text.trim().replace(/^error: /, "").split("\n")[0] ?? "";
}
