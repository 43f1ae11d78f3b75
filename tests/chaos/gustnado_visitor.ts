/** A client of ours. */
import { TopicClient, type TopicSubscription } from "@gustnado/gustnado/browser";
import type { Invite, Watcher, Word } from "./visitor.ts";

/** Connects. */
export const invite: Invite = (url, topics, watcher) => {
  const client = new TopicClient<Record<string, Word>>(url, { maxDelay: 2_000 });
  let isFirst = true;
  client.addEventListener("open", () => {
    if (!isFirst) watcher.returned();
    isFirst = false;
  });
  client.addEventListener("close", () => watcher.left());
  const subscriptions = topics.map((topic) => watch(client.subscribe(topic), watcher));
  return {
    ready: Promise.all(subscriptions).then(() => {}),
    publish: async (topic, word) => void await client.publish(topic, word),
    close: () => client.close(),
  };
};

/** Settles when it is subscribed. */
function watch(subscription: TopicSubscription<Word>, watcher: Watcher): Promise<void> {
  const { topic } = subscription;
  const { promise, resolve } = Promise.withResolvers<void>();
  subscription.addEventListener("message", ({ data }) => watcher.message(topic, data));
  subscription.addEventListener("lost", () => watcher.lost(topic));
  subscription.addEventListener("subscribed", () => {
    watcher.resumed(topic, true);
    resolve();
  });
  return promise;
}
