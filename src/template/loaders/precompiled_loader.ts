import { checkOptions, OBJECT, type OptionTypes } from "../../checks/option_check.ts";
import { BaseLoader, type LoaderOptions } from "./base_loader.ts";
import { CompiledTemplate, type TemplateCode } from "../compiled_template.ts";
import { resolveTemplatePath, TemplateNotFoundError } from "./template_path.ts";

const OPTIONS: OptionTypes = { namespace: OBJECT, imports: OBJECT };

/**
 * Gives out templates that `template.compile` turned into modules, for runtimes that do not allow
 * code to be generated.
 *
 * Escaping and white space were settled when they were compiled.
 *
 * @example
 * ```ts
 * import { PrecompiledLoader, template } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * // When the application is built, for each template:
 * const code = template.compile("Hello {{ name }}!", { name: "hello.txt" });
 *
 * // In the application: import * as hello from "./templates/hello.txt.js";
 * const hello = await import(`data:text/javascript,${encodeURIComponent(code)}`);
 * const loader = new PrecompiledLoader({ "hello.txt": hello });
 * assertEquals(loader.load("hello.txt").generate({ name: "Ann" }), "Hello Ann!");
 * ```
 *
 * @category Templates and pages
 */
export class PrecompiledLoader extends BaseLoader {
  readonly #modules: Readonly<Record<string, TemplateCode>>;

  /**
   * Makes a loader of compiled modules.
   *
   * @param modules The modules by the names of their templates.
   * @param options The namespace and the imports that the templates share.
   * @throws {TypeError} For any other option, or an ill-typed one.
   */
  constructor(
    modules: Readonly<Record<string, TemplateCode>>,
    options: Pick<LoaderOptions, "namespace" | "imports"> = {},
  ) {
    checkOptions(options, OPTIONS);
    super(options);
    this.#modules = modules;
  }

  /** Resolves a name against the directory of its parent, below the root. */
  override resolvePath(name: string, parentPath?: string): string {
    return resolveTemplatePath(name, parentPath);
  }

  /** Wraps the module of a name. */
  protected override createTemplate(name: string): CompiledTemplate {
    const code = Object.hasOwn(this.#modules, name) ? this.#modules[name] : undefined;
    if (code === undefined) {
      throw new TemplateNotFoundError(
        name,
        "it was not compiled; compile it ahead with template.compile",
        {
          known: Object.keys(this.#modules),
        },
      );
    }
    return new CompiledTemplate(code, this);
  }
}
