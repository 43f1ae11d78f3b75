import type { Html } from "../../text/html.ts";
import type { Locale } from "../../text/locale/locale.ts";
import type { HTTPServerRequest } from "../request/http_server_request.ts";
import type { RequestHandler } from "../request_handler.ts";

/**
 * What the `render` of a UI module may give. It is not escaped.
 *
 * @category Templates and pages
 */
export type UIModuleOutput = string | Html | Uint8Array | Promise<string | Html | Uint8Array>;

/**
 * A part of pages, with the scripts and styles that it needs (`tornado.web.UIModule`).
 *
 * Derive from it, define `render`, and name the class in the setting `uiModules`; templates then
 * write `{% module Name(arguments) %}`. For every request and name there is one instance, however
 * often a page uses it, and its resources go into the page once: styles into the head, scripts to
 * the end of the body.
 *
 * @example
 * ```ts
 * import { Application, DictLoader, html, RequestHandler, UIModule } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Entry extends UIModule {
 *   override render(title: string) {
 *     return html`<h2>${title}</h2>`;
 *   }
 *   override embeddedCss() {
 *     return "h2 { color: green }";
 *   }
 * }
 *
 * class Home extends RequestHandler {
 *   override get() {
 *     this.render("home.html", { titles: ["One", "<Two>"] });
 *   }
 * }
 *
 * const templateLoader = new DictLoader({
 *   "home.html": "<head></head><body>{% for t in titles %}{% module Entry(t) %}{% end %}</body>",
 * });
 * const app = new Application([["/", Home]], { templateLoader, uiModules: { Entry } });
 * const response = await app.fetch(new Request("http://localhost/"));
 * assertEquals(
 *   await response.text(),
 *   '<head><style type="text/css">\nh2 { color: green }\n</style>\n</head>' +
 *     "<body><h2>One</h2><h2>&lt;Two&gt;</h2></body>",
 * );
 * ```
 *
 * @category Templates and pages
 */
export abstract class UIModule {
  /** The handler whose page it is part of. */
  readonly handler: RequestHandler;

  /**
   * Modules are made by the page that uses them, once for each name.
   *
   * @param handler The handler whose page it is part of.
   */
  constructor(handler: RequestHandler) {
    this.handler = handler;
  }

  /** The request. */
  get request(): HTTPServerRequest {
    return this.handler.request;
  }

  /** The visitor's locale. */
  get locale(): Locale {
    return this.handler.locale;
  }

  /** The user; found out when it is first asked for. */
  get currentUser(): unknown {
    return this.handler.currentUser;
  }

  /**
   * Renders the part. Runs for every use.
   *
   * @param args What the template passes.
   * @returns Markup, or a promise of it, which makes the page wait.
   */
  abstract render(...args: unknown[]): UIModuleOutput;

  /** A script to be written into the page; `null` for none. */
  embeddedJavascript(): string | null {
    return null;
  }

  /** Script files: absolute URLs, or paths for `staticUrl`; `null` for none. */
  javascriptFiles(): string | readonly string[] | null {
    return null;
  }

  /** Styles to be written into the page; `null` for none. */
  embeddedCss(): string | null {
    return null;
  }

  /** Style sheets: absolute URLs, or paths for `staticUrl`; `null` for none. */
  cssFiles(): string | readonly string[] | null {
    return null;
  }

  /** Markup for the end of the head; `null` for none. */
  htmlHead(): string | null {
    return null;
  }

  /** Markup for the end of the body; `null` for none. */
  htmlBody(): string | null {
    return null;
  }

  /** Renders a template, as `RequestHandler.renderString`. */
  renderString(
    path: string,
    namespace: Readonly<Record<string, unknown>> = {},
  ): string | Promise<string> {
    return this.handler.renderString(path, namespace);
  }
}

/**
 * A class of UI modules.
 *
 * @category Templates and pages
 */
export type UIModuleClass = new (handler: RequestHandler) => UIModule;
