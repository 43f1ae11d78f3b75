/** What the modules of a bundle import, as esbuild has found it. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Metafile } from "esbuild";
import { isLibrary } from "./library.ts";
import { allNamesIn } from "./shaking/used_names.ts";

/**
 * Packages that the library hands nothing of its own to but values and functions: what they call has no
 * name in it.
 */
const PASSIVE = /\/(?:deno-std|acorn|gettext-parser|oauth4webapi)\//;

const COMMON_JS = /\brequire\(|\b__dirname\b|\b__filename\b/;

/** What each module of a bundle imports: what it writes, and the paths that that leads to. */
export type ImportList = readonly (readonly [
  path: string,
  targets: readonly (readonly [specifier: string, target: string])[],
])[];

/**
 * What the modules of a bundle import.
 *
 * @param metafile What esbuild tells of the bundle.
 * @param cwd What its paths start at.
 */
export function importsIn({ inputs }: Metafile, cwd: string): ImportList {
  const toPath = (key: string) =>
    /^[a-z-]{2,}:/.test(key) ? key.replace(/^[a-z-]+:/, "") : resolve(cwd, key);
  return Object.entries(inputs).map(([key, { imports }]) => [
    toPath(key),
    imports.map(({ original, path }) => [original ?? path, toPath(path)] as const),
  ]);
}

/** The modules of one bundle. */
export class ModuleImports {
  readonly #imports: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly #texts: Map<string, string>;
  readonly #names = new Map<string, Iterable<string>>();

  /**
   * @param imports What each of them imports.
   * @param texts The JavaScript of its modules, by path; that of packages is read when it is needed.
   */
  constructor(imports: ImportList, texts: Iterable<readonly [path: string, text: string]>) {
    this.#texts = new Map(texts);
    this.#imports = new Map(imports.map(([path, targets]) => [path, new Map(targets)]));
  }

  /** Whether there are modules of CommonJS that ask the runtime for something. */
  get useCommonJS(): boolean {
    return [...this.#imports.keys()]
      .some((path) => !isLibrary(path) && COMMON_JS.test(this.textOf(path) ?? ""));
  }

  /** The module that an import leads to. */
  target(importer: string, specifier: string): string | undefined {
    return this.#imports.get(importer)?.get(specifier);
  }

  /** A module and what it imports, directly or not, without the library. */
  reachableFrom(entry: string): ReadonlySet<string> {
    const found = new Set<string>();
    const waiting = [entry];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (found.has(path) || isLibrary(path)) continue;
      found.add(path);
      waiting.push(...this.#imports.get(path)?.values() ?? []);
    }
    return found;
  }

  /** Of some modules those that import the library, directly or not. */
  reachingLibrary(paths: Iterable<string>): ReadonlySet<string> {
    const rest = new Set(paths);
    const found = new Set<string>();
    const reaches = (path: string) =>
      [...this.#imports.get(path)?.values() ?? []]
        .some((target) => isLibrary(target) || found.has(target));
    for (let before = -1; before < found.size;) {
      before = found.size;
      for (const path of rest) {
        if (reaches(path)) found.add(path);
      }
      for (const path of found) rest.delete(path);
    }
    return found;
  }

  /** The JavaScript of a module; `undefined` for what is none. */
  textOf(path: string): string | undefined {
    const known = this.#texts.get(path);
    if (known !== undefined || !/\.[cm]?js$/.test(path) || !existsSync(path)) {
      return known;
    }
    const text = readFileSync(path, "utf8");
    this.#texts.set(path, text);
    return text;
  }

  /** Every name in what a module of the library imports of a package; `null` where none matters. */
  foreignNames(
    specifier: string,
    importer: string,
  ): Promise<Iterable<string>> | null {
    const target = this.target(importer, specifier);
    if (
      target === undefined || PASSIVE.test(target) ||
      this.textOf(target) === undefined
    ) {
      return null;
    }
    const known = this.#names.get(target) ?? this.#namesBelow(target);
    this.#names.set(target, known);
    return Promise.resolve(known);
  }

  /** Tells the packages that the library imports from others, and from what they were. */
  get foreignIdentity(): string {
    const targets = [...this.#imports].filter(([path]) => isLibrary(path))
      .flatMap(([, targets]) => [...targets.values()])
      .filter((target) => !isLibrary(target) && existsSync(target));
    return [...new Set(targets)].sort().map((target) => `${target} ${statSync(target).mtimeMs}`)
      .join("\n");
  }

  #namesBelow(target: string): Iterable<string> {
    const names = new Set<string>();
    for (const path of this.reachableFrom(target)) {
      for (const name of allNamesIn(this.textOf(path) ?? "")) names.add(name);
    }
    return names;
  }
}
