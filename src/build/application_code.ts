/** What an application says of itself by its code: the names in it, and its imports of the library. */
import { GENERATED } from "./bundle_plugin.ts";
import { isLibrary } from "./library.ts";
import type { ModuleImports } from "./module_imports.ts";
import { computesNames } from "./shaking/computed_names.ts";
import { outlineOf } from "./shaking/module_outline.ts";
import { allNamesIn } from "./shaking/used_names.ts";

/** What the application's own modules say, and the packages that they use. */
export class ApplicationCode {
  /** Every name in them. */
  readonly names: ReadonlySet<string>;
  readonly #modules: ModuleImports;
  readonly #texts: readonly (readonly [path: string, text: string])[];

  /** @param entry The application's module. */
  constructor(modules: ModuleImports, entry: string) {
    this.#modules = modules;
    this.#texts = [...modules.reachableFrom(entry)].flatMap(
      (path): [string, string][] => {
        const text = modules.textOf(path);
        return text === undefined ? [] : [[path, text]];
      },
    );
    this.names = new Set(this.#texts.flatMap(([, text]) => [...allNamesIn(text)]));
  }

  /** The names in those that import the library, directly or not: what they may have of it. */
  get namesBesideLibrary(): ReadonlySet<string> {
    const paths = this.#modules.reachingLibrary(this.#texts.map(([path]) => path));
    return new Set(
      this.#texts.flatMap(([path, text]) => paths.has(path) ? [...allNamesIn(text)] : []),
    );
  }

  /** Whether they may reach members by names that are put together while they run. */
  get computesNames(): boolean {
    return this.#texts.some(([, text]) => computesNames(text));
  }

  /** What they import of the library; to know that, they are parsed. */
  get imports(): readonly (readonly [path: string, name: string])[] {
    return this.#texts.flatMap(([path, text]) =>
      libraryImports(text, (specifier) => this.#modules.target(path, specifier))
    );
  }
}

function libraryImports(
  text: string,
  targetOf: (specifier: string) => string | undefined,
): [path: string, name: string][] {
  // Packages that are no modules of the language import nothing of the library.
  if (!/\bimport\b|\bexport\b/.test(text)) return [];
  const { imports, exports, wholes, loose, units } = outlineOf(text, {
    writesCode: false,
  });
  const dynamic = [loose, ...units.map(({ names }) => names)].flatMap((
    { modules },
  ) => modules);
  const wanted: [string | null, string][] = [
    ...[...imports, ...exports].map((
      { from, name },
    ): [string | null, string] => [from, name]),
    ...[...wholes.map(({ from }) => from), ...dynamic].map((
      from,
    ): [string, string] => [from, "*"]),
  ];
  return wanted.flatMap(([from, name]): [string, string][] => {
    const target = from === null ? undefined : targetOf(from);
    return target !== undefined && isLibrary(target) ? [[target, name]] : [];
  });
}

const FILES: readonly string[] = [`${GENERATED}files`, `${GENERATED}translations`];

/** What is generated names the modules of the library by their paths. */
export function importsOfGenerated(
  generated: ReadonlyMap<string, string>,
): [string, string][] {
  return [...generated].filter(([name]) => FILES.includes(name))
    .flatMap(([, text]) => libraryImports(text.slice(0, text.indexOf("\n")), (path) => path));
}
