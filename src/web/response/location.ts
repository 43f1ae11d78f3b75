/** Targets of redirects. */
import { shown } from "../../checks/shown.ts";

/**
 * The value of a `Location` header (RFC 9110 §10.2.2): `url`, with what is not ASCII, and spaces,
 * percent-encoded as UTF-8. Escapes that are there already stay.
 *
 * @throws {TypeError} If it holds a control character, which no URL does.
 */
export function locationOf(url: string): string {
  if (typeof url !== "string") {
    throw new TypeError(`Cannot redirect to ${shown(url)}: expected the URL as a string`);
  }
  for (let i = 0; i < url.length; i++) {
    const code = url.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) {
      const name = code.toString(16).toUpperCase().padStart(4, "0");
      throw new TypeError(`Cannot redirect: the URL contains the control character U+${name}`);
    }
  }
  return url.replace(NOT_ASCII, (text) => encodeURIComponent(text.toWellFormed()));
}

const NOT_ASCII = /[ \u0080-\uffff]+/g;
