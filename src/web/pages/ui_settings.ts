import type { RequestHandler } from "../request_handler.ts";
import { LinkifyModule, TemplateModule, XsrfFormHtmlModule } from "./template_module.ts";
import { UIModule, type UIModuleClass } from "./ui_module.ts";

/**
 * A function that templates call without its first argument, the handler.
 *
 * @category Templates and pages
 */
// deno-lint-ignore no-explicit-any -- each has parameters of its own
export type UIMethod = (handler: any, ...args: any[]) => unknown;

/**
 * What the settings `uiModules` and `uiMethods` take: an object, a module, or several of them.
 *
 * @category Templates and pages
 */
export type UINames = object | readonly object[];

/** The UI modules that every application has. */
const BUILTIN: readonly [string, UIModuleClass][] = [
  ["Template", TemplateModule],
  ["linkify", LinkifyModule],
  ["xsrfFormHtml", XsrfFormHtmlModule],
  ["xsrf_form_html", XsrfFormHtmlModule],
];

/**
 * The UI modules of a setting, by their names. What is no UI module is passed over, so that a whole
 * JavaScript module can be given.
 *
 * @param setting The setting.
 */
export function uiModulesOf(setting: UINames = {}): ReadonlyMap<string, UIModuleClass> {
  const modules = new Map(BUILTIN);
  for (const [name, value] of entriesOf(setting)) {
    if (isUIModule(value)) modules.set(name, value);
  }
  return modules;
}

/**
 * The UI methods of a setting, by their names: functions whose name begins with a lower-case letter.
 *
 * @param setting The setting.
 */
export function uiMethodsOf(setting: UINames = {}): ReadonlyMap<string, UIMethod> {
  const methods = new Map<string, UIMethod>();
  for (const [name, value] of entriesOf(setting)) {
    if (/^\p{Ll}/u.test(name) && isFunction(value)) methods.set(name, value);
  }
  return methods;
}

function entriesOf(setting: UINames): [string, unknown][] {
  return (Array.isArray(setting) ? setting : [setting]).flatMap((each) => Object.entries(each));
}

function isUIModule(value: unknown): value is UIModuleClass {
  return isFunction(value) && value.prototype instanceof UIModule;
}

function isFunction(value: unknown): value is UIMethod {
  return typeof value === "function";
}

/** A UI method as a template calls it. */
export function boundMethod(method: UIMethod, handler: RequestHandler): unknown {
  return (...args: readonly unknown[]) => method(handler, ...args);
}
