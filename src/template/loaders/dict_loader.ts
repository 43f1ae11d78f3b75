import { BaseLoader, type LoaderOptions } from "./base_loader.ts";
import { Template } from "../template.ts";
import { resolveTemplatePath, TemplateNotFoundError } from "./template_path.ts";

/**
 * Loads templates from an object (`tornado.template.DictLoader`).
 *
 * @example
 * ```ts
 * import { DictLoader } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const loader = new DictLoader({
 *   "base.html": "<title>{% block title %}Default{% end %}</title>",
 *   "page.html": '{% extends "base.html" %}{% block title %}{{ name }}{% end %}',
 * });
 * assertEquals(loader.load("page.html").generate({ name: "Ann" }), "<title>Ann</title>");
 * ```
 *
 * @category Templates and pages
 */
export class DictLoader extends BaseLoader {
  readonly #sources: Readonly<Record<string, string>>;

  /**
   * Makes a loader of sources that are at hand.
   *
   * @param sources The sources by their names.
   * @param options What the templates share.
   */
  constructor(sources: Readonly<Record<string, string>>, options: LoaderOptions = {}) {
    super(options);
    this.#sources = sources;
  }

  /** Resolves a name against the directory of its parent, below the root. */
  override resolvePath(name: string, parentPath?: string): string {
    return resolveTemplatePath(name, parentPath);
  }

  /** Compiles the source of a name. */
  protected override createTemplate(name: string): Template {
    const source = Object.hasOwn(this.#sources, name) ? this.#sources[name] : undefined;
    if (source === undefined) {
      throw new TemplateNotFoundError(name, "there is no such template", {
        known: Object.keys(this.#sources),
      });
    }
    return new Template(source, { name, loader: this });
  }
}
