/** Where the modules of the library itself are. */
import { existsSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { BuildError } from "./build_error.ts";
import config from "../../deno.json" with { type: "json" };

/** The folder above `src/`: of the source, or what the package has of it beside the build. */
const ROOT = rootOf(import.meta.url);
const SOURCE = join(ROOT, "src") + sep;
/** The build itself is no part of an application. */
const BUILD = join(SOURCE, "build") + sep;

/** The module of the library that has all of the others. */
export const LIBRARY_MAIN: string = join(ROOT, "mod.ts");

/** The version of the library. */
export const LIBRARY_VERSION: string = config.version;

/** A door as an application names it: by the import map, or from JSR or npm in any version. */
const DOOR = new RegExp(`^(?:(?:jsr|npm):/?)?${config.name}(?:@[^/]*)?(/.+)?$`);

const DOORS: Readonly<Record<string, string>> = config.exports;

/** The configuration that the library's own imports go by. */
export const LIBRARY_CONFIG: string = join(ROOT, "deno.json");

/**
 * Looks for the modules of the library, which a bundle is made of.
 *
 * @throws {BuildError} If they are not files of this machine.
 */
export function requireLibrary(): void {
  if (existsSync(LIBRARY_MAIN)) return;
  throw new BuildError(
    "Cannot build: the modules of the library are not on this machine; run the build from a checkout " +
      "of it, or from its npm package",
  );
}

/** Whether a file is a module of the library. */
export function isLibrary(path: string): boolean {
  return path.startsWith(SOURCE) && !path.startsWith(BUILD) ||
    path === LIBRARY_MAIN;
}

/** The file of a module of the library by its path in `src/`. */
export function libraryFile(path: string): string {
  return join(SOURCE, path);
}

/** The module behind a door; `null` if a specifier names none. */
export function doorAt(specifier: string): string | null {
  const [found, path = ""] = DOOR.exec(specifier) ?? [];
  const file = found === undefined ? undefined : DOORS[`.${path}`];
  return file === undefined ? null : join(ROOT, file);
}

const IMPORTS: Readonly<Record<string, string>> = config.imports;

/** What a name stands for that a module of the library imports; `undefined` for none. */
export function libraryImport(name: string): string | undefined {
  if (Object.hasOwn(IMPORTS, name)) return IMPORTS[name];
  const folder = Object.keys(IMPORTS).find((each) => each.endsWith("/") && name.startsWith(each));
  return folder && `${IMPORTS[folder]}${name.slice(folder.length)}`;
}

/** In the package, this module is part of a file at the top, or in a folder there. */
function rootOf(url: string): string {
  if (!url.startsWith("file:")) return "";
  if (url.endsWith("/src/build/library.ts")) {
    return fileURLToPath(new URL("../../", url));
  }
  const folders = ["./modules/", "../modules/"].map((each) => fileURLToPath(new URL(each, url)));
  return folders.find((folder) => existsSync(folder)) ?? "";
}
