/**
 * What stands in the place of `topic_kit.ts` in the package, for Workers: a broker brings topics with
 * history along, and a handler that subscribes plain ones.
 */
import { toChunk } from "../http/body/chunk.ts";
import type { Position } from "../topics/broker/position.ts";
import type { PresenceMember } from "../topics/feed/topic_subscriber.ts";
import type { TopicSettings } from "../topics/settings.ts";
import type { TopicHub } from "../topics/topic_hub.ts";
import type { ApplicationTopics } from "../topics/topics.ts";
import { loadTopicHub } from "./setting_modules_on_workers.ts";
import {
  type BrokerView,
  copyOf,
  DELIVERED,
  type MakeTopics,
  noMembers,
  notLoaded,
} from "./topic_kit.ts";

/** See `topic_kit.ts`. */
export class TopicKit {
  /** The topics, once somebody has brought them along. */
  topics: ApplicationTopics | undefined;
  readonly #hub: TopicHub | undefined;
  /** Plain ones, which do not wait for anything, but come with a promise. */
  #loading: Promise<ApplicationTopics> | undefined;

  /**
   * @param settings The settings of the application, which were checked.
   * @throws {UnsupportedFeatureError} If they ask for topics that no broker brings along.
   */
  constructor(settings: TopicSettings) {
    if (settings.topics === undefined && settings.broker === undefined) return;
    this.topics = this.#hub = loadTopicHub(settings);
  }

  /** Whether settings ask for more than plain topics. */
  get isSet(): boolean {
    return this.#hub !== undefined;
  }

  /** There is nothing to load. */
  load(): void {}

  /** Opens the broker. */
  start(): Promise<void> | undefined {
    return this.#hub?.open();
  }

  /** Closes the broker. */
  end(): Promise<void> | undefined {
    return this.topics?.close();
  }

  /** See `topic_kit.ts`. */
  use(use: (topics: ApplicationTopics) => void, makePlain: MakeTopics): void {
    if (this.topics !== undefined) return use(this.topics);
    this.#loading ??= makePlain().then((topics) => this.topics ??= topics);
    void this.#loading.then(use);
  }

  /** See `Application.publish`. */
  publish(topic: string, message: string | Uint8Array | object): Promise<Position | undefined> {
    if (this.topics !== undefined) return this.topics.publish(topic, message);
    const kept = copyOf(message, toChunk(message));
    // Whoever has subscribed before gets it; without topics nobody listens.
    return this.#loading?.then((topics) => topics.publish(topic, kept)) ?? DELIVERED;
  }

  /** See `Application.subscribers`. */
  subscribers(topic: string): number {
    return this.topics?.subscribers(topic) ?? 0;
  }

  /** See `Application.presence`. */
  async members(topic: string): Promise<PresenceMember[]> {
    return await this.#hub?.members(topic) ?? noMembers();
  }

  /** See `Application.broker`. */
  get broker(): BrokerView {
    return this.#hub?.broker ?? notLoaded();
  }
}
