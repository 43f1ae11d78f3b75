/**
 * The topics of a server in a page, in a worker, and in programs of Deno and Node. It imports nothing of
 * the rest.
 *
 * A page gets it from its own server: see `topicClientRoute`.
 *
 * Here are {@linkcode TopicClient}, {@linkcode TopicSubscription}, {@linkcode TopicError}.
 *
 * @example
 * ```ts
 * import { TopicClient } from "@gustnado/gustnado/browser";
 *
 * using client = new TopicClient("ws://localhost:8888/topics");
 * const news = client.subscribe("news", { last: 10 });
 * news.addEventListener("message", ({ data }) => console.log(data));
 * news.addEventListener("lost", () => console.log("Something is missing here"));
 * ```
 *
 * @module
 */
export { TopicClient } from "./topic_client.ts";
export type {
  TopicClientEvents,
  TopicClientOptions,
  TopicClientState,
} from "./topic_client_options.ts";
export { TopicError } from "./topic_error.ts";
export type { TopicMember } from "./topic_frame.ts";
export type {
  TopicSubscription,
  TopicSubscriptionEvents,
  TopicSubscriptionOptions,
} from "./topic_subscription.ts";
