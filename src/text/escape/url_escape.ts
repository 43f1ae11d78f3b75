import { BOOLEAN, checkOptions, type OptionTypes, STRING } from "../../checks/option_check.ts";
import { printable } from "./printable.ts";

/**
 * What {@linkcode urlEscape} and {@linkcode urlUnescape} take beside the value.
 *
 * @category Text and languages
 */
export interface UrlEscapeOptions {
  /**
   * `true`, the default, is for query strings: a space is `+`, a slash is escaped. `false` is for
   * paths: a space is `%20`, a slash stays.
   */
  readonly plus?: boolean;
}

/**
 * What {@linkcode urlUnescape} takes beside the value.
 *
 * @category Text and languages
 */
export interface UrlUnescapeOptions extends UrlEscapeOptions {
  /** The encoding of the bytes, as `TextDecoder` names it. Default `"utf-8"`. */
  readonly encoding?: string;
}

const OPTIONS: OptionTypes = { plus: BOOLEAN };
const UNESCAPE_OPTIONS: OptionTypes = { ...OPTIONS, encoding: STRING };

const UNRESERVED = new Set(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~",
);

/**
 * Percent-encodes a value for a URL; letters, digits and `-._~` stay (RFC 3986 §2.3,
 * `tornado.escape.url_escape`).
 *
 * @param value A string, encoded as UTF-8, or bytes, or anything with a text.
 * @param options For a path, `{ plus: false }`.
 *
 * @example
 * ```ts
 * import { escape } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escape.urlEscape("a/b & c"), "a%2Fb+%26+c");
 * assertEquals(escape.urlEscape("a/b & c", { plus: false }), "a/b%20%26%20c");
 * ```
 *
 * @category Text and languages
 */
export function urlEscape(value: unknown, options: UrlEscapeOptions = {}): string {
  checkOptions(options, OPTIONS);
  const escaped = value instanceof Uint8Array ? escapeBytes(value) : escapeText(printable(value));
  return options.plus === false ? escaped.replaceAll("%2F", "/") : escaped.replaceAll("%20", "+");
}

function escapeText(text: string): string {
  // encodeURIComponent throws on a lone surrogate and leaves five reserved characters alone.
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => percent(char.charCodeAt(0)),
  );
}

function escapeBytes(bytes: Uint8Array): string {
  let escaped = "";
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    escaped += UNRESERVED.has(char) ? char : percent(byte);
  }
  return escaped;
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}

/**
 * Undoes {@linkcode urlEscape}: percent-encoded bytes are decoded as text
 * (`tornado.escape.url_unescape`).
 *
 * A `%` that no two hexadecimal digits follow stays as it is; bytes that are no text in the
 * encoding become U+FFFD.
 *
 * @param value The escaped text.
 * @param options For a path, `{ plus: false }`: a `+` is then a plus sign.
 *
 * @example
 * ```ts
 * import { escape } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escape.urlUnescape("caf%C3%A9+100%"), "café 100%");
 * ```
 *
 * @category Text and languages
 */
export function urlUnescape(
  value: string | Uint8Array,
  options: UrlUnescapeOptions = {},
): string {
  checkOptions(options, UNESCAPE_OPTIONS);
  const text = printable(value);
  if (!/[%+]/.test(text)) return text;
  return new TextDecoder(options.encoding, { ignoreBOM: true })
    .decode(unescapedBytes(text, options));
}

/**
 * Undoes {@linkcode urlEscape} without reading the bytes as text: Tornado's
 * `url_unescape(value, encoding=None)`.
 *
 * @param value The escaped text.
 * @param options For a path, `{ plus: false }`.
 *
 * @example
 * ```ts
 * import { escape } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escape.urlUnescapeBytes("%FF+%00"), new Uint8Array([0xff, 0x20, 0x00]));
 * ```
 *
 * @category Text and languages
 */
export function urlUnescapeBytes(
  value: string | Uint8Array,
  options: UrlEscapeOptions = {},
): Uint8Array<ArrayBuffer> {
  checkOptions(options, OPTIONS);
  return unescapedBytes(value, options);
}

function unescapedBytes(
  value: string | Uint8Array,
  options: UrlEscapeOptions,
): Uint8Array<ArrayBuffer> {
  const escaped = typeof value === "string" ? new TextEncoder().encode(value) : value;
  const bytes = new Uint8Array(escaped.length);
  let length = 0;
  for (let at = 0; at < escaped.length; at++) {
    const byte = escaped[at] ?? 0;
    const decoded = byte === 0x25 ? hexByte(escaped[at + 1], escaped[at + 2]) : -1;
    if (decoded !== -1) at += 2;
    const plain = byte === 0x2b && options.plus !== false ? 0x20 : byte;
    bytes[length++] = decoded === -1 ? plain : decoded;
  }
  return bytes.slice(0, length);
}

function hexByte(high = 0, low = 0): number {
  const digits = String.fromCharCode(high, low);
  return /^[\da-fA-F]{2}$/.test(digits) ? parseInt(digits, 16) : -1;
}
