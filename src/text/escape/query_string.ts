import { splitUrlEncoded } from "../../http/body/form.ts";
import { BOOLEAN, checkOptions, LIMIT, type OptionTypes } from "../../checks/option_check.ts";

/**
 * How {@linkcode parseQsBytes} reads.
 *
 * @category Text and languages
 */
export interface ParseQsBytesOptions {
  /** Whether fields with an empty value are kept. Default `false`. */
  readonly keepBlankValues?: boolean;
  /** How many fields are read before the query is refused. Default 1,000. */
  readonly maxFields?: number;
}

const OPTIONS: OptionTypes = { keepBlankValues: BOOLEAN, maxFields: LIMIT };

/**
 * Reads a query or a url-encoded form whose values are not text, or in another encoding than UTF-8
 * (`tornado.escape.parse_qs_bytes`).
 *
 * @param query The query without its `?`, or the bytes of the form.
 * @param options What is kept, and how much.
 * @returns The values as bytes, by their names, each byte of which is a character (Latin-1). The
 *   object has no prototype.
 * @throws {HTTPInputError} If there are too many fields.
 *
 * @example
 * ```ts
 * import { escape } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const { a } = escape.parseQsBytes("a=%E9&a=b+c&d=");
 * assertEquals(a, [new Uint8Array([0xe9]), new TextEncoder().encode("b c")]);
 * ```
 *
 * @category Text and languages
 */
export function parseQsBytes(
  query: string | Uint8Array,
  options: ParseQsBytesOptions = {},
): Record<string, Uint8Array[]> {
  checkOptions(options, OPTIONS);
  const { keepBlankValues: keepBlank = false, maxFields } = options;
  const fields: Record<string, Uint8Array[]> = Object.create(null);
  const parsed = splitUrlEncoded(query, { keepBlank, maxFields, decode: latin1 }).all;
  for (const name in parsed) fields[name] = (parsed[name] ?? []).map(bytesOf);
  return fields;
}

/** `TextDecoder` would take Windows' characters for the bytes from 0x80 to 0x9f. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
