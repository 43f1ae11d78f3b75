import { Html } from "../html.ts";
import { escapedText } from "./escaped_text.ts";
import { printable } from "./printable.ts";

/**
 * Escapes a value for HTML text and for quoted attribute values: `&`, `<`, `>`, `"` and `'` become
 * `&amp;`, `&lt;`, `&gt;`, `&quot;` and `&#x27;` (`tornado.escape.xhtml_escape`).
 *
 * It does not make a value safe in an unquoted attribute, in a script, in a style, or as a URL
 * whose scheme the visitor chose.
 *
 * @param value A string; bytes are read as UTF-8, `null` and `undefined` are empty, other values
 * are turned into text first. {@linkcode Html} passes as it is.
 * @throws {TypeError} When the value has no text: a function, a symbol, a promise, a bare object.
 *
 * @example
 * ```ts
 * import { escape } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escape.xhtmlEscape(`<a title="x">`), "&lt;a title=&quot;x&quot;&gt;");
 * ```
 *
 * @category Text and languages
 */
export function xhtmlEscape(value: unknown): string {
  if (typeof value === "string") return escapedText(value);
  if (typeof value === "number") return String(value);
  return Html.is(value) ? value.toString() : escapedText(printable(value));
}
