import { LinkedList, type LinkedListNode } from "../collections/linked_list.ts";
import { Timer } from "../loop/timer.ts";

/** The handle of one deadline in a {@linkcode DeadlineList}. */
export interface Deadline<T> {
  /** Where the deadline stands among those of the same length. */
  readonly node: LinkedListNode<DeadlineEntry<T>>;
  /** The length it was set with, in milliseconds. */
  readonly timeout: number;
}

/** A value, and the time on the monotonic clock at which it expires. */
export interface DeadlineEntry<T> {
  /** What expires. */
  readonly value: T;
  /** When, in milliseconds of `performance.now()`. */
  readonly at: number;
}

interface Group<T> {
  readonly entries: LinkedList<DeadlineEntry<T>>;
  timer: Timer;
}

/**
 * Many timeouts at the price of few timers. Deadlines of equal length expire in the order they were
 * set, so each length needs one timer of the runtime, and setting or removing one is O(1).
 */
export class DeadlineList<T> {
  readonly #groups: Map<number, Group<T>> = new Map();
  readonly #expire: (value: T) => void;

  /** Makes an empty list that hands every value whose time is up to `expire`. */
  constructor(expire: (value: T) => void) {
    this.#expire = expire;
  }

  /** Lets a value expire after a number of milliseconds. */
  add(timeout: number, value: T): Deadline<T> {
    const group = this.#groups.get(timeout) ?? this.#addGroup(timeout);
    return { node: group.entries.push({ value, at: performance.now() + timeout }), timeout };
  }

  /** Takes a deadline back; does nothing if it has expired. */
  remove(deadline: Deadline<T>): void {
    const group = this.#groups.get(deadline.timeout);
    if (group?.entries.remove(deadline.node) && group.entries.size === 0) {
      this.#removeGroup(deadline.timeout, group);
    }
  }

  #addGroup(timeout: number): Group<T> {
    const group = {
      entries: new LinkedList<DeadlineEntry<T>>(),
      timer: this.#timer(timeout, timeout),
    };
    this.#groups.set(timeout, group);
    return group;
  }

  #removeGroup(timeout: number, group: Group<T>): void {
    group.timer.cancel();
    // What expires may have emptied the group, and begun another of its length.
    if (this.#groups.get(timeout) === group) this.#groups.delete(timeout);
  }

  #timer(timeout: number, delay: number): Timer {
    return new Timer(delay, () => this.#elapse(timeout));
  }

  #elapse(timeout: number): void {
    const group = this.#groups.get(timeout);
    if (group === undefined) return;
    const now = performance.now();
    let first = group.entries.first;
    while (first !== undefined && first.value.at <= now) {
      group.entries.remove(first);
      this.#expire(first.value.value);
      first = group.entries.first;
    }
    if (first === undefined) this.#removeGroup(timeout, group);
    else group.timer = this.#timer(timeout, first.value.at - now);
  }
}
