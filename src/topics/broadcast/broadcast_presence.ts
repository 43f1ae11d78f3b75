import type { PresenceList, PresenceRecord, PresenceStore } from "../broker/broker.ts";
import { TopicPresence } from "../memory/topic_presence.ts";
import type { Isolate } from "./isolate.ts";

/** Who is in topics, as all isolates of a process keep it. */
export class BroadcastPresence implements PresenceStore {
  readonly #isolate: () => Isolate;
  readonly #node: () => string;
  readonly #followed = new Set<string>();

  /**
   * @param isolate Gives this isolate. Throws a `BrokerError` while the broker is not open.
   * @param node Gives its name.
   */
  constructor(isolate: () => Isolate, node: () => string) {
    this.#isolate = isolate;
    this.#node = node;
  }

  /** Whether the changes of a topic are handed over. */
  isFollowed(topic: string): boolean {
    return this.#followed.has(topic);
  }

  /** Adds a record, or replaces its `info`. */
  async join(topic: string, { node, id, info }: PresenceRecord): Promise<void> {
    await this.#isolate().run({ do: "join", topic, node, id, info });
  }

  /** Takes a record away, if it is there. */
  async leave(topic: string, { node, id }: Pick<PresenceRecord, "node" | "id">): Promise<void> {
    await this.#isolate().run({ do: "leave", topic, node, id });
  }

  /** All records of a topic. */
  async list(topic: string): Promise<PresenceList> {
    const isolate = this.#isolate();
    await isolate.run({ do: "gather", topic });
    return (isolate.replica.presence(topic) ?? new TopicPresence()).list();
  }

  /** Hands the changes of a topic over from now on. */
  async changes(topic: string): Promise<void> {
    const isolate = this.#isolate();
    this.#followed.add(topic);
    try {
      await isolate.run({ do: "gather", topic });
    } catch (error) {
      this.#followed.delete(topic);
      throw error;
    }
  }

  /** Ends it. */
  endChanges(topic: string): void {
    this.#followed.delete(topic);
  }

  /** Tells that this isolate lives. */
  async beat(ms: number): Promise<readonly string[]> {
    const answer = await this.#isolate().run({ do: "beat", node: this.#node(), ms });
    return "dead" in answer ? answer.dead : [];
  }

  /** Takes all records of an isolate away. */
  async bury(node: string): Promise<void> {
    await this.#isolate().run({ do: "bury", node });
  }

  /** Forgets what is followed. */
  clear(): void {
    this.#followed.clear();
  }
}
