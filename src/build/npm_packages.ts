/** The packages of npm that an application uses, and the files of their modules. */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, sep } from "node:path";

/** What `deno info` tells of a package. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
  readonly localPath: string;
}

/** What a `package.json` says of its modules. */
interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly exports?: unknown;
  readonly imports?: Readonly<Record<string, unknown>>;
  readonly module?: string;
  readonly main?: string;
  readonly sideEffects?: unknown;
}

const URL_OF_PACKAGE = /^npm:\/?((?:@[^/]+\/)?[^/@]+)(?:@([^/]*))?(?:\/(.+))?$/;
const BARE = /^((?:@[^/]+\/)?[^/]+)(?:\/(.+))?$/;
/** The folder of a package, and what it is called there. */
const INSTALLED = /^.*[/\\]node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)(?=[/\\])/;
/** What is tried behind a path that is no file. */
const ENDINGS = [
  "",
  ".js",
  ".mjs",
  ".cjs",
  ".json",
  "/index.js",
  "/index.mjs",
  "/index.cjs",
];

/** The packages, by the identity that Deno gives them. */
export class NpmPackages {
  readonly #byId: Readonly<Record<string, NpmPackage>>;
  readonly #byFolder: readonly NpmPackage[];
  /** Those of folders that npm or somebody else keeps, of which Deno tells nothing. */
  readonly #installed = new Map<string, NpmPackage>();
  readonly #manifests = new Map<string, Manifest>();

  /** @param packages By their identity: name, version, and those of their peers. */
  constructor(packages: Readonly<Record<string, NpmPackage>> = {}) {
    this.#byId = packages;
    // A package within another one's folder is found first.
    this.#byFolder = Object.values(packages)
      .toSorted((a, b) => b.localPath.length - a.localPath.length);
  }

  /** The paths of their `package.json`. */
  get manifests(): string[] {
    return [...this.#byFolder, ...this.#installed.values()]
      .map(({ localPath }) => join(localPath, "package.json"));
  }

  /** The package that a file belongs to. */
  packageOf(path: string): NpmPackage | undefined {
    const known = this.#byFolder.find(({ localPath }) => path.startsWith(localPath + sep));
    if (known !== undefined) return known;
    const [folder, name] = INSTALLED.exec(path) ?? [];
    return folder === undefined || name === undefined ? undefined : this.#installedAt(folder, name);
  }

  /** Whether a package says that importing it does nothing. */
  isPure(npmPackage: NpmPackage): boolean {
    return this.#manifestOf(npmPackage).sideEffects === false;
  }

  /** The file of a module by its `npm:` URL; `null` if there is none. */
  fileOf(
    url: string,
    id: string | undefined,
    conditions: ReadonlySet<string>,
  ): string | null {
    const [, name, version, path] = URL_OF_PACKAGE.exec(url) ?? [];
    const npmPackage = this.#byId[id ?? `${name}@${version}`] ??
      Object.values(this.#byId).find((each) => each.name === name && each.version === version);
    return npmPackage === undefined ? null : this.#moduleOf(npmPackage, path, conditions);
  }

  /** The file of a module of a package by the name that others import it by; `null` for none. */
  fileNamed(
    specifier: string,
    npmPackage: NpmPackage,
    conditions: ReadonlySet<string>,
  ): string | null {
    const [, name, path] = BARE.exec(specifier) ?? [];
    return name === npmPackage.name ? this.#moduleOf(npmPackage, path, conditions) : null;
  }

  /**
   * What an import within a package leads to; `undefined` if it is of a file beside it.
   *
   * @returns A file, or the name of a module of the runtime; `null` if there is none.
   */
  resolveWithin(
    npmPackage: NpmPackage,
    specifier: string,
    conditions: ReadonlySet<string>,
  ):
    | { readonly file: string }
    | { readonly builtin: string }
    | null
    | undefined {
    if (specifier.startsWith(".") || specifier.startsWith("/")) {
      return undefined;
    }
    if (specifier.startsWith("#")) {
      const target = matched(
        this.#manifestOf(npmPackage).imports ?? {},
        specifier,
        conditions,
      );
      if (target === undefined) return null;
      return target.startsWith(".")
        ? { file: join(npmPackage.localPath, target) }
        : this.resolveWithin(npmPackage, target, conditions);
    }
    const [, name = "", path] = BARE.exec(specifier) ?? [];
    const dependency = this.#dependencyOf(npmPackage, name);
    const file = dependency === undefined ? null : this.#moduleOf(dependency, path, conditions);
    if (file !== null) return { file };
    if (isBuiltin(specifier)) {
      return { builtin: `node:${specifier.replace(/^node:/, "")}` };
    }
    return null;
  }

  #dependencyOf(npmPackage: NpmPackage, name: string): NpmPackage | undefined {
    const { dependencies, localPath } = npmPackage;
    const known = [npmPackage, ...dependencies.map((id) => this.#byId[id])]
      .find((each) => each?.name === name);
    if (known !== undefined || !this.#installed.has(localPath)) return known;
    for (let at = localPath; at !== dirname(at); at = dirname(at)) {
      const folder = join(at, "node_modules", name);
      if (existsSync(folder)) return this.#installedAt(realpathSync(folder), name);
    }
    return undefined;
  }

  #installedAt(localPath: string, called: string): NpmPackage {
    const known = this.#installed.get(localPath);
    if (known !== undefined) return known;
    const { name = called, version = "0.0.0" } = this.#manifestOf({ localPath });
    const found: NpmPackage = { name, version, dependencies: [], localPath };
    this.#installed.set(localPath, found);
    return found;
  }

  #moduleOf(
    npmPackage: NpmPackage,
    path: string | undefined,
    conditions: ReadonlySet<string>,
  ): string | null {
    const { exports, module, main } = this.#manifestOf(npmPackage);
    const { localPath } = npmPackage;
    if (exports === undefined || exports === null) {
      const whole = conditions.has("require") ? main : module ?? main;
      return fileAt(join(localPath, path ?? whole ?? "index.js"));
    }
    const map = isSubpathMap(exports) ? exports : { ".": exports };
    const target = matched(
      map,
      path === undefined ? "." : `./${path}`,
      conditions,
    );
    return target === undefined ? null : fileAt(join(localPath, target));
  }

  #manifestOf({ localPath }: Pick<NpmPackage, "localPath">): Manifest {
    const known = this.#manifests.get(localPath);
    if (known !== undefined) return known;
    const file = join(localPath, "package.json");
    const manifest: Manifest = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
    this.#manifests.set(localPath, manifest);
    return manifest;
  }
}

function isSubpathMap(
  exports: unknown,
): exports is Readonly<Record<string, unknown>> {
  return typeof exports === "object" && exports !== null &&
    !Array.isArray(exports) &&
    Object.keys(exports).some((key) => key.startsWith("."));
}

/** What a map of `exports` or `imports` says of a key; a `*` in it stands for anything. */
function matched(
  map: Readonly<Record<string, unknown>>,
  key: string,
  conditions: ReadonlySet<string>,
): string | undefined {
  if (Object.hasOwn(map, key)) return chosen(map[key], conditions);
  for (const [pattern, target] of longestFirst(map)) {
    const [start = "", end = ""] = pattern.split("*");
    if (
      key.length < pattern.length - 1 || !key.startsWith(start) ||
      !key.endsWith(end)
    ) continue;
    const middle = key.slice(start.length, key.length - end.length);
    return chosen(target, conditions)?.replaceAll("*", middle);
  }
  return undefined;
}

function longestFirst(
  map: Readonly<Record<string, unknown>>,
): [string, unknown][] {
  return Object.entries(map)
    .filter(([pattern]) => pattern.includes("*"))
    .toSorted(([a], [b]) => b.length - a.length);
}

/** The first target whose conditions hold. */
function chosen(
  target: unknown,
  conditions: ReadonlySet<string>,
): string | undefined {
  if (typeof target === "string") return target;
  if (typeof target !== "object" || target === null) return undefined;
  if (Array.isArray(target)) {
    return target.map((each) => chosen(each, conditions)).find((each) => each !== undefined);
  }
  for (const [condition, inner] of Object.entries(target)) {
    if (condition !== "default" && !conditions.has(condition)) continue;
    const found = chosen(inner, conditions);
    if (found !== undefined) return found;
  }
  return undefined;
}

function fileAt(path: string): string | null {
  return ENDINGS.map((ending) => path + ending)
    .find((each) => statSync(each, { throwIfNoEntry: false })?.isFile()) ??
    null;
}
