import { shown } from "../../checks/shown.ts";

/** How many arguments a call can surely take. */
const LONGEST_CALL = 8_192;

/**
 * A copy of a pattern that finds its first match wherever it was used before.
 *
 * @throws {TypeError} If it is no pattern.
 */
export function searchableRegex(pattern: RegExp): RegExp {
  if (!(pattern instanceof RegExp)) {
    throw new TypeError(`Cannot read until ${shown(pattern)}: it must be a RegExp; see readUntil`);
  }
  return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
}

/** Bytes as a text of one character each, U+0000 to U+00FF, which `TextDecoder` cannot give. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += LONGEST_CALL) {
    text += String.fromCharCode(...bytes.subarray(start, start + LONGEST_CALL));
  }
  return text;
}
