/**
 * Encodes a value as JSON that can also stand inside a `<script>` element
 * (`tornado.escape.json_encode`).
 *
 * `</` is written `<\/`; a `<` before `!`, `s` or `S` and the two line separators of Unicode are
 * written as `\u` escapes: the text cannot close its script, nor open a comment or another script
 * in it. In a template write `{% raw jsonEncode(value) %}` there, since `{{ }}` escapes for HTML;
 * it is not safe inside a JavaScript string literal.
 *
 * @param value What `JSON.stringify` takes. `undefined` is `null`.
 * @throws {TypeError} For a function, a symbol, a `BigInt` or a value that contains itself.
 *
 * @example
 * ```ts
 * import { escape } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escape.jsonEncode({ a: "</script>" }), String.raw`{"a":"<\/script>"}`);
 * ```
 *
 * @category Text and languages
 */
export function jsonEncode(value: unknown): string {
  const json: string | undefined = JSON.stringify(value ?? null);
  if (json === undefined) {
    throw new TypeError(`Cannot encode a ${typeof value} as JSON`);
  }
  return json.replace(/<(?=[/!sS])|[\u2028\u2029]/g, escapeForScript);
}

function escapeForScript(char: string, at: number, json: string): string {
  if (char === "<" && json[at + 1] === "/") return "<\\";
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * Decodes JSON text, or bytes that are JSON in UTF-8 (`tornado.escape.json_decode`).
 *
 * @param value The text.
 * @throws {SyntaxError} When it is not JSON.
 * @throws {TypeError} When the bytes are not UTF-8.
 *
 * @example
 * ```ts
 * import { escape } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escape.jsonDecode(new TextEncoder().encode('{"a":1}')), { a: 1 });
 * ```
 *
 * @category Text and languages
 */
export function jsonDecode(value: string | Uint8Array): unknown {
  const text = typeof value === "string"
    ? value
    : new TextDecoder("utf-8", { fatal: true }).decode(value);
  return JSON.parse(text);
}
