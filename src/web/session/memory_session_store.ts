import { AgedMap } from "../../concurrent/collections/aged_map.ts";
import { checkOptions, FUNCTION, NUMBER, type OptionType } from "../../checks/option_check.ts";
import { generalLog } from "../../log.ts";
import type { ReplaceOptions, SessionStore } from "./session_store.ts";

/**
 * What a {@linkcode MemorySessionStore} can be told.
 *
 * @category Cookies and sessions
 */
export interface MemorySessionStoreOptions {
  /** The most sessions to keep. Default 100,000. */
  readonly maxSessions?: number;
  /** Tells the time, in milliseconds since the epoch. Default `Date.now`. */
  readonly clock?: () => number;
}

const OPTIONS: Readonly<Record<keyof MemorySessionStoreOptions, OptionType>> = {
  maxSessions: NUMBER,
  clock: FUNCTION,
};

interface Entry {
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
 *
 * @example
 * ```ts
 * import { Application, MemorySessionStore, RequestHandler, SessionMixin } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Visit extends SessionMixin(RequestHandler) {
 *   override get() {
 *     this.session.set("seen", true);
 *   }
 * }
 *
 * const store = new MemorySessionStore({ maxSessions: 10_000 });
 * const app = new Application([["/", Visit]], { session: { store } });
 * await app.fetch(new Request("http://localhost/"));
 * assertEquals(store.size, 1);
 * ```
 *
 * @category Cookies and sessions
 */
export class MemorySessionStore implements SessionStore {
  readonly #entries = new AgedMap<string, Entry>();
  readonly #maxSessions: number;
  readonly #clock: () => number;
  #warned = false;

  /**
   * Makes an empty store.
   *
   * @throws {RangeError} If `maxSessions` is not a whole number from 1.
   * @throws {TypeError} If an option is unknown or ill-typed.
   */
  constructor(options: MemorySessionStoreOptions = {}) {
    checkOptions(options, OPTIONS, "option of MemorySessionStore");
    const { maxSessions = 100_000, clock = Date.now } = options;
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
    this.#entries.delete(key);
    this.#makeRoom();
    this.#entries.set(key, { record, expiresAt: this.#clock() + ttlMs });
    return Promise.resolve(true);
  }

  /** Forgets a record; see {@linkcode SessionStore.delete}. */
  delete(key: string): Promise<void> {
    this.#entries.delete(key);
    return Promise.resolve();
  }

  #current(key: string): string | null {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.expiresAt > this.#clock() ? entry.record : null;
  }

  #makeRoom(): void {
    const now = this.#clock();
    for (let swept = 0; swept < SWEPT; swept++) {
      const { oldest } = this.#entries;
      if (oldest === undefined) return;
      const isOver = oldest.value.expiresAt <= now;
      if (!isOver && this.#entries.size < this.#maxSessions) return;
      if (!isOver) this.#warnOnce();
      this.#entries.delete(oldest.key);
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
