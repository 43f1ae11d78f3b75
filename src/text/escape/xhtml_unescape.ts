import { expandReference, REFERENCE } from "./html_reference.ts";
import { printable } from "./printable.ts";

/**
 * Replaces the character references of HTML, named (`&eacute;`) and numeric (`&#233;`, `&#xe9;`),
 * by the rules of WHATWG HTML, a missing semicolon included (`tornado.escape.xhtml_unescape`).
 *
 * @param value Text, or bytes in UTF-8. What is no reference stays as it is.
 *
 * @example
 * ```ts
 * import { escape } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escape.xhtmlUnescape("caf&eacute; &#38; t&#xe9;"), "café & té");
 * ```
 *
 * @category Text and languages
 */
export function xhtmlUnescape(value: string | Uint8Array): string {
  return printable(value).replace(REFERENCE, expandReference);
}
