/**
 * The `template` namespace: what `tornado.template` holds.
 */
export { compile, Template, type TemplateOptions } from "./template.ts";
export {
  CompiledTemplate,
  type TemplateCode,
  type TemplateSurroundings,
} from "./compiled_template.ts";
export { BaseLoader, type LoaderOptions } from "./base_loader.ts";
export { DictLoader } from "./dict_loader.ts";
export { Loader } from "./loader.ts";
export { PrecompiledLoader } from "./precompiled_loader.ts";
export { TemplateNotFoundError, type TemplateNotFoundOptions } from "./template_path.ts";
export { ParseError, type ParseErrorOptions } from "./parse_error.ts";
export { TemplateError, type TemplateErrorOptions, type TemplatePlace } from "./template_error.ts";
export { filterWhitespace, type Whitespace } from "./whitespace.ts";
