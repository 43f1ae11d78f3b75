/** The broker within the object that hosts the topics. */
import type {
  Broker,
  BrokerContext,
  BrokerStatus,
  SleepingConnection,
} from "../topics/broker/broker.ts";
import type { TopicSettings } from "../topics/settings.ts";
import { TopicHub } from "../topics/topic_hub.ts";
import { BrokerError } from "../topics/broker/broker_error.ts";
import type { Payload } from "../topics/broker/payload.ts";
import type { DurableObjectState } from "./durable_object.ts";
import { quotedSql } from "./quoted_sql.ts";
import { SqlLog } from "./sql_log.ts";
import { SqlPresence } from "./sql_presence.ts";

/** Keeps the topics in the database of the object. */
export class ObjectBroker implements Broker {
  readonly name = "Durable Object";
  readonly log: SqlLog;
  readonly presence: SqlPresence;
  /** The connections, whose tokens the object renews. */
  readonly sleepers: Set<SleepingConnection> = new Set();
  #context: BrokerContext | undefined;
  #state: BrokerStatus["state"] = "idle";
  #since = Date.now();

  /** @param state What the runtime gives the object. */
  constructor({ storage }: DurableObjectState) {
    const sql = quotedSql(storage.sql);
    const context = () => this.context;
    this.log = new SqlLog(sql, context);
    this.presence = new SqlPresence(sql, context);
  }

  /**
   * What the application has given.
   *
   * @throws {BrokerError} Before it has opened the broker.
   */
  get context(): BrokerContext {
    if (this.#context !== undefined) return this.#context;
    const reason = this.#state === "closed" ? "is closed" : "was not opened";
    throw new BrokerError(`Cannot reach the topics: the broker "${this.name}" ${reason}`);
  }

  get status(): BrokerStatus {
    return { state: this.#state, since: this.#since, queued: 0, ignored: 0, lastError: null };
  }

  /** Begins. */
  open(context: BrokerContext): void {
    this.#context = context;
    this.#enter("connected");
  }

  /** Does nothing: all who listen are here. */
  publish(_topic: string, _payload: Payload): void {}

  // For `web/setting_modules_on_workers.ts`, and private: nobody else asks.
  private topicHub(settings: TopicSettings): TopicHub {
    return new TopicHub(settings);
  }

  /** Ends it. What is kept stays. */
  close(): Promise<void> {
    this.#context = undefined;
    this.#enter("closed");
    return Promise.resolve();
  }

  #enter(state: BrokerStatus["state"]): void {
    this.#state = state;
    this.#since = Date.now();
  }
}
