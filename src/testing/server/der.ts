/** The distinguished encoding of ASN.1 (ITU-T X.690), as far as certificates need it. */

/** A sequence of what is encoded already. */
export function sequence(...items: readonly Uint8Array[]): Uint8Array {
  return tagged(0x30, concatenated(items));
}

/** A set of one. */
export function set(item: Uint8Array): Uint8Array {
  return tagged(0x31, item);
}

/** `true` or `false`. */
export function boolean(value: boolean): Uint8Array {
  return tagged(0x01, Uint8Array.of(value ? 0xff : 0));
}

/** A number from 0, by its bytes, the highest first. */
export function integer(magnitude: Uint8Array): Uint8Array {
  const start = magnitude.findIndex((byte) => byte !== 0);
  const digits = start === -1 ? Uint8Array.of(0) : magnitude.subarray(start);
  // With the highest bit, it would be below 0.
  const isHigh = (digits[0] ?? 0) >= 0x80;
  return tagged(0x02, isHigh ? Uint8Array.of(0, ...digits) : digits);
}

/** Bits. */
export function bitString(value: Uint8Array, unused: number = 0): Uint8Array {
  return tagged(0x03, Uint8Array.of(unused, ...value));
}

/** Bytes. */
export function bytes(value: Uint8Array): Uint8Array {
  return tagged(0x04, value);
}

/** The identifier of something, such as `"2.5.4.3"`. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return tagged(0x06, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** Text. */
export function utf8(text: string): Uint8Array {
  return tagged(0x0c, new TextEncoder().encode(text));
}

/** A point in time until 2049, written `YYMMDDHHMMSSZ`. */
export function time(text: string): Uint8Array {
  return tagged(0x17, new TextEncoder().encode(text));
}

/** A member that is known by its number, around its value. */
export function explicit(number: number, value: Uint8Array): Uint8Array {
  return tagged(0xa0 + number, value);
}

/** A member that is known by its number, in place of its type. */
export function implicit(number: number, content: Uint8Array): Uint8Array {
  return tagged(0x80 + number, content);
}

function tagged(tag: number, content: Uint8Array): Uint8Array {
  return Uint8Array.of(tag, ...lengthOf(content.length), ...content);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

function base128(number: number): number[] {
  const digits = [number & 0x7f];
  for (let rest = number >> 7; rest > 0; rest >>= 7) digits.unshift(rest & 0x7f | 0x80);
  return digits;
}

function concatenated(items: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(items.flatMap((item) => [...item]));
}
