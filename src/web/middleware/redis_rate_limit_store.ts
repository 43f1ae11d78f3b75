/** Buckets that several processes share. */
import { nodeCrypto } from "../../platform/node_builtins.ts";
import { checkOptions, MILLISECONDS, type OptionType, STRING } from "../../checks/option_check.ts";
import { answerWithin, type RedisCommands } from "../../redis/redis_commands.ts";
import type { RateLimitStore, TokenBucket, TokenGrant } from "./token_bucket.ts";

/**
 * Where a {@linkcode RedisRateLimitStore} keeps its buckets.
 *
 * @category Middleware
 */
export interface RedisRateLimitStoreOptions {
  /** What its keys begin with. Default `"gustnado:rate:"`. */
  readonly prefix?: string;
  /** Milliseconds that Redis may take; a slower answer counts as a failure. Default 1,000. */
  readonly timeoutMs?: number;
}

const OPTIONS: Readonly<Record<keyof RedisRateLimitStoreOptions, OptionType>> = {
  prefix: STRING,
  timeoutMs: MILLISECONDS,
};

/**
 * `takeToken()` in Lua, by the clock of Redis, so that the clocks of the servers do not matter. A key
 * holds the time at which its bucket is full, and is gone by then.
 */
const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local capacity, refill = tonumber(ARGV[1]), tonumber(ARGV[2])
local before = math.max(0, tonumber(redis.call('GET', KEYS[1]) or now) - now)
local after = before + refill
if after > capacity * refill + 0.001 then return {0, string.format('%.3f', before)} end
redis.call('SET', KEYS[1], string.format('%.3f', now + after), 'PX', math.ceil(after))
return {1, string.format('%.3f', after)}
`;

/**
 * Keeps buckets in Redis, version 5 or later, so that all processes with the same `prefix` share one
 * limit. A token is taken by one script, which Redis runs as a whole.
 *
 * @example
 * ```ts
 * import { rateLimit, RedisRateLimitStore } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * // In your application: const redis = await createClient({ url }).connect(), from npm:redis.
 * const redis = { sendCommand: (_words: string[]) => Promise.resolve([1, "600"]) };
 * const store = new RedisRateLimitStore(redis);
 * const middleware = [rateLimit({ limit: 100, store })];
 * assertEquals(middleware.length, 1);
 * assertEquals(await store.take("ada", { capacity: 100, refillMs: 600 }), {
 *   allowed: true,
 *   fullAfterMs: 600,
 * });
 * ```
 *
 * @category Middleware
 */
export class RedisRateLimitStore implements RateLimitStore {
  readonly #redis: RedisCommands;
  readonly #prefix: string;
  readonly #timeoutMs: number;
  #digest: string | undefined;

  /**
   * Makes a store. Nothing is sent before the first request.
   *
   * @param redis A connected client.
   * @throws {TypeError} If it is none, or an option is unknown or ill-typed.
   */
  constructor(redis: RedisCommands, options: RedisRateLimitStoreOptions = {}) {
    if (typeof redis?.sendCommand !== "function") {
      throw new TypeError("Cannot use the client of Redis: it has no sendCommand()");
    }
    checkOptions(options, OPTIONS, "option of RedisRateLimitStore");
    this.#redis = redis;
    this.#prefix = options.prefix ?? "gustnado:rate:";
    this.#timeoutMs = options.timeoutMs ?? 1_000;
  }

  /**
   * Takes a token, if there is one.
   *
   * @throws {Error} The promise rejects if Redis fails, is too slow or answers something else.
   */
  async take(key: string, bucket: TokenBucket): Promise<TokenGrant> {
    const words = ["1", this.#prefix + key, String(bucket.capacity), String(bucket.refillMs)];
    return toGrant(await answerWithin(this.#timeoutMs, this.#run(words)));
  }

  /** By its digest, which is short; in full where Redis does not know it yet, or no longer. */
  async #run(words: string[]): Promise<unknown> {
    this.#digest ??= nodeCrypto().createHash("sha1").update(SCRIPT).digest("hex");
    try {
      return await this.#redis.sendCommand(["EVALSHA", this.#digest, ...words]);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes("NOSCRIPT")) throw error;
      return await this.#redis.sendCommand(["EVAL", SCRIPT, ...words]);
    }
  }
}

function toGrant(reply: unknown): TokenGrant {
  const [allowed, fullAfter] = Array.isArray(reply) ? reply : [];
  const fullAfterMs = Number(fullAfter);
  if ((Number(allowed) !== 0 && Number(allowed) !== 1) || !Number.isFinite(fullAfterMs)) {
    throw new Error("Cannot take a token: Redis answered something else");
  }
  return { allowed: Number(allowed) === 1, fullAfterMs };
}
