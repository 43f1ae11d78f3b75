/** What stands in the place of `memory_broker.ts` in the package, for Workers. */
import type { TopicSettings } from "../settings.ts";
import { TopicHub } from "../topic_hub.ts";
import { MemoryBroker as Broker } from "./memory_broker.ts";

/** See `memory_broker.ts`; it brings along what makes topics of it. */
export class MemoryBroker extends Broker {
  /** Makes them; an application has them from nowhere else. */
  topicHub(settings: TopicSettings): TopicHub {
    return new TopicHub(settings);
  }
}
