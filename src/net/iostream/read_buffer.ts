const EMPTY = new Uint8Array(0);

/**
 * The bytes that have arrived and were not taken yet, in one piece of memory, so that they can be
 * searched. What is moved and copied is linear in what arrives.
 */
export class ReadBuffer {
  #bytes: Uint8Array<ArrayBuffer> = EMPTY;
  #start = 0;
  #end = 0;
  #reserved = false;

  /** How many bytes there are. */
  get size(): number {
    return this.#end - this.#start;
  }

  /** The bytes, where they are: to be read at once and not to be kept. */
  get view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** Memory behind the bytes for more of them, which `commit` then adds. */
  reserve(room: number): Uint8Array<ArrayBuffer> {
    if (this.#bytes.length - this.#end < room) this.#makeRoom(room);
    this.#reserved = true;
    return this.#bytes.subarray(this.#end, this.#end + room);
  }

  /** Adds the bytes that were written to the reserved memory. */
  commit(count: number): void {
    this.#reserved = false;
    this.#end += count;
  }

  /** Where a sequence begins, at or after a position; -1 if it is not there. */
  indexOf(sequence: Uint8Array, position: number): number {
    const { view } = this;
    const [first = 0] = sequence;
    let index = view.indexOf(first, position);
    while (index >= 0 && index + sequence.length <= view.length) {
      if (sequence.every((byte, offset) => view[index + offset] === byte)) return index;
      index = view.indexOf(first, index + 1);
    }
    return -1;
  }

  /** Takes bytes out at the front. */
  take(count: number): Uint8Array<ArrayBuffer> {
    if (count === this.size && this.#mayGiveAway()) return this.#giveAway();
    const taken = this.#bytes.slice(this.#start, this.#start + count);
    this.#skip(count);
    return taken;
  }

  /** Takes bytes out at the front, as many as fit into a given array, and says how many. */
  takeInto(target: Uint8Array): number {
    const count = Math.min(target.length, this.size);
    target.set(this.#bytes.subarray(this.#start, this.#start + count));
    this.#skip(count);
    return count;
  }

  #skip(count: number): void {
    this.#start += count;
    // While memory is reserved, somebody writes to it: nothing may move.
    if (this.#start === this.#end && !this.#reserved) this.#start = this.#end = 0;
  }

  /** Whether what is left is worth giving its memory away instead of copying it. */
  #mayGiveAway(): boolean {
    return !this.#reserved && this.size * 2 >= this.#bytes.length;
  }

  #giveAway(): Uint8Array<ArrayBuffer> {
    const { view } = this;
    this.#bytes = EMPTY;
    this.#start = this.#end = 0;
    return view;
  }

  #makeRoom(room: number): void {
    const { size } = this;
    // Moving at most half of the memory each time keeps the moving linear.
    if (size + room <= this.#bytes.length && this.#start >= this.#bytes.length / 2) {
      this.#bytes.copyWithin(0, this.#start, this.#end);
    } else {
      const bytes = new Uint8Array(Math.max(size + room, size * 2));
      bytes.set(this.view);
      this.#bytes = bytes;
    }
    this.#start = 0;
    this.#end = size;
  }
}
