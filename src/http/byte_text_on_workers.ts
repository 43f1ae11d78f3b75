/** What stands in the place of `byte_text.ts` in the package, for Workers: their runtime has all of it. */
import type { Base64Options } from "./byte_text.ts";

/** See `byte_text.ts`. */
export function toBase64(bytes: Uint8Array, options?: Base64Options): string {
  return bytes.toBase64(options);
}

/** See `byte_text.ts`. */
export function toHex(bytes: Uint8Array): string {
  return bytes.toHex();
}

/** See `byte_text.ts`. */
export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
