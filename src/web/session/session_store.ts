/** What keeps sessions on the server. */

/**
 * Keeps sessions on the server: `MemorySessionStore`, `DenoKvSessionStore`, `RedisSessionStore`, or
 * one of your own, for the `store` of the setting `session`.
 *
 * A store sees neither session ids nor their meaning. Its keys are hashes of ids, so that who reads a
 * store cannot act as anyone in it; its records are texts.
 *
 * @category Cookies and sessions
 */
export interface SessionStore {
  /**
   * The record under a key.
   *
   * @returns `null` if there is none, or its time is over.
   * @throws What stands in the way of an answer: the request is answered with 500, never as if there
   *   were no session.
   */
  load(key: string): Promise<string | null>;
  /**
   * Writes a record, if what is there now is what is expected: in one step, so that no other write
   * comes between.
   *
   * @param key The key.
   * @param record A text that is not empty.
   * @param options `expected`: the record that must be there, `null` for none; `ttlMs`: milliseconds
   *   after which the new one may be forgotten.
   * @returns Whether it was written.
   */
  replace(key: string, record: string, options: ReplaceOptions): Promise<boolean>;
  /** Forgets a record, if there is one. */
  delete(key: string): Promise<void>;
}

/**
 * How {@linkcode SessionStore.replace} writes.
 *
 * @category Cookies and sessions
 */
export interface ReplaceOptions {
  /** The record that must be there; `null` for none. */
  readonly expected: string | null;
  /** Milliseconds after which the new record may be forgotten; at least 1. */
  readonly ttlMs: number;
}
