import { linkify, type LinkifyOptions } from "../../text/escape/linkify.ts";
import { UIModule, type UIModuleOutput } from "./ui_module.ts";

/**
 * What a template can say in `setResources`: what the hooks of a UI module return.
 *
 * @category Templates and pages
 */
export interface TemplateResources {
  /** A script to be written into the page. */
  readonly embeddedJavascript?: string;
  /** Script files. */
  readonly javascriptFiles?: string | readonly string[];
  /** Styles to be written into the page. */
  readonly embeddedCss?: string;
  /** Style sheets. */
  readonly cssFiles?: string | readonly string[];
  /** Markup for the end of the head. */
  readonly htmlHead?: string;
  /** Markup for the end of the body. */
  readonly htmlBody?: string;
}

/** Tornado's spellings. */
const NAMES: ReadonlyMap<string, keyof TemplateResources> = new Map([
  ["embedded_javascript", "embeddedJavascript"],
  ["javascript_files", "javascriptFiles"],
  ["embedded_css", "embeddedCss"],
  ["css_files", "cssFiles"],
  ["html_head", "htmlHead"],
  ["html_body", "htmlBody"],
]);

/**
 * The UI module that is a template file: `{% module Template("entry.html", { entry }) %}`
 * (`tornado.web.TemplateModule`).
 *
 * Unlike an included file, it sees only what is passed to it and what every template sees. In it,
 * `{{ setResources({ embeddedCss: "…" }) }}` stands for the hooks of a UI module. They are taken once
 * per file, so they must not depend on what is passed.
 *
 * @example
 * ```ts
 * import { Application, DictLoader, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Home extends RequestHandler {
 *   override get() {
 *     this.render("home.html", { titles: ["One", "Two"] });
 *   }
 * }
 *
 * // In templates a TemplateModule is called Template.
 * const templateLoader = new DictLoader({
 *   "home.html":
 *     '<head></head>{% for title in titles %}{% module Template("entry.html", { title }) %}{% end %}',
 *   "entry.html": '{{ setResources({ cssFiles: "/entry.css" }) }}<h2>{{ title }}</h2>',
 * });
 * const app = new Application([["/", Home]], { templateLoader });
 * const response = await app.fetch(new Request("http://localhost/"));
 * assertEquals(
 *   await response.text(),
 *   '<head><link href="/entry.css" type="text/css" rel="stylesheet"/>\n</head><h2>One</h2><h2>Two</h2>',
 * );
 * ```
 *
 * @category Templates and pages
 */
export class TemplateModule extends UIModule {
  /** By template, in the order of first use. */
  readonly #resources = new Map<string, TemplateResources>();

  /** Renders the template. */
  override render(
    path: string,
    namespace: Readonly<Record<string, unknown>> = {},
  ): UIModuleOutput {
    const setResources = (resources: Readonly<Record<string, unknown>>) => {
      this.#setResources(path, resources);
      return "";
    };
    return this.renderString(path, { ...namespace, setResources, set_resources: setResources });
  }

  /** The scripts that templates embed. */
  override embeddedJavascript(): string | null {
    return this.#texts("embeddedJavascript").join("\n");
  }

  /** The script files that templates name. */
  override javascriptFiles(): readonly string[] {
    return this.#texts("javascriptFiles");
  }

  /** The styles that templates embed. */
  override embeddedCss(): string | null {
    return this.#texts("embeddedCss").join("\n");
  }

  /** The style sheets that templates name. */
  override cssFiles(): readonly string[] {
    return this.#texts("cssFiles");
  }

  /** What templates put into the head. */
  override htmlHead(): string | null {
    return this.#texts("htmlHead").join("");
  }

  /** What templates put at the end of the body. */
  override htmlBody(): string | null {
    return this.#texts("htmlBody").join("");
  }

  #texts(name: keyof TemplateResources): string[] {
    return [...this.#resources.values()].flatMap((resources) => resources[name] ?? []);
  }

  #setResources(path: string, given: Readonly<Record<string, unknown>>): void {
    const resources = readResources(path, given);
    const known = this.#resources.get(path);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(resources)) {
      throw new Error(
        `Cannot set the resources of "${path}" twice: they differ, but go into the page once`,
      );
    }
    this.#resources.set(path, resources);
  }
}

function readResources(path: string, given: Readonly<Record<string, unknown>>): TemplateResources {
  const entries = Object.entries(given).map(([written, value]) => {
    const name = NAMES.get(written) ?? [...NAMES.values()].find((each) => each === written);
    const texts = Array.isArray(value) ? value : [value];
    if (name === undefined || !texts.every((each) => typeof each === "string")) {
      throw new TypeError(`Cannot set the resource "${written}" of "${path}": it takes text`);
    }
    return [name, value];
  });
  return Object.fromEntries(entries);
}

/** `{% module linkify(text) %}`: text with its addresses made links. */
export class LinkifyModule extends UIModule {
  /** Renders the text. */
  override render(text: unknown, options: LinkifyOptions = {}): string {
    return linkify(text, options);
  }
}

/** `{% module xsrf_form_html() %}`: the hidden field of `RequestHandler.xsrfFormHtml`. */
export class XsrfFormHtmlModule extends UIModule {
  override render(): string {
    return this.handler.xsrfFormHtml();
  }
}
