import { LinkedList, type LinkedListNode } from "./linked_list.ts";

/** An entry of an {@linkcode AgedMap}. */
export interface AgedEntry<K, V> {
  /** What it is found by. */
  readonly key: K;
  /** What it holds. */
  readonly value: V;
}

/**
 * A map that finds its oldest entry at once: for what remembers only so much. A `Map` has an order,
 * too, but steps over all that was removed from its beginning to find the first that is left.
 */
export class AgedMap<K, V> {
  readonly #nodes: Map<K, LinkedListNode<AgedEntry<K, V>>> = new Map();
  #entries: LinkedList<AgedEntry<K, V>> = new LinkedList();

  /** How many entries there are. */
  get size(): number {
    return this.#nodes.size;
  }

  /** The entry that was set longest ago. */
  get oldest(): AgedEntry<K, V> | undefined {
    return this.#entries.first?.value;
  }

  /** The value of a key. */
  get(key: K): V | undefined {
    return this.#nodes.get(key)?.value.value;
  }

  /** Sets the value of a key, whose entry is the youngest from now on. */
  set(key: K, value: V): void {
    this.delete(key);
    this.#nodes.set(key, this.#entries.push({ key, value }));
  }

  /** Removes the entry of a key, if there is one. */
  delete(key: K): void {
    const node = this.#nodes.get(key);
    if (node === undefined) return;
    this.#nodes.delete(key);
    this.#entries.remove(node);
  }

  /** All entries, in no order that counts. */
  entries(): AgedEntry<K, V>[] {
    return Array.from(this.#nodes.values(), ({ value }) => value);
  }

  /** Removes all entries. */
  clear(): void {
    this.#nodes.clear();
    this.#entries = new LinkedList();
  }
}
