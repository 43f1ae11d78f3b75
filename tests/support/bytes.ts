/**
 * Joins byte arrays into a new one.
 *
 * @param parts The arrays in their order.
 * @returns All their bytes.
 */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
