import { Html } from "../html.ts";
import { printable } from "./printable.ts";

const SPECIAL = /[&<>"']/;

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
  if (typeof value === "string") return escapeText(value);
  if (typeof value === "number") return String(value);
  return Html.is(value) ? value.toString() : escapeText(printable(value));
}

function escapeText(text: string): string {
  const first = text.search(SPECIAL);
  return first === -1 ? text : escapeFrom(text, first);
}

function escapeFrom(text: string, first: number): string {
  let escaped = "";
  let done = 0;
  for (let at = first; at < text.length; at++) {
    const entity = entityOf(text.charCodeAt(at));
    if (entity === "") continue;
    escaped += text.slice(done, at) + entity;
    done = at + 1;
  }
  return escaped + text.slice(done);
}

function entityOf(code: number): string {
  switch (code) {
    case 0x22:
      return "&quot;";
    case 0x26:
      return "&amp;";
    case 0x27:
      return "&#x27;";
    case 0x3c:
      return "&lt;";
    case 0x3e:
      return "&gt;";
    default:
      return "";
  }
}
