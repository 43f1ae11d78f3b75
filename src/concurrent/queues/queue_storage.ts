/**
 * Where a `Queue` keeps its items, and thereby the order in which they leave.
 *
 * A queue with an order of its own is a `Queue` with a storage of its own; Tornado spells this with
 * the hooks `_init`, `_put` and `_get`.
 *
 * @category Locks and queues
 */
export interface QueueStorage<T> {
  /** How many items there are. */
  readonly size: number;
  /** Adds an item. If it throws, the storage must be as before. */
  push(item: T): void;
  /** Takes the next item out. Called only while `size` is above 0. */
  shift(): T | undefined;
}
