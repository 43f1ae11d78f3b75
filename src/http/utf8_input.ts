import { excerpt } from "./excerpt.ts";
import { HTTPInputError } from "./input_error.ts";

let lenient: TextDecoder | undefined;
let strict: TextDecoder | undefined;

/**
 * Decodes bytes as strict UTF-8. A byte order mark is a character like any other.
 *
 * @param bytes The bytes.
 * @param what What they are, for the message: `argument "name"`.
 * @throws {HTTPInputError} (400) If they are not UTF-8. The message quotes at most 40 of them.
 */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  // The lenient decoder is three times as fast, and what it cannot read leaves a mark.
  const text = (lenient ??= new TextDecoder("utf-8", { ignoreBOM: true })).decode(bytes);
  if (!text.includes("\ufffd")) return text;
  try {
    return (strict ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })).decode(bytes);
  } catch (cause) {
    throw new HTTPInputError(`Invalid unicode in ${what}: ${excerpt(bytes)}`, { cause });
  }
}
