/** Bytes as text, and text as bytes, also on a runtime whose `Uint8Array` has no words for it: Node before 25. */

/** How base64 is written. */
export interface Base64Options {
  /** The last two of the 64 characters. Default `"base64"`: `+` and `/`. */
  readonly alphabet?: "base64" | "base64url";
  /** Whether `=` at the end is left out. Default `false`. */
  readonly omitPadding?: boolean;
}

/** Writes bytes in base64 (RFC 4648 §4 and §5). */
export function toBase64(bytes: Uint8Array, options: Base64Options = {}): string {
  if (typeof bytes.toBase64 === "function") return bytes.toBase64(options);
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  const text = options.omitPadding ? btoa(binary).replace(/=+$/, "") : btoa(binary);
  return options.alphabet === "base64url" ? text.replaceAll("+", "-").replaceAll("/", "_") : text;
}

/** Writes bytes in hexadecimal, in small letters. */
export function toHex(bytes: Uint8Array): string {
  if (typeof bytes.toHex === "function") return bytes.toHex();
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** How many bytes a text has in UTF-8. They are counted: a copy only to measure it is too much. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    if (isPair(unit, text.charCodeAt(i + 1))) i++;
  }
  return bytes;
}

/** Two units that make one character: four bytes, where each alone would be replaced by three. */
function isPair(high: number, low: number): boolean {
  return high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000;
}
