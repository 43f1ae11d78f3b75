import { Html } from "./html.ts";
import { xhtmlEscape } from "./escape/xhtml.ts";

/**
 * A template literal that escapes what is put into it, with the same escaper as the templates.
 *
 * Strings and other values are escaped for HTML text and quoted attributes; {@linkcode Html} (a
 * nested ``html`…` ``, {@linkcode raw}) passes as it is; arrays are joined; `null`, `undefined`
 * and `false` print nothing, so that `cond && html`…`` reads well.
 *
 * @throws {TypeError} When a value has no text: a function, a symbol, a promise, a bare object.
 *
 * @example
 * ```ts
 * import { html } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const names = ["Ann", "<Bob>"];
 * const list = html`<ul>${names.map((name) => html`<li>${name}</li>`)}</ul>`;
 * assertEquals(String(list), "<ul><li>Ann</li><li>&lt;Bob&gt;</li></ul>");
 * ```
 *
 * @category Text and languages
 */
export function html(strings: TemplateStringsArray, ...values: readonly unknown[]): Html {
  let markup = strings[0] ?? "";
  for (let i = 0; i < values.length; i++) markup += markupOf(values[i]) + strings[i + 1];
  return new Html(markup);
}

function markupOf(value: unknown): string {
  if (typeof value === "string") return xhtmlEscape(value);
  if (value === false) return "";
  if (Array.isArray(value)) return value.map(markupOf).join("");
  return xhtmlEscape(value);
}

/**
 * Vouches for text that is HTML already, so that neither ``html`…` `` nor a template escapes it.
 *
 * Never pass it anything a visitor wrote: that is what the escaping is for.
 *
 * @param markup The HTML.
 *
 * @example
 * ```ts
 * import { html, raw } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * // From a renderer of Markdown that is trusted, say.
 * const body = raw("<em>Hello</em>");
 * assertEquals(String(html`<p>${body}</p>`), "<p><em>Hello</em></p>");
 * ```
 *
 * @category Text and languages
 */
export function raw(markup: string): Html {
  return new Html(markup);
}
