/** Buckets in the memory of one process. */
import { checkOptions, FUNCTION, NUMBER, type OptionType } from "../../checks/option_check.ts";
import {
  type RateLimitStore,
  takeToken,
  type TokenBucket,
  type TokenGrant,
} from "./token_bucket.ts";

/**
 * How much a {@linkcode MemoryRateLimitStore} keeps.
 *
 * @category Middleware
 */
export interface MemoryRateLimitStoreOptions {
  /**
   * Buckets that are kept at most. Default 100,000, which take some 10 MB. When more clients come
   * than that before their buckets are full again, those that were not seen for longest get a full one.
   */
  readonly maxKeys?: number;
  /** The clock, in milliseconds. Default `performance.now`, which nobody can set back. */
  readonly now?: () => number;
}

const OPTIONS: Readonly<Record<keyof MemoryRateLimitStoreOptions, OptionType>> = {
  maxKeys: NUMBER,
  now: FUNCTION,
};

/**
 * Keeps buckets in memory, in a bounded number and at a constant price. Each process has its own, so
 * `n` processes let `n` times as much through.
 *
 * @example
 * ```ts
 * import { Application, MemoryRateLimitStore, rateLimit, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Hello extends RequestHandler {
 *   override get() {
 *     this.write("Hello");
 *   }
 * }
 *
 * const store = new MemoryRateLimitStore({ maxKeys: 10_000 });
 * const app = new Application([["/", Hello]], {
 *   middleware: [rateLimit({ limit: 100, windowMs: 60_000, store })],
 * });
 * await app.fetch(new Request("http://localhost/"));
 * assertEquals(store.size, 1);
 * ```
 *
 * @category Middleware
 */
export class MemoryRateLimitStore implements RateLimitStore {
  readonly #half: number;
  readonly #now: () => number;
  /**
   * When each bucket will be full. Two generations: when the younger is half of all, the older is
   * dropped as a whole, so nothing is ever searched for what may go.
   */
  #young: Map<string, number> = new Map();
  #old: Map<string, number> = new Map();
  /** When the last bucket of the younger generation will be full. */
  #youngFullAt = -Infinity;
  #oldFullAt = -Infinity;

  /**
   * Makes an empty store.
   *
   * @throws {RangeError} If `maxKeys` is not an integer from 2.
   * @throws {TypeError} If an option is unknown or ill-typed.
   */
  constructor(options: MemoryRateLimitStoreOptions = {}) {
    checkOptions(options, OPTIONS, "option of MemoryRateLimitStore");
    const { maxKeys = 100_000, now = () => performance.now() } = options;
    if (!Number.isInteger(maxKeys) || maxKeys < 2) {
      throw new RangeError(`Cannot keep ${maxKeys} buckets: "maxKeys" must be an integer from 2`);
    }
    this.#half = Math.floor(maxKeys / 2);
    this.#now = now;
  }

  /** How many buckets are kept. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Takes a token, if there is one. */
  take(key: string, bucket: TokenBucket): TokenGrant {
    const now = this.#now();
    this.#forget(now);
    const fullAt = this.#young.get(key) ?? this.#old.get(key) ?? now;
    const grant = takeToken(fullAt - now, bucket);
    if (this.#young.size >= this.#half && !this.#young.has(key)) this.#rotate();
    this.#young.set(key, now + grant.fullAfterMs);
    this.#old.delete(key);
    this.#youngFullAt = Math.max(this.#youngFullAt, now + grant.fullAfterMs);
    return grant;
  }

  /** Drops a generation whose buckets are all full: they are as new ones. */
  #forget(now: number): void {
    if (this.#old.size > 0 && this.#oldFullAt <= now) this.#old = new Map();
    if (this.#young.size > 0 && this.#youngFullAt <= now) this.#young = new Map();
  }

  #rotate(): void {
    this.#old = this.#young;
    this.#oldFullAt = this.#youngFullAt;
    this.#young = new Map();
    this.#youngFullAt = -Infinity;
  }
}
