import { answerWithin, type RedisCommands } from "../../redis/redis_commands.ts";
import { checkOptions, MILLISECONDS, type OptionType, STRING } from "../../checks/option_check.ts";
import type { ReplaceOptions, SessionStore } from "./session_store.ts";

/**
 * What a {@linkcode RedisSessionStore} can be told.
 *
 * @category Cookies and sessions
 */
export interface RedisSessionStoreOptions {
  /** What its keys begin with. Default `"gustnado:session:"`. */
  readonly prefix?: string;
  /** Milliseconds that Redis may take; a slower answer counts as a failure. Default 5,000. */
  readonly timeoutMs?: number;
}

const OPTIONS: Readonly<Record<keyof RedisSessionStoreOptions, OptionType>> = {
  prefix: STRING,
  timeoutMs: MILLISECONDS,
};

/** Compares and writes in one step, which Redis has no command for. */
const REPLACE = `if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
return 1`;

/**
 * Keeps sessions in Redis, for applications of several processes or machines. Redis forgets them when
 * their time is over.
 *
 * Deployments of Redis that evict keys under memory pressure log people out; set its
 * `maxmemory-policy` accordingly.
 *
 * @example
 * ```ts
 * import { Application, RedisSessionStore } from "@gustnado/gustnado";
 *
 * // In your application: const redis = await createClient({ url }).connect(), from npm:redis.
 * const redis = { sendCommand: (_words: string[]) => Promise.resolve(null) };
 * const app = new Application([], { session: { store: new RedisSessionStore(redis) } });
 * ```
 *
 * @category Cookies and sessions
 */
export class RedisSessionStore implements SessionStore {
  readonly #redis: RedisCommands;
  readonly #prefix: string;
  readonly #timeoutMs: number;

  /**
   * Makes a store. It opens and closes nothing.
   *
   * @param redis A connected client.
   * @throws {TypeError} If an option is unknown or ill-typed.
   */
  constructor(
    redis: RedisCommands,
    options: RedisSessionStoreOptions = {},
  ) {
    checkOptions(options, OPTIONS, "option of RedisSessionStore");
    const { prefix = "gustnado:session:", timeoutMs = 5_000 } = options;
    this.#redis = redis;
    this.#prefix = prefix;
    this.#timeoutMs = timeoutMs;
  }

  /** The record under a key; see {@linkcode SessionStore.load}. */
  async load(key: string): Promise<string | null> {
    const reply = await this.#send(["GET", this.#prefix + key]);
    if (typeof reply === "string" || reply === null) return reply;
    throw new TypeError(
      `Cannot read a session from Redis: the client replied with ${typeof reply} to GET, not text`,
    );
  }

  /** Writes a record; see {@linkcode SessionStore.replace}. */
  async replace(
    key: string,
    record: string,
    { expected, ttlMs }: ReplaceOptions,
  ): Promise<boolean> {
    const name = this.#prefix + key;
    const ttl = String(Math.ceil(ttlMs));
    if (expected === null) {
      return await this.#send(["SET", name, record, "PX", ttl, "NX"]) !== null;
    }
    const words = ["EVAL", REPLACE, "1", name, expected, record, ttl];
    return Number(await this.#send(words)) === 1;
  }

  /** Forgets a record; see {@linkcode SessionStore.delete}. */
  async delete(key: string): Promise<void> {
    await this.#send(["DEL", this.#prefix + key]);
  }

  #send(words: string[]): Promise<unknown> {
    return answerWithin(this.#timeoutMs, this.#redis.sendCommand(words));
  }
}
