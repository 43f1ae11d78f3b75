/**
 * Topics: what is published reaches who has subscribed, on WebSockets and event streams, in every process
 * that shares a broker. A topic that is declared keeps history, and loses nothing without saying so.
 *
 * {@linkcode TopicHandler} serves topics over WebSockets, {@linkcode TopicStreamHandler} over plain HTTP;
 * both decide by {@linkcode TopicRights} who may follow and publish what. {@linkcode topicClientRoute} and
 * {@linkcode topicClientUrl} hand pages the client.
 *
 * Here are also {@linkcode TopicOptions}, {@linkcode TopicSettings}, {@linkcode Position},
 * {@linkcode parsePosition}, {@linkcode formatPosition}, {@linkcode PresenceMember},
 * {@linkcode BrokerError}, {@linkcode MemoryBroker}, {@linkcode BroadcastChannelBroker}, {@linkcode broadcastBroker}, and what a broker of your own is made of:
 * {@linkcode Broker}, {@linkcode TopicLog}, {@linkcode PresenceStore}.
 *
 * @example
 * ```ts
 * import { Application } from "@gustnado/gustnado/web";
 * import { formatPosition, parsePosition } from "@gustnado/gustnado/topics";
 * import { assertEquals } from "@std/assert";
 *
 * const app = new Application([], { topics: { "chat/*": { history: 500 } } });
 * const position = await app.publish("chat/tornado", { said: "A gust" });
 * if (position === undefined) throw new Error("The topic is not declared");
 * assertEquals(parsePosition(formatPosition(position)), position);
 * ```
 *
 * @module
 */
export type {
  Appended,
  Broker,
  BrokerContext,
  BrokerEvents,
  BrokerStatus,
  LogRead,
  LogRecord,
  PresenceChange,
  PresenceList,
  PresenceRecord,
  PresenceStore,
  Producer,
  SleepingConnection,
  TopicLimits,
  TopicLog,
} from "./broker/broker.ts";
export {
  broadcastBroker,
  type BroadcastBrokerOptions,
  BroadcastChannelBroker,
} from "./broadcast/broadcast_channel_broker.ts";
export { BrokerError } from "./broker/broker_error.ts";
export { topicClientRoute, topicClientUrl } from "./handlers/topic_client_route.ts";
export { TopicHandler, type TopicSubscribeOptions } from "./handlers/topic_handler.ts";
export type { Publishable, TopicRights } from "./handlers/topic_rights.ts";
export { TopicStreamHandler } from "./handlers/topic_stream_handler.ts";
export { MemoryBroker, type MemoryBrokerOptions } from "./memory/memory_broker.ts";
export type { Payload } from "./broker/payload.ts";
export { formatPosition, parsePosition, type Position } from "./broker/position.ts";
export type { TopicOptions, TopicSettings } from "./settings.ts";
export type { FollowOptions, PresenceMember } from "./feed/topic_subscriber.ts";
