import { BUILTINS } from "./compiler/builtins.ts";
import { Rendering } from "./rendering.ts";
import { moduleIn, plainScope, RecordNames, type TemplateScope } from "./compiler/scope.ts";
import type { TemplatePlace } from "./template_error.ts";

/**
 * The code of a template: what a module written by `template.compile` exports.
 *
 * @category Templates and pages
 */
export interface TemplateCode {
  /** The name of the template. */
  readonly name: string;
  /** The lines of the source that the code refers to; in a module as JSON, read when one is needed. */
  readonly places: readonly TemplatePlace[] | string;
  /** Renders the page. What it is called with is the engine's own. */
  readonly render: (rendering: object) => string | Promise<string>;
  /** Renders the page piece by piece. */
  readonly stream?: (rendering: object) => AsyncGenerator<string>;
  /** What it was compiled from, where other templates extend or include it that are not compiled yet. */
  readonly source?: string;
}

/**
 * What a loader gives to all of its templates.
 *
 * @category Templates and pages
 */
export interface TemplateSurroundings {
  /** Names that every template has. */
  readonly namespace: Readonly<Record<string, unknown>>;
  /** Modules that `{% import %}` finds. */
  readonly imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const NO_SURROUNDINGS: TemplateSurroundings = { namespace: {}, imports: {} };

const BUILTIN_NAMES = new RecordNames(BUILTINS);

/**
 * Renders a page with names that are computed when they are used.
 *
 * @internal
 */
export function generateIn(
  template: CompiledTemplate,
  scope: TemplateScope,
): string | Promise<string> {
  return CompiledTemplate["generateIn"](template, scope);
}

/**
 * Renders a page piece by piece, with names that are computed when they are used.
 *
 * @internal
 */
export function generateStreamIn(
  template: CompiledTemplate,
  scope: TemplateScope,
): AsyncGenerator<string> {
  return CompiledTemplate["generateStreamIn"](template, scope);
}

/**
 * A template that is ready to be rendered, however it was compiled.
 *
 * @example
 * ```ts
 * import { type CompiledTemplate, DictLoader } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const loader = new DictLoader({
 *   "list.txt": "{% for name in names %}{{ name }}\n{% end %}",
 * });
 * const list: CompiledTemplate = loader.load("list.txt");
 * assertEquals(await list.generate({ names: ["Ann", "Bob"] }), "Ann\nBob\n");
 *
 * let page = "";
 * for await (const piece of list.generateStream({ names: ["Cid"] })) page += piece;
 * assertEquals(page, "Cid\n");
 * ```
 *
 * @category Templates and pages
 */
export class CompiledTemplate {
  // For the functions above. Static and private: a static block would keep bundlers from leaving out the
  // class, and `#` would hide it from them.
  /** Generates within another template, for the rest of the house. */
  private static generateIn(
    template: CompiledTemplate,
    scope: TemplateScope,
  ): string | Promise<string> {
    return template.#generate(scope);
  }

  /** As `generateIn`, piece by piece, for the rest of the house. */
  private static generateStreamIn(
    template: CompiledTemplate,
    scope: TemplateScope,
  ): AsyncGenerator<string> {
    return template.#generateStream(scope);
  }

  /** What it was compiled from, if that came along, for the rest of the house. */
  private static sourceOf(template: CompiledTemplate): string | undefined {
    return template.#code.source;
  }

  /** The name of the template, as errors show it. */
  readonly name: string;
  readonly #code: TemplateCode;
  readonly #escapers: readonly ((text: string) => string)[];
  readonly #surroundings: TemplateSurroundings;
  readonly #loaderNames: RecordNames;

  /**
   * Wraps generated code.
   *
   * @param code What was generated.
   * @param surroundings What the loader adds.
   * @param escapers The escaping functions that the code knows by number.
   */
  constructor(
    code: TemplateCode,
    surroundings: TemplateSurroundings = NO_SURROUNDINGS,
    escapers: readonly ((text: string) => string)[] = [],
  ) {
    this.name = code.name;
    this.#code = code;
    this.#surroundings = surroundings;
    this.#loaderNames = new RecordNames(surroundings.namespace);
    this.#escapers = escapers;
  }

  /**
   * Renders the page (`tornado.template.Template.generate`).
   *
   * @param namespace The values of the names in the template: the own properties of an object.
   * @returns The page; a promise of it when the template awaits, or a UI module gave a promise.
   * @throws {TemplateError} When an expression fails, or names what is not there.
   */
  generate(namespace: Readonly<Record<string, unknown>> = {}): string | Promise<string> {
    return this.#generate(plainScope(namespace));
  }

  /**
   * Renders the page piece by piece: what is ready is given away before the template waits, and
   * whenever some KiB have gathered in a loop.
   *
   * @param namespace The values of the names in the template.
   * @throws {TemplateError} When an expression fails, or names what is not there.
   */
  generateStream(namespace: Readonly<Record<string, unknown>> = {}): AsyncGenerator<string> {
    return this.#generateStream(plainScope(namespace));
  }

  #generate(scope: TemplateScope): string | Promise<string> {
    const rendering = this.#start(scope);
    try {
      const page = this.#code.render(rendering);
      if (typeof page === "string") return page;
      return page.catch((error: unknown) => {
        throw rendering.failure(error);
      });
    } catch (error) {
      throw rendering.failure(error);
    }
  }

  async *#generateStream(scope: TemplateScope): AsyncGenerator<string> {
    const rendering = this.#start(scope);
    try {
      if (this.#code.stream) yield* this.#code.stream(rendering);
      else yield await this.#code.render(rendering);
    } catch (error) {
      throw rendering.failure(error);
    }
  }

  #start(scope: TemplateScope): Rendering {
    const { namespace, imports } = this.#surroundings;
    const sources = [...scope.sources, this.#loaderNames, BUILTIN_NAMES];
    const module = (name: string) => scope.module(name) ?? moduleIn(namespace, name);
    return new Rendering({ sources, module }, {
      places: this.#code.places,
      escapers: this.#escapers,
      imports,
    });
  }
}
