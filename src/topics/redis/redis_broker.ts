/** The broker on Redis. */
import { BrokerError } from "../broker/broker_error.ts";
import type {
  Broker,
  BrokerContext,
  BrokerStatus,
  PresenceStore,
  TopicLog,
} from "../broker/broker.ts";
import type { TopicSettings } from "../settings.ts";
import { TopicHub } from "../topic_hub.ts";
import type { Payload } from "../broker/payload.ts";
import { formatPlain, ownPlain, parsePlain } from "./envelope.ts";
import {
  type CompleteOptions,
  completeOptions,
  type RedisBrokerOptions,
} from "./redis_broker_options.ts";
import { RedisConnection } from "./redis_connection.ts";
import { RedisLog } from "./redis_log.ts";
import { RedisPresence } from "./redis_presence.ts";
import { KeySpace } from "./topic_keys.ts";

/**
 * Carries topics between processes by Redis, 6.2 or later: the setting `broker`.
 *
 * A publication to a topic with history is appended to its log and handed to all processes by one script;
 * it takes as long as it takes Redis to answer. While Redis is away it waits, for at most `publishTimeout`,
 * and is sent again in order. What Redis acknowledged is as safe as Redis keeps it: with `appendonly yes` a
 * restart loses nothing. Where a server comes back with less than it acknowledged, as one without an
 * append-only file or a replica that took over, topics get another epoch, and subscribers are told.
 *
 * Redis must not evict keys: `maxmemory-policy noeviction`. Publications that it has no memory for reject.
 * It is one server, or a primary with replicas behind one name: the redirections of a cluster are not
 * followed.
 *
 * @example
 * ```ts
 * import { RedisBroker } from "@gustnado/gustnado/redis";
 * import { assertEquals } from "@std/assert";
 *
 * const broker = new RedisBroker({ url: "redis://127.0.0.1:6379", prefix: "shop:" });
 * // In your application: new Application(routes, { topics: { "chat/*": { history: 500 } }, broker });
 * // It connects when the application starts.
 * assertEquals(broker.status.state, "idle");
 * ```
 *
 * @category Topics
 */
export class RedisBroker implements Broker {
  /** `"Redis"`. */
  readonly name = "Redis";
  /** The history of topics. */
  readonly log: TopicLog;
  /** Who is in a topic. */
  readonly presence: PresenceStore;
  readonly #options: CompleteOptions;
  readonly #keys: KeySpace;
  readonly #connection: RedisConnection;
  #context: BrokerContext | null = null;
  /** Messages of plain topics that Redis has not answered, and their characters. */
  #unanswered = 0;
  #characters = 0;
  #ignored = 0;

  /**
   * Makes a broker, which connects when the application starts.
   *
   * @param options Where Redis is, and limits.
   * @throws {TypeError} If an option is unknown or ill-typed, or two contradict each other.
   */
  constructor(options: RedisBrokerOptions = {}) {
    this.#options = completeOptions(options);
    this.#keys = new KeySpace(this.#options.prefix);
    this.#connection = new RedisConnection(
      this.#options,
      () => this.#context?.events.interrupted(),
    );
    const parts = {
      connection: this.#connection,
      keys: this.#keys,
      context: () => this.#opened(),
      onIgnored: () => this.#ignored++,
    };
    this.log = new RedisLog({ ...parts, timeout: this.#options.publishTimeout });
    this.presence = new RedisPresence(parts);
  }

  /** How it is. */
  get status(): BrokerStatus {
    const { status, publications } = this.#connection;
    return { ...status, queued: publications.size, ignored: this.#ignored };
  }

  /**
   * Connects. Settles when it has, or after `connectTimeout`, and goes on trying.
   *
   * @throws {Error} The promise rejects if the npm package `redis` is not installed.
   */
  async open(context: BrokerContext): Promise<void> {
    this.#context = context;
    const own = ownPlain(context.node);
    this.#connection.channels.keep(this.#keys.plain, (text) => {
      if (!text.startsWith(own)) this.#deliver(text, context);
    });
    await this.#connection.open();
  }

  /**
   * Hands a message of a plain topic to the other processes. It is left out while Redis is away, or when
   * as much waits for its answer as publications may.
   */
  publish(topic: string, payload: Payload): void {
    const session = this.#connection.session;
    if (session === null || this.#context === null || this.#isFull()) return;
    const { length } = payload;
    this.#unanswered++;
    this.#characters += length;
    const answered = () => {
      this.#unanswered--;
      this.#characters -= length;
    };
    const envelope = formatPlain({ node: this.#context.node, topic, payload });
    session.client.sendCommand(["PUBLISH", this.#keys.plain, envelope]).then(answered, answered);
  }

  // For `web/setting_modules_on_workers.ts`, and private: nobody else asks.
  private topicHub(settings: TopicSettings): TopicHub {
    return new TopicHub(settings);
  }

  /** Closes the connections. What waits is given up with an error. Doing it twice is as doing it once. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  #opened(): BrokerContext {
    if (this.#context !== null) return this.#context;
    throw new BrokerError(
      "Cannot use the broker of Redis before it is open: start the application",
    );
  }

  #isFull(): boolean {
    const { maxQueued, maxQueuedBytes } = this.#options;
    return this.#unanswered >= maxQueued || this.#characters > maxQueuedBytes;
  }

  #deliver(text: string, { events }: BrokerContext): void {
    const envelope = parsePlain(text);
    if (envelope === null) this.#ignored++;
    else events.plain(envelope.topic, envelope.payload);
  }
}

/**
 * Makes a {@linkcode RedisBroker}.
 *
 * @param options Where Redis is, and limits.
 * @throws {TypeError} If an option is unknown or ill-typed, or two contradict each other.
 *
 * @example
 * ```ts
 * import { redisBroker } from "@gustnado/gustnado/redis";
 * import { assertEquals } from "@std/assert";
 *
 * const broker = redisBroker({ host: "redis.example.org", password: "from the environment" });
 * assertEquals(broker.name, "Redis");
 * ```
 *
 * @category Topics
 */
export function redisBroker(options: RedisBrokerOptions = {}): RedisBroker {
  return new RedisBroker(options);
}
