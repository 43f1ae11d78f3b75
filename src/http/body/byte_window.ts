/**
 * The bytes of a stream that have come and are not consumed, in one piece.
 *
 * A chunk that finds the window empty is not copied. Bytes that were handed out are never written
 * over, so views of the window stay valid; appending is amortised constant per byte.
 */
export class ByteWindow {
  #bytes: Uint8Array = new Uint8Array(0);
  /** Whether the memory behind the bytes is our own, so that it may be appended to. */
  #isOwned = false;

  /** The bytes that are not consumed. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Adds a chunk at the end. */
  append(chunk: Uint8Array): void {
    if (this.#bytes.length === 0) {
      this.#bytes = chunk;
      this.#isOwned = false;
      return;
    }
    const { buffer, byteOffset, length } = this.#bytes;
    const needed = length + chunk.length;
    if (!this.#isOwned || byteOffset + needed > buffer.byteLength) {
      const grown = new Uint8Array(needed * 2);
      grown.set(this.#bytes);
      grown.set(chunk, length);
      this.#bytes = grown.subarray(0, needed);
      this.#isOwned = true;
      return;
    }
    this.#bytes = new Uint8Array(buffer, byteOffset, needed);
    this.#bytes.set(chunk, length);
  }

  /** Drops bytes from the front. */
  consume(count: number): void {
    this.#bytes = this.#bytes.subarray(count);
  }
}
