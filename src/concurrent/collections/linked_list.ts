/** One entry of a {@linkcode LinkedList}: the handle by which it is removed. */
export class LinkedListNode<T> {
  /** What the entry holds. */
  readonly value: T;
  /** The entry before this one. */
  previous: LinkedListNode<T> | undefined;
  /** The entry after this one. */
  next: LinkedListNode<T> | undefined;
  /** The list that the entry is in. */
  list: LinkedList<T> | undefined;

  /** Makes an entry that is in no list. */
  constructor(value: T) {
    this.value = value;
  }
}

/**
 * A doubly linked list: first in, first out, and O(1) removal from the middle, which is what a
 * queue of waiters needs when one of them gives up.
 */
export class LinkedList<T> {
  #first: LinkedListNode<T> | undefined;
  #last: LinkedListNode<T> | undefined;
  #size = 0;

  /** How many entries there are. */
  get size(): number {
    return this.#size;
  }

  /** The oldest entry. */
  get first(): LinkedListNode<T> | undefined {
    return this.#first;
  }

  /** Adds a value at the end and returns its handle. */
  push(value: T): LinkedListNode<T> {
    const node = new LinkedListNode(value);
    node.list = this;
    node.previous = this.#last;
    if (this.#last === undefined) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
    this.#size++;
    return node;
  }

  /** Takes an entry out, wherever it is; returns `false` if it is not in this list. */
  remove(node: LinkedListNode<T>): boolean {
    if (node.list !== this) return false;
    const { previous, next } = node;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    // A removed entry that is still referred to must not keep its old neighbours alive.
    node.list = node.previous = node.next = undefined;
    this.#size--;
    return true;
  }

  /** Takes the oldest entry out. */
  shift(): LinkedListNode<T> | undefined {
    const node = this.#first;
    if (node !== undefined) this.remove(node);
    return node;
  }
}
