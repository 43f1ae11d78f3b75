import { decodeUtf8 } from "../input_error.ts";

const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;

/**
 * Decodes percent escapes as strict UTF-8: for a group of a path. A `%` without two hex digits
 * behind it is kept as it is, as Python does; `+` stays `+`.
 *
 * @param text The encoded text. Without a `%` it is returned itself.
 * @param name What the text is, for the message.
 * @throws {HTTPInputError} (400) If the bytes are not UTF-8.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(percentDecode("caf%C3%A9"), "caf\u00e9");
 * assertEquals(percentDecode("100%"), "100%");
 * ```
 */
export function percentDecode(text: string, name = "url"): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray % or bad UTF-8: these are told apart by the bytes.
    return decodeUtf8(percentDecodeBytes(new TextEncoder().encode(text)), name);
  }
}

/**
 * Decodes the percent escapes in bytes, keeping malformed ones.
 *
 * @param plusIsSpace Whether `+` is a space, as in forms.
 * @returns New bytes, or the source itself if there was nothing to decode.
 */
export function percentDecodeBytes(
  source: Uint8Array,
  { plusIsSpace = false }: { plusIsSpace?: boolean } = {},
): Uint8Array {
  if (!source.includes(PERCENT) && !(plusIsSpace && source.includes(PLUS))) return source;
  const decoded = new Uint8Array(source.length);
  let length = 0;
  for (let index = 0; index < source.length; index++) {
    let byte = source[index] ?? 0;
    if (byte === PERCENT) {
      const value = hexDigit(source[index + 1]) * 16 + hexDigit(source[index + 2]);
      if (value >= 0) {
        byte = value;
        index += 2;
      }
    } else if (plusIsSpace && byte === PLUS) {
      byte = SPACE;
    }
    decoded[length++] = byte;
  }
  return decoded.subarray(0, length);
}

/** The value of a hex digit; NaN, which spoils every sum, for anything else. */
function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lowerCase = byte | 0x20;
  return lowerCase >= 0x61 && lowerCase <= 0x66 ? lowerCase - 0x57 : NaN;
}
