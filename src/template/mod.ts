/**
 * Tornado's template language with JavaScript expressions: templates and the loaders that find them
 * (`tornado.template`).
 *
 * Here are {@linkcode Template}, {@linkcode Loader}, {@linkcode DictLoader},
 * {@linkcode PrecompiledLoader}, {@linkcode BaseLoader}, {@linkcode compile},
 * {@linkcode CompiledTemplate}, {@linkcode filterWhitespace}, {@linkcode ParseError},
 * {@linkcode TemplateError}, {@linkcode TemplateNotFoundError}.
 *
 * @example
 * ```ts
 * import { DictLoader } from "@gustnado/gustnado/template";
 * import { assertEquals } from "@std/assert";
 *
 * const loader = new DictLoader({
 *   "list.html": "{% for name in names %}<li>{{ name }}</li>{% end %}",
 * });
 * const page = await loader.load("list.html").generate({ names: ["Ada", "<Grace>"] });
 * assertEquals(page, "<li>Ada</li><li>&lt;Grace&gt;</li>");
 * ```
 *
 * @module
 */
export { compile, Template, type TemplateOptions } from "./template.ts";
export {
  CompiledTemplate,
  type TemplateCode,
  type TemplateSurroundings,
} from "./compiled_template.ts";
export { BaseLoader, type LoaderOptions } from "./loaders/base_loader.ts";
export { DictLoader } from "./loaders/dict_loader.ts";
export { Loader } from "./loaders/loader.ts";
export { PrecompiledLoader } from "./loaders/precompiled_loader.ts";
export { TemplateNotFoundError, type TemplateNotFoundOptions } from "./loaders/template_path.ts";
export { ParseError, type ParseErrorOptions } from "./syntax/parse_error.ts";
export { TemplateError, type TemplateErrorOptions, type TemplatePlace } from "./template_error.ts";
export { filterWhitespace, type Whitespace } from "./syntax/whitespace.ts";
