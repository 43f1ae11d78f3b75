import { LinkedList, type LinkedListNode } from "../../concurrent/linked_list.ts";
import { generalLog } from "../../tools/log.ts";
import type { ReplaceOptions, SessionStore } from "./session_store.ts";

/** What a {@linkcode MemorySessionStore} can be told. */
export interface MemorySessionStoreOptions {
  /** The most sessions to keep. Default 100,000. */
  readonly maxSessions?: number;
  /** Tells the time, in milliseconds since the epoch. Default `Date.now`. */
  readonly clock?: () => number;
}

interface Entry {
  readonly key: string;
  readonly record: string;
  readonly expiresAt: number;
}

/** Entries that a write looks at to forget those whose time is over: more than it adds. */
const SWEPT = 2;

/**
 * Keeps sessions in the memory of one process: for development, and for applications that run as one
 * process and may forget who is logged in when it ends.
 *
 * Memory is bounded: beyond `maxSessions` the session that was written longest ago is given up, with
 * one warning. Every operation takes constant time, and there are no timers.
 */
export class MemorySessionStore implements SessionStore {
  readonly #nodes = new Map<string, LinkedListNode<Entry>>();
  /** The same, the one that was written longest ago first: a map is slow to find its first key. */
  readonly #entries = new LinkedList<Entry>();
  readonly #maxSessions: number;
  readonly #clock: () => number;
  #warned = false;

  /**
   * Makes an empty store.
   *
   * @throws {RangeError} If `maxSessions` is not a whole number from 1.
   */
  constructor({ maxSessions = 100_000, clock = Date.now }: MemorySessionStoreOptions = {}) {
    if (!Number.isSafeInteger(maxSessions) || maxSessions < 1) {
      throw new RangeError(
        `Cannot keep ${maxSessions} sessions: maxSessions must be a whole number from 1`,
      );
    }
    this.#maxSessions = maxSessions;
    this.#clock = clock;
  }

  /** How many sessions are kept, some of which may be over. */
  get size(): number {
    return this.#entries.size;
  }

  /** The record under a key; see {@linkcode SessionStore.load}. */
  load(key: string): Promise<string | null> {
    return Promise.resolve(this.#current(key));
  }

  /** Writes a record; see {@linkcode SessionStore.replace}. */
  replace(key: string, record: string, { expected, ttlMs }: ReplaceOptions): Promise<boolean> {
    if (this.#current(key) !== expected) return Promise.resolve(false);
    this.#remove(key);
    this.#makeRoom();
    const expiresAt = this.#clock() + ttlMs;
    this.#nodes.set(key, this.#entries.push({ key, record, expiresAt }));
    return Promise.resolve(true);
  }

  /** Forgets a record; see {@linkcode SessionStore.delete}. */
  delete(key: string): Promise<void> {
    this.#remove(key);
    return Promise.resolve();
  }

  #current(key: string): string | null {
    const entry = this.#nodes.get(key)?.value;
    return entry !== undefined && entry.expiresAt > this.#clock() ? entry.record : null;
  }

  #remove(key: string): void {
    const node = this.#nodes.get(key);
    if (node === undefined) return;
    this.#nodes.delete(key);
    this.#entries.remove(node);
  }

  #makeRoom(): void {
    const now = this.#clock();
    for (let swept = 0; swept < SWEPT; swept++) {
      const oldest = this.#entries.first?.value;
      if (oldest === undefined) return;
      const isOver = oldest.expiresAt <= now;
      if (!isOver && this.#entries.size < this.#maxSessions) return;
      if (!isOver) this.#warnOnce();
      this.#remove(oldest.key);
    }
  }

  #warnOnce(): void {
    if (this.#warned) return;
    this.#warned = true;
    generalLog()?.warn(
      "MemorySessionStore is full with {maxSessions} sessions: the oldest are given up; raise " +
        "maxSessions, shorten idleTimeout, or keep sessions in Redis or Deno KV",
      { maxSessions: this.#maxSessions },
    );
  }
}
