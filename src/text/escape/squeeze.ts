import { printable } from "./printable.ts";

/**
 * Replaces every run of spaces and control characters (U+0000 to U+0020) by one space and trims
 * both ends (`tornado.escape.squeeze`).
 *
 * @param value The text.
 *
 * @example
 * ```ts
 * import { escape } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escape.squeeze("  many \t\n words "), "many words");
 * ```
 *
 * @category Text and languages
 */
export function squeeze(value: unknown): string {
  // deno-lint-ignore no-control-regex -- control characters are what is squeezed
  return printable(value).replace(/[\x00-\x20]+/g, " ").trim();
}
