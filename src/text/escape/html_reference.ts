import { namedReference } from "./html_entities.ts";

/** Matches what may be a character reference; names are at most 32 characters long. */
export const REFERENCE: RegExp = /&(?:#(\d+|[xX][\da-fA-F]+);?|([a-zA-Z][a-zA-Z\d]{0,31};?))/g;

/**
 * What one match of {@linkcode REFERENCE} stands for (WHATWG HTML §13.2.5.72 to §13.2.5.80).
 *
 * @param match The whole match, which is also the answer when HTML knows no such reference.
 * @param number The digits of a numeric reference, with a leading `x` in hexadecimal.
 * @param name The name of a named one, with the semicolon if there is one.
 */
export function expandReference(match: string, number?: string, name?: string): string {
  if (number !== undefined) return numericReference(number);
  return (name === undefined ? undefined : longestName(name)) ?? match;
}

/** HTML takes the longest name it knows: `&notit;` is `¬it;`. */
function longestName(name: string): string | undefined {
  for (let length = name.length; length > 1; length--) {
    const text = namedReference(name.slice(0, length));
    if (text !== undefined) return text + name.slice(length);
  }
  return undefined;
}

function numericReference(digits: string): string {
  const code = /^[xX]/.test(digits) ? parseInt(digits.slice(1), 16) : parseInt(digits, 10);
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return "\ufffd";
  // The standard reads the C1 controls as the Windows encoding that those who wrote them meant.
  if (code >= 0x80 && code <= 0x9f) {
    return new TextDecoder("windows-1252").decode(Uint8Array.of(code));
  }
  return String.fromCodePoint(code);
}
