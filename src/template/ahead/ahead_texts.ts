/** Templates of texts that a build has compiled: what stands in the place of those that compile. */
import { CompiledTemplate, type TemplateCode } from "../compiled_template.ts";
import { BaseLoader, type LoaderOptions } from "../loaders/base_loader.ts";
import { resolveTemplatePath, TemplateNotFoundError } from "../loaders/template_path.ts";
import type { TemplateOptions } from "../template.ts";
import { textKey, textsKey } from "./text_key.ts";

/** What was compiled. */
export interface AheadTexts {
  /** The templates of loaders, by the keys of their texts and by name. */
  readonly loaders: Readonly<Record<string, Readonly<Record<string, TemplateCode>>>>;
  /** Single templates, by the keys of their texts. */
  readonly templates: Readonly<Record<string, TemplateCode>>;
}

/** Loads from an object as `DictLoader` does, if a build has seen it. */
export class AheadDictLoader extends BaseLoader {
  readonly #texts: AheadTexts;
  readonly #sources: Readonly<Record<string, unknown>>;
  #modules: Readonly<Record<string, TemplateCode>> | undefined;

  /**
   * @param texts What was compiled.
   * @param sources The sources by their names.
   * @param options What the templates share.
   */
  constructor(
    texts: AheadTexts,
    sources: Readonly<Record<string, unknown>>,
    options: LoaderOptions = {},
  ) {
    super(options);
    this.#texts = texts;
    this.#sources = sources;
  }

  /** What tells its texts from others. */
  get aheadKey(): string | null {
    return textsKey(this.#sources, this);
  }

  override resolvePath(name: string, parentPath?: string): string {
    return resolveTemplatePath(name, parentPath);
  }

  override reset(): void {
    super.reset();
    this.#modules = undefined;
  }

  protected override createTemplate(name: string): CompiledTemplate {
    this.#modules ??= found(this.#texts.loaders, this.aheadKey);
    if (this.#modules === undefined) throw notSeen(name);
    const code = Object.hasOwn(this.#modules, name) ? this.#modules[name] : undefined;
    if (code !== undefined) return new CompiledTemplate(code, this);
    throw new TemplateNotFoundError(name, "there is no such template", {
      known: Object.keys(this.#sources),
    });
  }
}

/** A template of a text as `Template` is one, if a build has seen it. */
export class AheadTemplate extends CompiledTemplate {
  /** The source of the generated function. */
  readonly code: string;

  /**
   * @param texts What was compiled.
   * @param source The text, or its bytes in UTF-8.
   * @param options Its name, where its relatives are, and how it is read.
   * @throws {Error} If the build has not seen it.
   */
  constructor(texts: AheadTexts, source: string | Uint8Array, options: TemplateOptions = {}) {
    const { name = "<string>", loader, whitespace = loader?.whitespace } = options;
    const inherited = loader === undefined ? "xhtmlEscape" : loader.autoescape;
    const { autoescape = inherited } = options;
    const key = textKey(source, { name, loader: keyOfLoader(loader), autoescape, whitespace });
    const code = found(texts.templates, key);
    if (code === undefined) throw notSeen(name);
    super(code, loader);
    this.code = String(code.render);
  }
}

/** The loaders of a bundle know what tells them from others. */
function keyOfLoader(loader: object | undefined): string | null {
  if (loader === undefined || !("aheadKey" in loader)) return null;
  return typeof loader.aheadKey === "string" ? loader.aheadKey : null;
}

function found<Value>(
  record: Readonly<Record<string, Value>>,
  key: string | null,
): Value | undefined {
  return key !== null && Object.hasOwn(record, key) ? record[key] : undefined;
}

function notSeen(name: string): Error {
  return new Error(
    `Cannot compile template ${
      JSON.stringify(name)
    }: this runtime does not generate code, and the ` +
      "build has not seen it; make the loader or the template at the top of a module, or put its text " +
      'into a file, for the setting "templatePath" or a Loader',
  );
}
