import { assertEquals } from "@std/assert";
import { TopicSubscriptions } from "../../../src/topics/handlers/topic_subscriptions.ts";
import { TopicHub } from "../../../src/topics/topic_hub.ts";
import { poll } from "../../support/poll.ts";

for (const presence of [true, false]) {
  const rule = `client that ${
    presence ? "watches" : "does not watch"
  } who is there leaves with them`;
  Deno.test(rule, async () => {
    const topics = { room: { presence: true } };
    const hub = new TopicHub({ topics }, { linger: 1, presence: { grace: 1, beat: 10 } });
    const subscriptions = new TopicSubscriptions(hub, {
      isOver: false,
      maxSubscriptions: 10,
      send: () => {},
      sendAll: () => {},
      getPresence: () => ({ id: "ann", info: null }),
    });
    await subscriptions.subscribe("room", { presence });
    assertEquals((await hub.members("room")).length, 1);
    subscriptions.close();
    assertEquals(await poll(async () => (await hub.members("room")).length === 0), true);
    await hub.close();
  });
}
