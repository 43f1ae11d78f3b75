/** What an application has of topics. */
import { type Chunk, toChunk } from "../http/body/chunk.ts";
import { logApplicationError } from "../log.ts";
import type { Broker } from "../topics/broker/broker.ts";
import type { Position } from "../topics/broker/position.ts";
import type { TopicSettings } from "../topics/settings.ts";
import type { TopicHub } from "../topics/topic_hub.ts";
import type { PresenceMember } from "../topics/feed/topic_subscriber.ts";
import type { ApplicationTopics } from "../topics/topics.ts";
import { loadTopicHub } from "./setting_modules.ts";

/** What is told of a broker. */
export type BrokerView = Pick<Broker, "name" | "status">;

interface Waiting {
  readonly use: (topics: ApplicationTopics) => void;
  readonly fail: (error: unknown) => void;
}

/** Loads and makes topics. */
export type MakeTopics = () => Promise<ApplicationTopics>;

/** What publishing gives where nobody listens. */
export const DELIVERED: Promise<undefined> = Promise.resolve(undefined);

/**
 * Loads topics where somebody asks for them: all that they can be for the settings `topics` and `broker`,
 * and plain ones for handlers that subscribe.
 */
export class TopicKit {
  readonly #settings: TopicSettings;
  /** Whether settings ask for more than plain topics. */
  readonly isSet: boolean;
  #topics: ApplicationTopics | undefined;
  #hub: TopicHub | undefined;
  #loading: Promise<void> | undefined;
  #waiting: Waiting[] = [];

  /** @param settings The settings of the application, which were checked. */
  constructor(settings: TopicSettings) {
    this.#settings = settings;
    this.isSet = settings.topics !== undefined || settings.broker !== undefined;
  }

  /** The topics, once they are loaded. */
  get topics(): ApplicationTopics | undefined {
    return this.#topics;
  }

  /** Whoever needs them and has them loaded brings them along. */
  set topics(topics: ApplicationTopics | undefined) {
    this.#topics = topics;
    if (topics === undefined) return;
    for (const { use } of this.#waiting.splice(0)) use(topics);
  }

  /** Settles when what the settings ask for is loaded; `undefined` if there is nothing to wait for. */
  load(): Promise<void> | undefined {
    return this.isSet && this.#hub === undefined ? this.#load() : undefined;
  }

  /** Opens the broker; `undefined` if the settings ask for none. */
  start(): Promise<void> | undefined {
    return this.isSet ? this.#open() : undefined;
  }

  /** Closes the broker, if it was opened. */
  end(): Promise<void> | undefined {
    return this.#topics?.close();
  }

  /**
   * Hands the topics over: at once, or when they are loaded.
   *
   * @param makePlain Makes plain ones, where settings ask for no more.
   */
  use(use: (topics: ApplicationTopics) => void, makePlain: MakeTopics): void {
    if (this.#topics !== undefined) return use(this.#topics);
    const fail = (error: unknown) => logApplicationError("Cannot load the topics", error);
    this.#wait({ use, fail }, makePlain);
  }

  /** See `Application.publish`. */
  publish(topic: string, message: string | Uint8Array | object): Promise<Position | undefined> {
    if (this.#topics !== undefined) return this.#topics.publish(topic, message);
    const chunk = toChunk(message);
    // Without topics nobody listens.
    if (!this.isSet && this.#loading === undefined) return DELIVERED;
    const kept = copyOf(message, chunk);
    const { promise, resolve, reject } = Promise.withResolvers<Position | undefined>();
    const use = (topics: ApplicationTopics) =>
      resolve(inPromise(() => topics.publish(topic, kept)));
    this.#wait({ use, fail: reject });
    promise.catch(() => {});
    return promise;
  }

  /** See `Application.subscribers`. */
  subscribers(topic: string): number {
    return this.#topics?.subscribers(topic) ?? 0;
  }

  /** See `Application.presence`. */
  async members(topic: string): Promise<PresenceMember[]> {
    if (this.isSet) await this.#load();
    if (this.#hub !== undefined) return this.#hub.members(topic);
    return noMembers();
  }

  /** See `Application.broker`. */
  get broker(): BrokerView {
    return this.#hub?.broker ?? this.#settings.broker ?? notLoaded();
  }

  async #open(): Promise<void> {
    await this.#load();
    await this.#hub?.open();
  }

  #wait(waiting: Waiting, makePlain?: MakeTopics): void {
    this.#waiting.push(waiting);
    // Whoever waits is told.
    if (this.isSet) this.#load().catch(() => {});
    else if (makePlain !== undefined) this.#loadPlain(makePlain).catch(() => {});
  }

  // Not async: where topics with history are missing, the application cannot be made.
  #load(): Promise<void> {
    return this.#loading ??= this.#orFail(
      loadTopicHub(this.#settings).then((hub) => {
        this.topics = this.#hub = hub;
      }),
    );
  }

  #loadPlain(make: MakeTopics): Promise<void> {
    return this.#loading ??= this.#orFail(
      make().then((topics) => {
        this.topics ??= topics;
      }),
    );
  }

  async #orFail(loading: Promise<void>): Promise<void> {
    try {
      await loading;
    } catch (error) {
      this.#loading = undefined;
      for (const { fail } of this.#waiting.splice(0)) fail(error);
      throw error;
    }
  }
}

/** What cannot change until it is sent. */
export function copyOf(
  message: string | Uint8Array | object,
  chunk: Chunk,
): string | Uint8Array | object {
  if (typeof chunk !== "string") return chunk.slice();
  return typeof message === "string" ? message : JSON.parse(chunk);
}

// deno-lint-ignore require-await -- what is thrown becomes a rejection
async function inPromise<T>(call: () => Promise<T>): Promise<T> {
  return call();
}

/** @throws {TypeError} Always: nobody can be there. */
export function noMembers(): never {
  throw new TypeError('Cannot look who is in a topic: the setting "topics" declares none');
}

/** How a broker is that nobody has asked for anything. */
export function notLoaded(): BrokerView {
  const since = Date.now();
  return {
    name: "memory",
    status: { state: "idle", since, queued: 0, ignored: 0, lastError: null },
  };
}
