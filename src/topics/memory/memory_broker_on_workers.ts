/** What stands in the place of `memory_broker.ts` in the package, for Workers. */
import { TopicHub } from "../topic_hub.ts";
import { MemoryBroker as Broker } from "./memory_broker.ts";

/** See `memory_broker.ts`; it brings along what makes topics of it. */
export class MemoryBroker extends Broker {
  /** See `Broker`. */
  topicHub(): Promise<typeof TopicHub> {
    return Promise.resolve(TopicHub);
  }
}
