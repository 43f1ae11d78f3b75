import type { BaseLoader } from "../../template/loaders/base_loader.ts";
import { escapedText } from "../../text/escape/escaped_text.ts";
import type { Exchange } from "../exchange.ts";
import type { RequestHandler } from "../request_handler.ts";
import type { Page } from "./page.ts";

/** What a handler does with pages; see the members of `RequestHandler` that have the same names. */
export class HandlerPages {
  readonly #handler: RequestHandler;
  readonly #exchange: Exchange;
  #page: Page | Promise<Page> | undefined;

  /**
   * @param handler Whose pages they are.
   * @param exchange What stands behind it.
   */
  constructor(handler: RequestHandler, exchange: Exchange) {
    this.#handler = handler;
    this.#exchange = exchange;
  }

  /** Renders a page as the response. */
  render(name: string, namespace: Readonly<Record<string, unknown>>): void | Promise<void> {
    if (this.#exchange.discarding) return;
    if (this.#handler.finished) throw new Error("Cannot render() after finish()");
    const page = this.#currentPage;
    const html = page instanceof Promise
      ? page.then((page) => page.html(name, namespace))
      : page.html(name, namespace);
    if (typeof html === "string") this.#exchange.finish(html);
    else return this.#exchange.finishLater(html);
  }

  /** Renders a template alone. */
  renderString(
    name: string,
    namespace: Readonly<Record<string, unknown>>,
  ): string | Promise<string> {
    const page = this.#currentPage;
    return page instanceof Promise
      ? page.then((page) => page.text(name, namespace))
      : page.text(name, namespace);
  }

  /** Renders a page as the response, piece by piece. */
  async renderStream(name: string, namespace: Readonly<Record<string, unknown>>): Promise<void> {
    const page = await this.#currentPage;
    for await (const chunk of page.stream(name, namespace)) {
      this.#handler.write(chunk);
      await this.#handler.flush();
    }
    this.#exchange.finish();
  }

  /** Makes the loader of a directory of templates. */
  createTemplateLoader(templatePath: string): BaseLoader {
    const kit = this.#exchange.parts.pageKit;
    if (kit instanceof Promise) {
      throw new Error(
        'Cannot make a loader of templates: set "templatePath" or "templateLoader" in the settings ' +
          "of the application",
      );
    }
    return kit.createLoader(templatePath);
  }

  /** Links scripts. */
  renderLinkedJs(files: readonly string[]): string {
    return linkedJs(this.#resourceUrls(files), this.#handler.cspNonce);
  }

  /** Embeds scripts. */
  renderEmbedJs(scripts: readonly string[]): string {
    return embeddedJs(scripts, this.#handler.cspNonce);
  }

  /** Links style sheets. */
  renderLinkedCss(files: readonly string[]): string {
    return linkedCss(this.#resourceUrls(files), this.#handler.cspNonce);
  }

  /** Embeds styles. */
  renderEmbedCss(styles: readonly string[]): string {
    return embeddedCss(styles, this.#handler.cspNonce);
  }

  /** Its kit is there already, unless no setting has asked for pages. */
  get #currentPage(): Page | Promise<Page> {
    return this.#page ??= this.#openPage();
  }

  #openPage(): Page | Promise<Page> {
    const kit = this.#exchange.parts.pageKit;
    return kit instanceof Promise
      ? kit.then((kit) => this.#page = kit.pageOf(this.#handler))
      : kit.pageOf(this.#handler);
  }

  #resourceUrls(files: readonly string[]): string[] {
    const urls = files.map((file) => isAbsolute(file) ? file : this.#handler.staticUrl(file));
    return [...new Set(urls)];
  }
}

/** What a handler does with pages. */
export function pagesOf(handler: RequestHandler, exchange: Exchange): HandlerPages {
  return new HandlerPages(handler, exchange);
}

// ---- scripts and style sheets

/** Tells whether the URL of a resource is used as it is, and not a path below `staticPath`. */
function isAbsolute(url: string): boolean {
  return /^(?:\/|https?:)/.test(url);
}

/** Links scripts. With a nonce, a content security policy lets them run. */
function linkedJs(urls: readonly string[], nonce: string): string {
  const attributes = `type="text/javascript"${nonceAttribute(nonce)}`;
  return urls.map((url) => `<script src="${escapedText(url)}" ${attributes}></script>`).join("");
}

/** Links style sheets. */
function linkedCss(urls: readonly string[], nonce: string): string {
  const attributes = `type="text/css" rel="stylesheet"${nonceAttribute(nonce)}`;
  return urls.map((url) => `<link href="${escapedText(url)}" ${attributes}/>`).join("");
}

/** Embeds scripts; none of them can end the element. */
function embeddedJs(scripts: readonly string[], nonce: string): string {
  const text = scripts.join("\n").replace(/<\/(?=script)/gi, "<\\/");
  const attributes = `type="text/javascript"${nonceAttribute(nonce)}`;
  return `<script ${attributes}>\n//<![CDATA[\n${text}\n//]]>\n</script>`;
}

/** Embeds styles; none of them can end the element. */
function embeddedCss(styles: readonly string[], nonce: string): string {
  const text = styles.join("\n").replace(/<\/(?=style)/gi, "<\\/");
  return `<style type="text/css"${nonceAttribute(nonce)}>\n${text}\n</style>`;
}

function nonceAttribute(nonce: string): string {
  return nonce === "" ? "" : ` nonce="${escapedText(nonce)}"`;
}
