import type { CompiledTemplate, TemplateSurroundings } from "../compiled_template.ts";
import { ParseError } from "../syntax/parse_error.ts";
import { checkOptions, OBJECT, type OptionTypes } from "../../checks/option_check.ts";
import { AUTOESCAPE } from "../template_options.ts";
import { isWhitespace, type Whitespace } from "../syntax/whitespace.ts";

/**
 * What all loaders take.
 *
 * @category Templates and pages
 */
export interface LoaderOptions {
  /**
   * How `{{ }}` escapes in templates that do not say: the name of a function in the namespace, a
   * function from text to text, or `null` for not at all. Default `"xhtmlEscape"`. With `null`
   * every value that a visitor wrote can run scripts on the page.
   */
  readonly autoescape?: string | null | ((text: string) => string);
  /** Names that all templates have. */
  readonly namespace?: Readonly<Record<string, unknown>>;
  /** Modules that `{% import { a } from "name" %}` finds, by their names. */
  readonly imports?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /**
   * What happens to white space in templates that do not say. Default `"single"` for names that
   * end in `.html` or `.js` and `"all"` for others.
   */
  readonly whitespace?: Whitespace;
}

const OPTIONS: OptionTypes = {
  autoescape: AUTOESCAPE,
  namespace: OBJECT,
  imports: OBJECT,
  // Checked by itself: an unknown mode is a RangeError.
  whitespace: { name: "a whitespace mode", test: () => true },
};

/**
 * Finds templates by name and keeps them compiled (`tornado.template.BaseLoader`).
 *
 * A subclass says where templates come from by `createTemplate`.
 *
 * @example
 * ```ts
 * import { BaseLoader, Template, TemplateNotFoundError } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * // Templates out of a database, say.
 * class RowLoader extends BaseLoader {
 *   readonly #rows = new Map([["hello.html", "<p>Hello, {{ name }}</p>"]]);
 *
 *   override resolvePath(name: string) {
 *     return name;
 *   }
 *
 *   protected override createTemplate(name: string) {
 *     const source = this.#rows.get(name);
 *     if (source === undefined) throw new TemplateNotFoundError(name, "there is no such row");
 *     return new Template(source, { name, loader: this });
 *   }
 * }
 *
 * const page = new RowLoader().load("hello.html").generate({ name: "<Ann>" });
 * assertEquals(page, "<p>Hello, &lt;Ann&gt;</p>");
 * ```
 *
 * @category Templates and pages
 */
export abstract class BaseLoader implements TemplateSurroundings {
  /** How `{{ }}` escapes in templates that do not say. */
  readonly autoescape: string | null | ((text: string) => string);
  /** Names that all templates have. */
  readonly namespace: Readonly<Record<string, unknown>>;
  /** Modules that `{% import %}` finds. */
  readonly imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What happens to white space in templates that do not say. */
  readonly whitespace: Whitespace | undefined;
  readonly #templates = new Map<string, CompiledTemplate>();
  /** The templates that are being compiled: each is loaded by the one before. */
  readonly #loading: string[] = [];

  /**
   * Makes an empty loader.
   *
   * @param options What the templates of this loader share.
   * @throws {TypeError} For an unknown option, or an ill-typed one.
   * @throws {RangeError} For an unknown whitespace mode.
   */
  constructor(options: LoaderOptions = {}) {
    checkOptions(options, OPTIONS);
    this.autoescape = options.autoescape === undefined ? "xhtmlEscape" : options.autoescape;
    this.namespace = options.namespace ?? {};
    this.imports = options.imports ?? {};
    this.whitespace = options.whitespace;
    if (options.whitespace !== undefined && !isWhitespace(options.whitespace)) {
      throw new RangeError(
        `Cannot make a loader: whitespace "${options.whitespace}" is not one of "all", "single", ` +
          '"oneline"',
      );
    }
  }

  /** Forgets the compiled templates, so that changed sources are read again. */
  reset(): void {
    this.#templates.clear();
  }

  /**
   * Loads a template; the second time it comes from memory.
   *
   * @param name Its name, relative to the directory of the parent if there is one.
   * @param parentPath The name of the template that names it.
   * @throws {TemplateNotFoundError} When there is none, or the name leaves the root.
   * @throws {ParseError} When it has a mistake.
   */
  load(name: string, parentPath?: string): CompiledTemplate {
    const path = this.resolvePath(name, parentPath);
    const known = this.#templates.get(path);
    if (known !== undefined) return known;
    const template = this.#create(path);
    this.#templates.set(path, template);
    return template;
  }

  /**
   * Turns a name into the one that the loader knows the template by.
   *
   * The names in this package's loaders are paths with slashes that stay below the root.
   *
   * @param name The name.
   * @param parentPath The name of the template that names it.
   */
  abstract resolvePath(name: string, parentPath?: string): string;

  /**
   * Makes the template of a name.
   *
   * @param name What `resolvePath` gave.
   */
  protected abstract createTemplate(name: string): CompiledTemplate;

  #create(path: string): CompiledTemplate {
    if (this.#loading.includes(path)) {
      const circle = [...this.#loading.slice(this.#loading.indexOf(path)), path].join(" → ");
      throw new ParseError(`Template "${path}" contains itself: ${circle}`, {
        filename: this.#loading.at(-1) ?? path,
      });
    }
    this.#loading.push(path);
    try {
      return this.createTemplate(path);
    } finally {
      this.#loading.pop();
    }
  }
}
