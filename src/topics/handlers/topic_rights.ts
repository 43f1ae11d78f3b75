/** What a handler of topics decides. */
import type { TopicHub } from "../topic_hub.ts";
import type { Producer } from "../broker/broker.ts";
import type { Position } from "../broker/position.ts";
import { RequestError } from "./request_error.ts";

/**
 * What can be published: text, bytes, or what JSON gives.
 *
 * @category Topics
 */
export type Publishable = string | Uint8Array | object;

/**
 * The decisions that {@linkcode TopicHandler} and {@linkcode TopicStreamHandler} leave to their classes.
 *
 * @category Topics
 */
export interface TopicRights {
  /** Whether the client may follow a topic. Anything but `true` refuses. */
  canSubscribe(topic: string): boolean | PromiseLike<boolean>;
  /** Whether the client may publish to a topic. Anything but `true` refuses. */
  canPublish(topic: string, data: Publishable): boolean | PromiseLike<boolean>;
  /** What is published in place of what the client sent. */
  onPublish(topic: string, data: Publishable): Publishable | PromiseLike<Publishable>;
}

/** What a client publishes. */
export interface ClientPublication {
  readonly topic: string;
  readonly data: Publishable;
  /** Who it is, so that what is sent again is published once. */
  readonly producer?: Producer;
  /** Whether it was published to a plain topic already, of which no log tells. */
  readonly isDouble?: () => boolean;
}

/** @throws {RequestError} (403) The promise rejects if the client may not follow the topic. */
export async function checkSubscribe(rights: TopicRights, topic: string): Promise<void> {
  if (await rights.canSubscribe(topic) !== true) throw new RequestError(403, "Not allowed");
}

/**
 * Publishes for a client, if it may.
 *
 * @returns The position; `undefined` of a plain topic.
 * @throws {RequestError} (403, 413) The promise rejects if it may not, or the message is too large.
 * @throws {BrokerError} The promise rejects if the log cannot be reached.
 */
export async function publishFor(
  rights: TopicRights,
  hub: TopicHub,
  { topic, data, producer, isDouble }: ClientPublication,
): Promise<Position | undefined> {
  if (await rights.canPublish(topic, data) !== true) throw new RequestError(403, "Not allowed");
  const message = await rights.onPublish(topic, data);
  if (isDouble !== undefined && hub.declarationOf(topic) === undefined && isDouble()) return;
  try {
    return await hub.publish(topic, message, producer === undefined ? {} : { producer });
  } catch (error) {
    throw error instanceof RangeError ? new RequestError(413, error.message) : error;
  }
}
