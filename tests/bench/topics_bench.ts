/**
 * What publishing costs within a process: `deno bench -A tests/bench/topics_bench.ts`. A message of 64
 * bytes goes to 1,000 subscribers that do nothing with it, and to one.
 */
import { TopicHub } from "../../src/topics/topic_hub.ts";
import type { TopicEntry } from "../../src/topics/feed/topic_entry.ts";
import { Topics } from "../../src/topics/topics.ts";

const MESSAGE = { text: "x".repeat(53) };

for (const count of [1, 1_000]) {
  const group = `${count} subscribers`;
  const topics = new Topics();
  const hub = new TopicHub({ topics: { "declared*": { history: 100 } } });
  await hub.open();
  for (let each = 0; each < count; each++) {
    topics.subscribe("plain", { deliver: () => undefined });
    hub.subscribe("plain", { deliver: () => undefined });
    hub.subscribe("declared", { deliver: () => undefined });
    const deliver = (entry: TopicEntry) => void entry.frame;
    await hub.follow("declared too", { begin: () => {}, lost: () => {}, deliver });
  }
  Deno.bench(`plain, without settings, ${count}`, { group, baseline: true }, async () => {
    await topics.publish("plain", MESSAGE);
  });
  Deno.bench(`plain, beside declared ones, ${count}`, { group }, async () => {
    await hub.publish("plain", MESSAGE);
  });
  Deno.bench(`declared, to plain subscribers, ${count}`, { group }, async () => {
    await hub.publish("declared", MESSAGE);
  });
  Deno.bench(`declared, as frames, ${count}`, { group }, async () => {
    await hub.publish("declared too", MESSAGE);
  });
}
