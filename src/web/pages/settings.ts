/** The settings of pages: templates, UI modules and UI methods. */
import {
  BOOLEAN,
  FUNCTION,
  OBJECT,
  oneOf,
  type OptionType,
  type SettingTable,
  STRING,
} from "../../checks/option_check.ts";
import type { BaseLoader } from "../../template/loaders/base_loader.ts";
import type { Whitespace } from "../../template/syntax/whitespace.ts";
import type { UINames } from "./ui_settings.ts";

/**
 * What an application can be told of its pages.
 *
 * @category Templates and pages
 */
export interface PageSettings {
  /**
   * The directory of the templates. The first request waits until the template engine is loaded; for a
   * bundle, set `templateLoader`. Default none.
   */
  templatePath?: string;
  /**
   * Where templates come from, in place of `templatePath`. The first request waits until what renders
   * pages is loaded. Default none.
   */
  templateLoader?: BaseLoader;
  /**
   * How templates under `templatePath` escape what `{{ }}` prints, unless they say it: the name of a
   * function, a function, or `null` for not at all, which lets every visitor write scripts into
   * pages. Default `"xhtmlEscape"`.
   */
  autoescape?: string | null | ((text: string) => string);
  /**
   * What happens to white space in templates under `templatePath`, unless they say it. Default
   * `"single"` for names that end in `.html` or `.js` and `"all"` for others.
   */
  templateWhitespace?: Whitespace;
  /**
   * Keep templates compiled. If not, each request reads them anew, so that edits show at once.
   * Default `true`; `false` with `debug`.
   */
  compiledTemplateCache?: boolean;
  /**
   * UI modules by their names: an object, a JavaScript module, or several of them. What is no UI
   * module is passed over. Default none.
   */
  uiModules?: UINames;
  /**
   * Functions that templates can call, by their names; the handler is their first argument. Names
   * that do not begin with a lower-case letter are passed over. Default none.
   */
  uiMethods?: UINames;
}

const LOADER: OptionType = {
  name: "a template loader",
  test: (value) => OBJECT.test(value) && typeof Object(value).load === "function",
};
const ESCAPER: OptionType = {
  name: "a function, the name of one, or null",
  test: (value) => value === null || STRING.test(value) || FUNCTION.test(value),
};

/**
 * The checks of {@linkcode PageSettings}. The defaults of `autoescape` and `templateWhitespace` are
 * those of template loaders.
 */
export const PAGE_SETTINGS: SettingTable<
  PageSettings,
  | "templatePath"
  | "templateLoader"
  | "autoescape"
  | "templateWhitespace"
  | "compiledTemplateCache"
> = {
  templatePath: STRING,
  templateLoader: LOADER,
  autoescape: ESCAPER,
  templateWhitespace: oneOf<Whitespace>("all", "single", "oneline"),
  compiledTemplateCache: BOOLEAN,
  uiModules: { ...OBJECT, default: {} },
  uiMethods: { ...OBJECT, default: {} },
};
