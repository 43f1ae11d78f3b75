import { atOnce } from "../../concurrent/coroutine/promise_like.ts";
import type { UIModule } from "./ui_module.ts";

/** What the UI modules of a page add to it, as markup. */
export interface PageResources {
  /** For the end of the head. */
  readonly head: string;
  /** For the end of the body. */
  readonly body: string;
}

/** How a handler writes the resources of its pages. */
export interface ResourceWriter {
  /** Links style sheets. */
  renderLinkedCss(files: readonly string[]): string;
  /** Embeds styles. */
  renderEmbedCss(styles: readonly string[]): string;
  /** Links scripts. */
  renderLinkedJs(files: readonly string[]): string;
  /** Embeds scripts. */
  renderEmbedJs(scripts: readonly string[]): string;
}

/**
 * Collects what UI modules add to their page.
 *
 * @param modules The modules that were used, in the order of first use.
 * @param writer What makes markup of it.
 */
export function collectResources(
  modules: readonly UIModule[],
  writer: ResourceWriter,
): PageResources {
  const all = (name: ResourceHook) =>
    modules.flatMap((module) => resourcesOf(module, name)).filter((text) => text !== "");
  const line = (items: readonly string[], write: () => string) =>
    items.length === 0 ? "" : `${write()}\n`;
  const jsFiles = all("javascriptFiles");
  const jsEmbed = all("embeddedJavascript");
  const cssFiles = all("cssFiles");
  const cssEmbed = all("embeddedCss");
  const heads = all("htmlHead");
  const bodies = all("htmlBody");
  return {
    head: line(cssFiles, () => written(writer.renderLinkedCss(cssFiles), "renderLinkedCss()")) +
      line(cssEmbed, () => written(writer.renderEmbedCss(cssEmbed), "renderEmbedCss()")) +
      line(heads, () => heads.join("")),
    body: line(jsFiles, () => written(writer.renderLinkedJs(jsFiles), "renderLinkedJs()")) +
      line(jsEmbed, () => written(writer.renderEmbedJs(jsEmbed), "renderEmbedJs()")) +
      line(bodies, () => bodies.join("")),
  };
}

type ResourceHook =
  | "javascriptFiles"
  | "embeddedJavascript"
  | "cssFiles"
  | "embeddedCss"
  | "htmlHead"
  | "htmlBody";

function resourcesOf(module: UIModule, hook: ResourceHook): string | readonly string[] {
  const name = `${module.constructor.name}.${hook}()`;
  return atOnce(module[hook](), name, "it must not be async; wait in render()") ?? [];
}

function written(markup: string, hook: string): string {
  return atOnce(markup, hook, "it must not be async");
}

const END_OF_HEAD = "</head>";
const END_OF_BODY = "</body>";

/**
 * Puts resources where they belong: before the end of the head, and before the last end of the body.
 * A page without them gets all at its end, where browsers read them as well.
 *
 * @param html The page.
 * @param resources What to add.
 */
export function insertResources(html: string, resources: PageResources): string {
  const headEnd = html.indexOf(END_OF_HEAD);
  if (headEnd === -1) {
    return insertAtEnd(html, resources.head + resources.body);
  }
  const head = html.slice(0, headEnd) + resources.head;
  return head + insertAtEnd(html.slice(headEnd), resources.body);
}

/** Puts markup before the last end of the body, or else at the end. */
export function insertAtEnd(html: string, markup: string): string {
  if (markup === "") return html;
  const bodyEnd = html.lastIndexOf(END_OF_BODY);
  const at = bodyEnd === -1 ? html.length : bodyEnd;
  return html.slice(0, at) + markup + html.slice(at);
}

/** Tells whether a piece of a streamed page holds the end of its body. */
export function endsBody(html: string): boolean {
  return html.includes(END_OF_BODY);
}
