import { checkOptions, OBJECT, type OptionTypes, STRING } from "../checks/option_check.ts";
import { toUnicode } from "../text/escape/utf8.ts";
import type { BaseLoader } from "./loaders/base_loader.ts";
import { CompiledTemplate, type TemplateCode } from "./compiled_template.ts";
import { generateCode, type GeneratedCode, type GeneratorOptions } from "./compiler/generator.ts";
import type { TemplateFile } from "./syntax/nodes.ts";
import { ParseError } from "./syntax/parse_error.ts";
import { Parser } from "./syntax/parser.ts";
import { SourceText } from "./syntax/source_text.ts";
import { TemplateNotFoundError } from "./loaders/template_path.ts";
import { AUTOESCAPE } from "./template_options.ts";
import { defaultWhitespace, isWhitespace, type Whitespace } from "./syntax/whitespace.ts";

/**
 * How a {@linkcode Template} is compiled.
 *
 * @category Templates and pages
 */
export interface TemplateOptions {
  /** The name that errors show. Default `"<string>"`. */
  readonly name?: string;
  /** Finds the templates that this one extends or includes. */
  readonly loader?: BaseLoader;
  /**
   * How `{{ }}` escapes: the name of a function in the namespace, a function from text to text, or
   * `null` for not at all. Default: what the loader says, or `"xhtmlEscape"`. With `null` every
   * value that a visitor wrote can run scripts on the page.
   */
  readonly autoescape?: string | null | ((text: string) => string);
  /**
   * What happens to white space. Default: what the loader says, or `"single"` for names that end
   * in `.html` or `.js` and `"all"` for others.
   */
  readonly whitespace?: Whitespace;
}

const DEFAULT_NAME = "<string>";

/**
 * A template, compiled from its source (`tornado.template.Template`).
 *
 * The language is Tornado's, with JavaScript expressions. Expressions are not restricted, so a
 * template is as trusted as any code: never compile one that a visitor wrote.
 *
 * @example
 * ```ts
 * import { Template } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const page = new Template("{% for name in names %}<li>{{ name }}</li>{% end %}");
 * assertEquals(page.generate({ names: ["Ann", "<Bob>"] }), "<li>Ann</li><li>&lt;Bob&gt;</li>");
 * ```
 *
 * @category Templates and pages
 */
export class Template extends CompiledTemplate {
  // For the functions above. Static and private: a static block would keep bundlers from leaving out the
  // class, and `#` would hide it from them.
  /** The file that it was made of, for the rest of the house. */
  private static fileOf(template: CompiledTemplate): TemplateFile | undefined {
    return template instanceof Template ? template.#file : undefined;
  }

  /** The source of the generated function, to be looked at when something is puzzling. */
  readonly code: string;
  readonly #file: TemplateFile;

  /**
   * Compiles a template.
   *
   * @param source The text, or its bytes in UTF-8.
   * @param options Its name, where its relatives are, and how it is read.
   * @throws {TypeError} For an unknown option, or an ill-typed one.
   * @throws {ParseError} When it, or a template that it extends or includes, has a mistake.
   */
  constructor(source: string | Uint8Array, options: TemplateOptions = {}) {
    const file = parseFile(source, options);
    const resolve = resolverOf(options.loader);
    const generated = generateCode(file, { resolve });
    super(evaluated(file, generated, resolve), options.loader, generated.escapers);
    this.code = generated.code;
    this.#file = file;
  }
}

/**
 * Compiles a template to the text of an ES module, for runtimes that do not allow code to be
 * generated; a {@linkcode PrecompiledLoader} renders it.
 *
 * The module imports nothing. What the template extends and includes becomes part of it.
 *
 * @param source The text of the template, or its bytes in UTF-8.
 * @param options As for {@linkcode Template}. `autoescape` cannot be a function here: give its name.
 * @throws {ParseError} When the template has a mistake.
 * @throws {TypeError} When an escaping function has no name in the template.
 *
 * @example
 * ```ts
 * import { template } from "@gustnado/gustnado";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const code = template.compile("Hello {{ name }}!", { name: "hello.txt" });
 * assertStringIncludes(code, "export function render");
 * ```
 *
 * @category Templates and pages
 */
export function compile(source: string | Uint8Array, options: TemplateOptions = {}): string {
  const file = parseFile(source, options);
  const generator: GeneratorOptions = { resolve: resolverOf(options.loader) };
  const page = generateCode(file, generator);
  if (page.escapers.length > 0) {
    throw new TypeError(
      `Cannot compile "${file.source.name}" ahead of time: autoescape is a function. Name a ` +
        "function of the loader's namespace instead",
    );
  }
  const stream = generateCode(file, { ...generator, streaming: true });
  // Both visit the same lines in the same order, so one list of places serves both.
  return `// Compiled from a template: edit that instead.
export const name = ${JSON.stringify(file.source.name)};
export const places = ${JSON.stringify(JSON.stringify(page.places))};
export ${page.code}
export ${stream.code}
`;
}

const OPTIONS: OptionTypes = {
  name: STRING,
  loader: OBJECT,
  autoescape: AUTOESCAPE,
  // Checked by itself: an unknown mode is a RangeError.
  whitespace: { name: "a whitespace mode", test: () => true },
};

function parseFile(source: string | Uint8Array, options: TemplateOptions): TemplateFile {
  checkOptions(options, OPTIONS);
  const { name = DEFAULT_NAME, loader } = options;
  const whitespace = options.whitespace ?? loader?.whitespace ?? defaultWhitespace(name);
  if (!isWhitespace(whitespace)) {
    throw new RangeError(
      `Cannot compile "${name}": whitespace "${whitespace}" is not one of "all", "single", ` +
        '"oneline"',
    );
  }
  const autoescape = options.autoescape === undefined
    ? loader === undefined ? "xhtmlEscape" : loader.autoescape
    : options.autoescape;
  return new Parser(new SourceText(name, decoded(source, name)), { autoescape, whitespace })
    .parse();
}

function decoded(source: string | Uint8Array, name: string): string {
  try {
    return toUnicode(source).replace(/^\ufeff/, "");
  } catch (cause) {
    if (typeof source !== "string" && !(source instanceof Uint8Array)) throw cause;
    throw new ParseError("Template is not UTF-8", {
      filename: name,
      line: 1,
      cause,
      hint: "Save the file as UTF-8",
    });
  }
}

/** Finds other files; each is looked up once, so that two runs see the same. */
function resolverOf(loader: BaseLoader | undefined): GeneratorOptions["resolve"] {
  const found = new Map<string, TemplateFile>();
  return (name, from, line) => {
    const key = JSON.stringify([from.source.name, name]);
    const file = found.get(key) ?? load(name, { loader, from, line });
    found.set(key, file);
    return file;
  };
}

function load(
  name: string,
  { loader, from, line }: { loader: BaseLoader | undefined; from: TemplateFile; line: number },
): TemplateFile {
  if (loader === undefined) {
    throw from.source.error(`Cannot find "${name}": the template has no loader`, line, {
      hint: "Write new Template(source, { loader }), or take the template from a loader",
    });
  }
  const loaded = loadFrom(loader, name, { from, line });
  const file = Template["fileOf"](loaded);
  if (file !== undefined) return file;
  const source = CompiledTemplate["sourceOf"](loaded);
  if (source !== undefined) return parseFile(source, { name: loaded.name, loader });
  throw from.source.error(`Cannot use "${name}" here: the loader has no source of it`, line, {
    hint: "What a template extends or includes is compiled with it: compile it again",
  });
}

function loadFrom(
  loader: BaseLoader,
  name: string,
  { from, line }: { from: TemplateFile; line: number },
): CompiledTemplate {
  try {
    return loader.load(name, from.source.name);
  } catch (cause) {
    if (cause instanceof ParseError && cause.line > 0) throw cause;
    if (!(cause instanceof Error)) throw cause;
    const reason = cause instanceof ParseError ? cause.reason : cause.message;
    throw from.source.error(reason, line, { cause, hint: hintOf(cause) });
  }
}

function hintOf(cause: Error): string {
  if (cause instanceof TemplateNotFoundError) return cause.hint;
  return cause instanceof ParseError
    ? "Take one of them out, or put what they share into a template of its own"
    : "";
}

function evaluated(
  file: TemplateFile,
  generated: GeneratedCode,
  resolve: GeneratorOptions["resolve"],
): TemplateCode {
  const { name } = file.source;
  let stream: TemplateCode["stream"];
  return {
    name,
    places: generated.places,
    render: evaluate<TemplateCode["render"]>(generated.code, name),
    stream: (rendering) => {
      // Few pages are streamed, so the code for it waits until it is asked for.
      stream ??= evaluate<NonNullable<TemplateCode["stream"]>>(
        generateCode(file, { resolve, streaming: true }).code,
        name,
      );
      return stream(rendering);
    },
  };
}

function evaluate<T>(code: string, name: string): T {
  // The name goes into a comment of the code, so nothing in it may end the line.
  const label = name.replace(/[^\w./-]/g, "_");
  try {
    return new Function(`"use strict";return(${code})\n//# sourceURL=template:${label}`)();
  } catch (cause) {
    if (cause instanceof EvalError) {
      throw new Error(
        `Cannot compile template "${name}": this runtime does not generate code. Compile it ` +
          "ahead of time with template.compile and load it with a PrecompiledLoader",
        { cause },
      );
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ParseError(`Invalid code: ${reason}`, { filename: name, line: 1, cause });
  }
}
