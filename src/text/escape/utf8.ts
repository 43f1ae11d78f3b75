/**
 * Encodes text as UTF-8; bytes and `null` pass through (`tornado.escape.utf8`).
 *
 * @param value Text, bytes or `null`.
 * @throws {TypeError} For anything else.
 *
 * @example
 * ```ts
 * import { escape } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escape.utf8("é"), new Uint8Array([0xc3, 0xa9]));
 * assertEquals(escape.utf8(null), null);
 * ```
 *
 * @category Text and languages
 */
export function utf8<T extends string | Uint8Array | null>(
  value: T,
): T extends string ? Uint8Array<ArrayBuffer> : T;
export function utf8(value: unknown): Uint8Array | null {
  if (typeof value === "string") return new TextEncoder().encode(value);
  if (value === null || value instanceof Uint8Array) return value;
  throw wrongType(value);
}

/**
 * Decodes UTF-8; text and `null` pass through (`tornado.escape.to_unicode`).
 *
 * @param value Text, bytes or `null`.
 * @throws {TypeError} For anything else, and for bytes that are not UTF-8.
 *
 * @example
 * ```ts
 * import { escape } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escape.toUnicode(new Uint8Array([0xc3, 0xa9])), "é");
 * assertEquals(escape.toUnicode("é"), "é");
 * ```
 *
 * @category Text and languages
 */
export function toUnicode<T extends string | Uint8Array | null>(
  value: T,
): T extends Uint8Array ? string : T;
export function toUnicode(value: unknown): string | null {
  if (typeof value === "string" || value === null) return value;
  if (!(value instanceof Uint8Array)) throw wrongType(value);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
}

function wrongType(value: unknown): TypeError {
  return new TypeError(`Expected a string, a Uint8Array or null, but got ${typeof value}`);
}
