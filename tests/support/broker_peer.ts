/**
 * A process as its broker sees it.
 *
 * @module
 */
import { assert } from "@std/assert";
import type {
  Broker,
  BrokerContext,
  LogRecord,
  PresenceChange,
  PresenceStore,
  TopicLimits,
  TopicLog,
} from "../../src/topics/broker/broker.ts";
import { poll } from "./poll.ts";

/** A broker, and all that it handed over. */
export class BrokerPeer {
  /** The name of the process. */
  readonly node: string = crypto.randomUUID();
  /** The broker under test. */
  readonly broker: Broker;
  /** The plain messages of other processes, topic and payload. */
  readonly plain: [topic: string, payload: string][] = [];
  readonly #limitsOf: (topic: string) => TopicLimits;
  readonly #records = new Map<string, LogRecord[]>();
  readonly #epochs = new Map<string, string[]>();
  readonly #changes = new Map<string, PresenceChange[]>();
  #interrupted = 0;

  /** @param limitsOf What topics keep. */
  constructor(broker: Broker, limitsOf: (topic: string) => TopicLimits) {
    this.broker = broker;
    this.#limitsOf = limitsOf;
  }

  /** The broker's. */
  get log(): TopicLog {
    return this.broker.log;
  }

  /** The broker's. */
  get presence(): PresenceStore {
    return this.broker.presence;
  }

  /** Opens the broker. */
  async open(): Promise<void> {
    await this.broker.open(this.#context());
  }

  /** What was handed over of a topic that is followed. */
  records(topic: string): readonly LogRecord[] {
    return this.#records.get(topic) ?? [];
  }

  /** The epochs of these, each once. */
  epochs(topic: string): readonly string[] {
    return [...new Set(this.#epochs.get(topic))];
  }

  /** What was handed over of a presence that is followed. */
  changes(topic: string): readonly PresenceChange[] {
    return this.#changes.get(topic) ?? [];
  }

  /** How often it was told that something may have been missed. */
  readonly interrupted = (): number => this.#interrupted;

  /** Waits for something that the broker hands over; fails when it does not come. */
  async until(condition: () => boolean): Promise<void> {
    assert(await poll(condition), `it did not become true in time: ${condition}`);
  }

  #context(): BrokerContext {
    return {
      node: this.node,
      limitsOf: (topic) => this.#limitsOf(topic),
      events: {
        plain: (topic, payload) => void this.plain.push([topic, payload]),
        record: (topic, epoch, record) => {
          add(this.#records, topic, record);
          add(this.#epochs, topic, epoch);
        },
        presence: (topic, change) => add(this.#changes, topic, change),
        interrupted: () => void this.#interrupted++,
      },
    };
  }
}

function add<T>(lists: Map<string, T[]>, topic: string, item: T): void {
  const list = lists.get(topic);
  if (list === undefined) lists.set(topic, [item]);
  else list.push(item);
}
