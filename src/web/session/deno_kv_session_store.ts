import { checkOptions, type OptionType, STRINGS } from "../../checks/option_check.ts";
import type { ReplaceOptions, SessionStore } from "./session_store.ts";

/**
 * What a {@linkcode DenoKvSessionStore} needs of a `Deno.Kv`.
 *
 * @category Cookies and sessions
 */
export interface KvDatabase {
  /** Reads an entry. */
  get(key: string[]): Promise<KvEntry>;
  /** Begins a transaction. */
  atomic(): KvTransaction;
  /** Removes an entry. */
  delete(key: string[]): Promise<void>;
}

/**
 * An entry of a {@linkcode KvDatabase}.
 *
 * @category Cookies and sessions
 */
export interface KvEntry {
  /** What is kept; `null` if there is none. */
  readonly value: unknown;
  /** Which write it comes from; `null` if there is none. */
  readonly versionstamp: string | null;
}

/**
 * A transaction of a {@linkcode KvDatabase}.
 *
 * @category Cookies and sessions
 */
export interface KvTransaction {
  /** Lets the transaction through only if the entry is still of that version. */
  check(entry: { key: string[]; versionstamp: string | null }): KvTransaction;
  /** Writes an entry that may go after `expireIn` milliseconds. */
  set(key: string[], value: unknown, options: { expireIn: number }): KvTransaction;
  /** Ends the transaction; `ok` tells whether it went through. */
  commit(): Promise<{ ok: boolean }>;
}

/**
 * What a {@linkcode DenoKvSessionStore} can be told.
 *
 * @category Cookies and sessions
 */
export interface DenoKvSessionStoreOptions {
  /** What its keys begin with. Default `["gustnado", "session"]`. */
  readonly prefix?: readonly string[];
}

const OPTIONS: Readonly<Record<keyof DenoKvSessionStoreOptions, OptionType>> = { prefix: STRINGS };

/**
 * Keeps sessions in Deno KV: `new DenoKvSessionStore(await Deno.openKv())`, which needs
 * `--unstable-kv`. A session is one entry, of at most 64 KiB.
 *
 * Deno KV removes entries some time after they are over; until then they are not accepted any more.
 *
 * @example
 * ```ts
 * import { DenoKvSessionStore } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * using kv = await Deno.openKv(":memory:");
 * const store = new DenoKvSessionStore(kv);
 * // In your application: new Application(routes, { session: { store } }), which then calls it so:
 * assertEquals(await store.replace("key", "record", { expected: null, ttlMs: 60_000 }), true);
 * assertEquals(await store.load("key"), "record");
 * ```
 *
 * @category Cookies and sessions
 */
export class DenoKvSessionStore implements SessionStore {
  readonly #kv: KvDatabase;
  readonly #prefix: readonly string[];

  /**
   * Makes a store. It opens and closes nothing.
   *
   * @param kv An open database.
   * @throws {TypeError} If an option is unknown or ill-typed.
   */
  constructor(
    kv: KvDatabase,
    options: DenoKvSessionStoreOptions = {},
  ) {
    checkOptions(options, OPTIONS, "option of DenoKvSessionStore");
    const { prefix = ["gustnado", "session"] } = options;
    this.#kv = kv;
    this.#prefix = prefix;
  }

  /** The record under a key; see {@linkcode SessionStore.load}. */
  async load(key: string): Promise<string | null> {
    const { value } = await this.#kv.get([...this.#prefix, key]);
    return typeof value === "string" ? value : null;
  }

  /** Writes a record; see {@linkcode SessionStore.replace}. */
  async replace(
    key: string,
    record: string,
    { expected, ttlMs }: ReplaceOptions,
  ): Promise<boolean> {
    const name = [...this.#prefix, key];
    const { value, versionstamp } = await this.#kv.get(name);
    if (value !== expected) return false;
    const { ok } = await this.#kv.atomic()
      .check({ key: name, versionstamp })
      .set(name, record, { expireIn: Math.ceil(ttlMs) })
      .commit();
    return ok;
  }

  /** Forgets a record; see {@linkcode SessionStore.delete}. */
  delete(key: string): Promise<void> {
    return this.#kv.delete([...this.#prefix, key]);
  }
}
