import type {
  BrokerContext,
  PresenceChange,
  PresenceList,
  PresenceRecord,
  PresenceStore,
} from "../broker/broker.ts";
import { Handover } from "./handover.ts";
import { TopicPresence } from "./topic_presence.ts";

/** Who is in a topic, in the memory of this process. There is nobody else whose records could outlive it. */
export class MemoryPresence implements PresenceStore {
  readonly #context: () => BrokerContext;
  readonly #topics = new Map<string, TopicPresence>();
  readonly #followed = new Set<string>();
  readonly #handover = new Handover<() => void>((deliver) => deliver());

  /** @param context Gives the context of the broker. Throws a `BrokerError` while it is not open. */
  constructor(context: () => BrokerContext) {
    this.#context = context;
  }

  /** How many topics have records, or are followed. */
  get size(): number {
    return this.#topics.size;
  }

  /** Adds a record, or replaces its `info`. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async join(topic: string, record: PresenceRecord): Promise<void> {
    this.#context();
    this.#tell(topic, this.#open(topic).join(record));
  }

  /** Takes a record away, if it is there. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async leave(topic: string, record: Pick<PresenceRecord, "node" | "id">): Promise<void> {
    this.#context();
    this.#tell(topic, this.#topics.get(topic)?.leave(record) ?? null);
    this.#forget(topic);
  }

  /** All records of a topic. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async list(topic: string): Promise<PresenceList> {
    this.#context();
    return (this.#topics.get(topic) ?? new TopicPresence()).list();
  }

  /** Hands the changes of a topic over from now on. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async changes(topic: string): Promise<void> {
    this.#context();
    this.#followed.add(topic);
    // Its position has to be there before the first record.
    this.#open(topic);
  }

  /** Ends it. */
  endChanges(topic: string): void {
    this.#followed.delete(topic);
    this.#forget(topic);
  }

  /** Tells that this process lives; no other has records here. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async beat(_ms: number): Promise<readonly string[]> {
    this.#context();
    return [];
  }

  /** Takes all records of a process away. */
  async bury(node: string): Promise<void> {
    this.#context();
    for (const [topic, presence] of [...this.#topics]) {
      for (const record of presence.list().records) {
        if (record.node === node) await this.leave(topic, record);
      }
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#topics.clear();
    this.#followed.clear();
  }

  #open(topic: string): TopicPresence {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    const presence = new TopicPresence();
    this.#topics.set(topic, presence);
    return presence;
  }

  #tell(topic: string, change: PresenceChange | null): void {
    if (change === null || !this.#followed.has(topic)) return;
    const { events } = this.#context();
    this.#handover.push(() => events.presence(topic, change));
  }

  #forget(topic: string): void {
    if (this.#followed.has(topic) || this.#topics.get(topic)?.size !== 0) return;
    this.#topics.delete(topic);
  }
}
