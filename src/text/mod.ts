/**
 * Text for pages and people: escaping, links, URLs and JSON as the namespace `escape`, languages as the
 * namespace `locale`, and tagged templates of HTML (`tornado.escape`, `tornado.locale`).
 *
 * Here are {@linkcode html}, {@linkcode raw}, {@linkcode Html}, {@linkcode Locale},
 * {@linkcode parseCookie}, {@linkcode parseQsBytes}, {@linkcode urlConcat}, {@linkcode escape},
 * {@linkcode locale}.
 *
 * @example
 * ```ts
 * import { escape, html } from "@gustnado/gustnado/text";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escape.xhtmlEscape("a < b"), "a &lt; b");
 * assertEquals(String(html`<p>${"<script>"}</p>`), "<p>&lt;script&gt;</p>");
 * ```
 *
 * @module
 */
export { parseCookie, parseQsBytes, type ParseQsBytesOptions, urlConcat } from "./escape/mod.ts";
export type { DateFormatOptions, Locale, PlaceholderValues } from "./locale/mod.ts";
export { Html } from "./html.ts";
export { html, raw } from "./html_tag.ts";
/**
 * Escaping, links, URLs and JSON (`tornado.escape`).
 *
 * @category Text and languages
 */
export * as escape from "./escape/mod.ts";
/**
 * Languages of visitors, and translations (`tornado.locale`).
 *
 * @category Text and languages
 */
export * as locale from "./locale/mod.ts";
