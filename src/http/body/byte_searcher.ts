/**
 * Finds a sequence of bytes that starts with a byte it has nowhere else, such as the `\r` of a
 * multipart delimiter.
 *
 * It skips ahead by the last byte (Horspool) and compares from the first. As the first byte is
 * unique in the sequence, comparisons never overlap and the search is linear at worst.
 */
export class ByteSearcher {
  readonly #sequence: Uint8Array;
  /** How far to move on when a byte is under the last one of the sequence. */
  readonly #skips: Uint8Array = new Uint8Array(256);

  /**
   * Prepares the search.
   *
   * @param sequence At most 255 bytes, the first of which occurs once.
   */
  constructor(sequence: Uint8Array) {
    const last = sequence.length - 1;
    this.#sequence = sequence;
    this.#skips.fill(sequence.length);
    for (let index = 0; index < last; index++) this.#skips[sequence[index] ?? 0] = last - index;
  }

  /** The index of the first occurrence at `from` or after it, or -1. */
  search(bytes: Uint8Array, from: number): number {
    const last = this.#sequence.length - 1;
    let index = from;
    while (index + last < bytes.length) {
      if (this.#isAt(bytes, index)) return index;
      index += this.#skips[bytes[index + last] ?? 0] ?? 1;
    }
    return -1;
  }

  #isAt(bytes: Uint8Array, index: number): boolean {
    for (let offset = 0; offset < this.#sequence.length; offset++) {
      if (bytes[index + offset] !== this.#sequence[offset]) return false;
    }
    return true;
  }
}
