/**
 * The paths of an application in its bundle: what stood below one folder when it was built stands below
 * `/app` then, wherever the bundle is run, and whatever the machine was called that has built it.
 */
import { isAbsolute, relative, resolve, sep } from "node:path";

/** What the folder above all modules of an application is called in its bundle. */
export const VIRTUAL_ROOT = "/app";

/** The paths of one application. */
export class ApplicationPaths {
  readonly #root: string;
  readonly #cwd: string;

  /**
   * @param cwd What relative paths start at.
   * @param modules The paths of the application's own modules.
   */
  constructor(cwd: string, modules: Iterable<string>) {
    this.#cwd = cwd;
    this.#root = [...modules].map((path) => resolve(path, "..")).reduce(
      commonFolder,
      cwd,
    );
  }

  /** What relative paths start at in the bundle. */
  get base(): string {
    return this.toVirtual(this.#cwd);
  }

  /** The path that a file or a folder has in the bundle. What is elsewhere keeps its own. */
  toVirtual(path: string): string {
    const below = relative(this.#root, path);
    if (below === "") return VIRTUAL_ROOT;
    if (below === ".." || below.startsWith(`..${sep}`) || isAbsolute(below)) {
      return path;
    }
    return `${VIRTUAL_ROOT}/${below.replaceAll(sep, "/")}`;
  }

  /** The file or the folder that a path in the bundle stands for, or a path of this machine. */
  toReal(path: string): string {
    if (path === VIRTUAL_ROOT) return this.#root;
    if (path.startsWith(`${VIRTUAL_ROOT}/`)) {
      return resolve(this.#root, path.slice(VIRTUAL_ROOT.length + 1));
    }
    return resolve(this.#cwd, path);
  }
}

function commonFolder(one: string, other: string): string {
  const [a, b] = [one, other].map((each) => each.split(sep));
  const end = a?.findIndex((part, index) => part !== b?.[index]) ?? 0;
  const common = end === -1 ? one : a?.slice(0, end).join(sep) ?? "";
  return common === "" ? sep : common;
}
