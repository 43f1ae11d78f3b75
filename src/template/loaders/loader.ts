import { type SourceFiles, sourceFiles } from "../../platform/source_files.ts";
import { BaseLoader, type LoaderOptions } from "./base_loader.ts";
import { Template } from "../template.ts";
import { resolveTemplatePath, TemplateNotFoundError } from "./template_path.ts";

/**
 * Loads templates from a directory (`tornado.template.Loader`).
 *
 * A name is a path with slashes, relative to the template that names it or else to the root. No name
 * leaves the root: not by `..`, not by a leading slash, not by a symbolic link that leads out of it.
 * A template is read and compiled once; then its file is not looked at before `reset()`.
 *
 * @example
 * ```ts
 * import { Loader } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const root = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${root}/base.html`, "<h1>{% block title %}{% end %}</h1>");
 * await Deno.writeTextFile(
 *   `${root}/page.html`,
 *   '{% extends "base.html" %}{% block title %}{{ title }}{% end %}',
 * );
 * const loader = new Loader(root);
 * assertEquals(loader.load("page.html").generate({ title: "Hello" }), "<h1>Hello</h1>");
 * ```
 *
 * @category Templates and pages
 */
export class Loader extends BaseLoader {
  /** The directory, as it was given. */
  readonly root: string;
  readonly #files: SourceFiles;
  #realRoot: string | undefined;

  /**
   * Makes a loader of a directory, which is first looked at when a template is loaded.
   *
   * @param root The directory, absolute or relative to the current one.
   * @param options What the templates share.
   * @throws {UnsupportedFeatureError} If the runtime has no files.
   */
  constructor(root: string, options: LoaderOptions = {}) {
    super(options);
    this.root = root;
    this.#files = sourceFiles("the template loader");
  }

  /** Resolves a name against the directory of its parent, below the root. */
  override resolvePath(name: string, parentPath?: string): string {
    return resolveTemplatePath(name, parentPath);
  }

  /** Forgets the compiled templates and where the root is. */
  override reset(): void {
    super.reset();
    this.#realRoot = undefined;
  }

  /** Reads and compiles the file of a name. */
  protected override createTemplate(name: string): Template {
    const path = this.#files.realPath(`${this.#rootPath(name)}/${name}`);
    if (path === null) {
      throw new TemplateNotFoundError(name, `there is no such file in "${this.root}"`, {
        known: this.#neighbours(name),
      });
    }
    if (!isBelow(path, this.#rootPath(name))) {
      throw new TemplateNotFoundError(name, "it is a link that leads out of the loader's root");
    }
    const source = this.#files.read(path);
    if (source === null) throw new TemplateNotFoundError(name, "it is not a file");
    return new Template(source, { name, loader: this });
  }

  /** The files in the directory of a template that is not there, and in the root. */
  #neighbours(name: string): string[] {
    const directory = name.slice(0, name.lastIndexOf("/") + 1);
    return [...new Set([directory, ""])].flatMap((each) => this.#filesIn(each, name));
  }

  #filesIn(directory: string, name: string): string[] {
    const root = this.#rootPath(name);
    const path = this.#files.realPath(`${root}/${directory}`);
    if (path === null || path !== root && !isBelow(path, root)) return [];
    const names = this.#files.list(path) ?? [];
    return names.filter((file) => file.includes(".")).sort().map((file) => `${directory}${file}`);
  }

  #rootPath(name: string): string {
    this.#realRoot ??= this.#files.realPath(this.root) ?? undefined;
    if (this.#realRoot !== undefined) return this.#realRoot;
    throw new TemplateNotFoundError(
      name,
      `there is no directory "${this.root}"; make it, or name another`,
    );
  }
}

/** Both paths are real ones, so comparing their text is enough. */
function isBelow(path: string, root: string): boolean {
  const [below, above] = [path, root].map((each) => each.replaceAll("\\", "/"));
  return below !== undefined && below.startsWith(`${above?.replace(/\/$/, "")}/`);
}
