const LIMIT = 40;

/**
 * Quotes the start of untrusted input for an error message: at most 40 characters or bytes, with
 * everything but printable ASCII written as an escape, so that the message is safe to log.
 *
 * @param source Text, or bytes that may not be text at all.
 * @returns The start of the source in double quotes, with `...` after it when it was cut.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(excerpt("a\nb"), '"a\\x0ab"');
 * assertEquals(excerpt("x".repeat(50)), `"${"x".repeat(40)}"...`);
 * ```
 */
export function excerpt(source: string | Uint8Array): string {
  let quoted = "";
  for (let i = 0; i < source.length && i < LIMIT; i++) {
    const code = typeof source === "string" ? source.charCodeAt(i) : source[i] ?? 0;
    quoted += printable(code);
  }
  return source.length > LIMIT ? `"${quoted}"...` : `"${quoted}"`;
}

function printable(code: number): string {
  if (code === 0x22 || code === 0x5c) return `\\${String.fromCharCode(code)}`;
  if (code >= 0x20 && code <= 0x7e) return String.fromCharCode(code);
  return code <= 0xff
    ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}
