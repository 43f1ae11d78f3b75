import type { QueueStorage } from "../queues/queue_storage.ts";

const SMALLEST_CAPACITY = 16;

/** Items in the order they came, in a ring that grows and shrinks with them. */
export class Deque<T> implements QueueStorage<T> {
  #ring: (T | undefined)[] = new Array(SMALLEST_CAPACITY);
  #head = 0;
  #size = 0;

  /** How many items there are. */
  get size(): number {
    return this.#size;
  }

  /** Adds an item at the end. */
  push(item: T): void {
    if (this.#size === this.#ring.length) this.#resize(this.#size * 2);
    // The capacity is a power of two, so the mask is the remainder.
    this.#ring[(this.#head + this.#size) & (this.#ring.length - 1)] = item;
    this.#size++;
  }

  /** Adds an item before the oldest. */
  unshift(item: T): void {
    if (this.#size === this.#ring.length) this.#resize(this.#size * 2);
    this.#head = (this.#head - 1) & (this.#ring.length - 1);
    this.#ring[this.#head] = item;
    this.#size++;
  }

  /** Takes the oldest item out; `undefined` if there is none. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#size--;
    // Shrinking at a quarter, not at a half, keeps a size that swings from copying each time.
    if (this.#size * 4 <= this.#ring.length && this.#ring.length > SMALLEST_CAPACITY) {
      this.#resize(this.#ring.length / 2);
    }
    return item;
  }

  /** The item at a place, counted from the oldest; `undefined` if there is none. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.#size) return undefined;
    return this.#ring[(this.#head + index) & (this.#ring.length - 1)];
  }

  #resize(capacity: number): void {
    const ring = new Array<T | undefined>(capacity);
    for (let index = 0; index < this.#size; index++) {
      ring[index] = this.#ring[(this.#head + index) & (this.#ring.length - 1)];
    }
    this.#ring = ring;
    this.#head = 0;
  }
}
