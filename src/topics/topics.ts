/** Who listens to what. */
import { type Chunk, toChunk } from "../http/body/chunk.ts";
import { logApplicationError } from "../log.ts";
import { excerpt } from "../http/excerpt.ts";
import type { Producer } from "./broker/broker.ts";
import type { Position } from "./broker/position.ts";
import { SharedMessage } from "./shared_message.ts";

/** One that listens to topics. */
export interface Subscriber {
  /**
   * Receives a message; returns a promise if the publisher should wait for it. It never rejects.
   *
   * @param message The message, which must not be kept: its bytes may change.
   * @param shared What gives it to keep.
   */
  deliver(message: Chunk, shared: SharedMessage): Promise<void> | undefined;
}

/** How a message is published. */
export interface PublishOptions {
  /** A subscriber that does not get it. */
  readonly except?: Subscriber | undefined;
  /** Who publishes to a topic with history, where that is not this process. */
  readonly producer?: Producer;
}

/** How a chunk is delivered. */
export interface DeliverOptions {
  /** A subscriber that does not get it. */
  readonly except?: Subscriber | undefined;
  /** Whether text is JSON. */
  readonly isJson?: boolean;
}

/** What handlers ask of the topics of their application. */
export interface ApplicationTopics {
  /** Adds a subscriber to a topic. Doing it twice is as doing it once. */
  subscribe(topic: string, subscriber: Subscriber): void;
  /** Takes a subscriber off a topic, if it is on it. */
  unsubscribe(topic: string, subscriber: Subscriber): void;
  /** Takes a subscriber off all its topics. */
  leave(subscriber: Subscriber): void;
  /**
   * Sends a message to the subscribers of a topic.
   *
   * @param message What `writeMessage` takes.
   * @returns Its position, if the topic keeps history. Of others, the promise settles when those
   *   subscribers have taken it that writers wait for, and never rejects.
   * @throws {TypeError} If the message cannot be sent.
   */
  publish(
    topic: string,
    message: unknown,
    options?: PublishOptions,
  ): Promise<Position | undefined>;
  /** How many subscribers a topic has in this process. */
  subscribers(topic: string): number;
  /** How many topics have a subscriber that takes plain messages. */
  readonly size: number;
  /** The application ends. */
  close(): Promise<void>;
}

const DELIVERED = Promise.resolve(undefined);

/**
 * The topics of an application within its process.
 *
 * A topic is there as long as someone listens to it. What publishing costs follows the number of its
 * subscribers, and a message is put into text or bytes once for all of them.
 */
export class Topics implements ApplicationTopics {
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  readonly #topics = new Map<Subscriber, Set<string>>();

  /** How many topics have a subscriber. */
  get size(): number {
    return this.#subscribers.size;
  }

  /** How many subscribers a topic has. */
  subscribers(topic: string): number {
    return this.#subscribers.get(topic)?.size ?? 0;
  }

  /** Whether a subscriber is on a topic. */
  has(topic: string, subscriber: Subscriber): boolean {
    return this.#subscribers.get(topic)?.has(subscriber) ?? false;
  }

  /** The topics of a subscriber. */
  topicsOf(subscriber: Subscriber): Iterable<string> {
    return this.#topics.get(subscriber) ?? [];
  }

  /** Adds a subscriber to a topic. Doing it twice is as doing it once. */
  subscribe(topic: string, subscriber: Subscriber): void {
    add(this.#subscribers, topic, subscriber);
    add(this.#topics, subscriber, topic);
  }

  /** Takes a subscriber off a topic, if it is on it. */
  unsubscribe(topic: string, subscriber: Subscriber): void {
    remove(this.#subscribers, topic, subscriber);
    remove(this.#topics, subscriber, topic);
  }

  /** Takes a subscriber off all its topics. */
  leave(subscriber: Subscriber): void {
    for (const topic of this.#topics.get(subscriber) ?? []) {
      remove(this.#subscribers, topic, subscriber);
    }
    this.#topics.delete(subscriber);
  }

  /**
   * Sends a message to the subscribers of a topic.
   *
   * @param message What `writeMessage` takes.
   * @returns A promise that settles when those subscribers have taken it that writers wait for. It
   *   never rejects.
   * @throws {TypeError} If the message cannot be sent.
   */
  publish(topic: string, message: unknown, { except }: PublishOptions = {}): Promise<undefined> {
    const isJson = typeof message !== "string";
    return this.deliver(topic, toChunk(message), { except, isJson });
  }

  /** As {@linkcode publish}, with a message that is a chunk already. */
  deliver(topic: string, chunk: Chunk, options: DeliverOptions = {}): Promise<undefined> {
    const { except, isJson = false } = options;
    const shared = new SharedMessage(chunk, { topic, isJson });
    const waits: Promise<void>[] = [];
    for (const subscriber of this.#subscribers.get(topic) ?? []) {
      if (subscriber === except) continue;
      try {
        const wait = subscriber.deliver(chunk, shared);
        if (wait !== undefined) waits.push(wait.catch((error) => logFailure(topic, error)));
      } catch (error) {
        logFailure(topic, error);
      }
    }
    return waits.length === 0 ? DELIVERED : Promise.all(waits).then(() => undefined);
  }

  /** Does nothing: each subscriber leaves by itself. */
  close(): Promise<void> {
    return DELIVERED;
  }
}

function logFailure(topic: string, error: unknown): void {
  logApplicationError(`Exception in a subscriber of the topic ${excerpt(topic)}`, error);
}

function add<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}

function remove<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key);
  if (set?.delete(value) && set.size === 0) sets.delete(key);
}
