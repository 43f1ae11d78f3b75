/**
 * The `template` namespace: what `tornado.template` holds.
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
