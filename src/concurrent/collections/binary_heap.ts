import { logApplicationError } from "../../log.ts";
import { reportRejection } from "../coroutine/promise_like.ts";
import type { QueueStorage } from "../queues/queue_storage.ts";
import { shown } from "../../checks/shown.ts";

/**
 * Says which of two items comes first: negative for `a`, positive for `b`, 0 for either.
 *
 * @category Locks and queues
 */
export type Compare<T> = (a: T, b: T) => number;

interface Entry<T> {
  readonly item: T;
  readonly order: number;
}

/**
 * Items in the order of their priority, those of equal priority in the order they came.
 *
 * Both operations are O(log n). They look up the whole path before they move anything, so a
 * comparison that throws, or gives no number, leaves the heap as it was.
 */
export class BinaryHeap<T> implements QueueStorage<T> {
  readonly #entries: Entry<T>[] = [];
  readonly #compare: Compare<T>;
  #pushes = 0;

  /** Makes an empty heap. */
  constructor(compare: Compare<T>) {
    this.#compare = compare;
  }

  /** How many items there are. */
  get size(): number {
    return this.#entries.length;
  }

  /** Adds an item. */
  push(item: T): void {
    const entry = { item, order: this.#pushes };
    const path = this.#pathUp(entry);
    this.#pushes++;
    this.#place(entry, this.#entries.length, path);
  }

  /** Takes the first item out; `undefined` if there is none. */
  shift(): T | undefined {
    const first = this.#entries[0];
    const last = this.#entries[this.#entries.length - 1];
    if (first === undefined || last === undefined) return undefined;
    const path = this.#pathDown(last);
    this.#entries.pop();
    if (this.#entries.length > 0) this.#place(last, 0, path);
    return first.item;
  }

  /** The ancestors that a new entry at the end goes before, nearest first. */
  #pathUp(entry: Entry<T>): number[] {
    const path: number[] = [];
    let index = this.#entries.length;
    while (index > 0) {
      index = (index - 1) >> 1;
      const parent = this.#entries[index];
      if (parent === undefined || !this.#before(entry, parent)) break;
      path.push(index);
    }
    return path;
  }

  /** The descendants of the root that go before the last entry, which is to take its place. */
  #pathDown(last: Entry<T>): number[] {
    const path: number[] = [];
    let index = this.#firstChild(0);
    while (index !== undefined) {
      const child = this.#entries[index];
      if (child === undefined || !this.#before(child, last)) break;
      path.push(index);
      index = this.#firstChild(index);
    }
    return path;
  }

  /** The child that comes first, of those that stay when the last entry is gone. */
  #firstChild(index: number): number | undefined {
    const left = 2 * index + 1;
    const size = this.#entries.length - 1;
    if (left >= size) return undefined;
    const right = left + 1;
    const [leftEntry, rightEntry] = [this.#entries[left], this.#entries[right]];
    if (right >= size || leftEntry === undefined || rightEntry === undefined) return left;
    return this.#before(rightEntry, leftEntry) ? right : left;
  }

  /** Moves each entry of a path one step along it and puts an entry where the path ends. */
  #place(entry: Entry<T>, from: number, path: readonly number[]): void {
    let hole = from;
    for (const index of path) {
      const moved = this.#entries[index];
      if (moved === undefined) break;
      this.#entries[hole] = moved;
      hole = index;
    }
    this.#entries[hole] = entry;
  }

  #before(a: Entry<T>, b: Entry<T>): boolean {
    const order = this.#compare(a.item, b.item);
    if (typeof order !== "number" || Number.isNaN(order)) throw noOrder(order);
    return order < 0 || (order === 0 && a.order < b.order);
  }
}

function noOrder(order: unknown): TypeError {
  // Nobody waits for what an async comparison returns.
  reportRejection(order, (error) => logApplicationError("Exception in a comparison", error));
  return new TypeError(
    `Cannot order two items: the compare function returned ${shown(order)}, not a number`,
  );
}
