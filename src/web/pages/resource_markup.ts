/** Scripts and style sheets as a page links and embeds them. */
import { xhtmlEscape } from "../../text/escape/xhtml.ts";

/** Tells whether the URL of a resource is used as it is, and not a path below `staticPath`. */
export function isAbsolute(url: string): boolean {
  return /^(?:\/|https?:)/.test(url);
}

/** Links scripts. With a nonce, a content security policy lets them run. */
export function linkedJs(urls: readonly string[], nonce: string): string {
  const attributes = `type="text/javascript"${nonceAttribute(nonce)}`;
  return urls.map((url) => `<script src="${xhtmlEscape(url)}" ${attributes}></script>`).join("");
}

/** Links style sheets. */
export function linkedCss(urls: readonly string[], nonce: string): string {
  const attributes = `type="text/css" rel="stylesheet"${nonceAttribute(nonce)}`;
  return urls.map((url) => `<link href="${xhtmlEscape(url)}" ${attributes}/>`).join("");
}

/** Embeds scripts; none of them can end the element. */
export function embeddedJs(scripts: readonly string[], nonce: string): string {
  const text = scripts.join("\n").replace(/<\/(?=script)/gi, "<\\/");
  const attributes = `type="text/javascript"${nonceAttribute(nonce)}`;
  return `<script ${attributes}>\n//<![CDATA[\n${text}\n//]]>\n</script>`;
}

/** Embeds styles; none of them can end the element. */
export function embeddedCss(styles: readonly string[], nonce: string): string {
  const text = styles.join("\n").replace(/<\/(?=style)/gi, "<\\/");
  return `<style type="text/css"${nonceAttribute(nonce)}>\n${text}\n</style>`;
}

function nonceAttribute(nonce: string): string {
  return nonce === "" ? "" : ` nonce="${xhtmlEscape(nonce)}"`;
}
