import { raw } from "../../text/html_tag.ts";
import type { NameSource } from "../../template/compiler/scope.ts";
import type { RequestHandler } from "../request_handler.ts";

/** How each name that templates have from their handler is found out. */
const NAMES: Readonly<Record<string, (handler: RequestHandler) => unknown>> = {
  handler: (handler) => handler,
  request: (handler) => handler.request,
  currentUser: (handler) => handler.currentUser,
  locale: (handler) => handler.locale,
  _: (handler) => handler.locale.translate.bind(handler.locale),
  pgettext: (handler) => handler.locale.pgettext.bind(handler.locale),
  xsrfToken: (handler) => handler.xsrfToken,
  // Marked as markup, so that `{{ }}` does not escape it.
  xsrfFormHtml: (handler) => () => raw(handler.xsrfFormHtml()),
  cspNonce: (handler) => handler.cspNonce,
  staticUrl: (handler) => handler.staticUrl.bind(handler),
  reverseUrl: (handler) => handler.reverseUrl.bind(handler),
};

/** The names, and Tornado's spellings of them. */
const SPELLINGS: ReadonlyMap<string, (handler: RequestHandler) => unknown> = new Map(
  Object.entries(NAMES).flatMap(([name, find]) => [[name, find], [snakeCase(name), find]]),
);

/** The names that a template has from its handler. None is computed before it is used. */
export class HandlerNames implements NameSource {
  readonly #handler: RequestHandler;

  /** @param handler The handler. */
  constructor(handler: RequestHandler) {
    this.#handler = handler;
  }

  has(name: string): boolean {
    return SPELLINGS.has(name);
  }

  get(name: string): unknown {
    return SPELLINGS.get(name)?.(this.#handler);
  }

  names(): Iterable<string> {
    return Object.keys(NAMES);
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
