/**
 * One engine for several applications of a process, which can be lost.
 *
 * @module
 */
import type {
  Appended,
  Broker,
  BrokerContext,
  BrokerEvents,
  BrokerStatus,
  LogRead,
  PresenceStore,
  Producer,
  TopicLog,
} from "../../src/topics/broker/broker.ts";
import { BrokerError } from "../../src/topics/broker/broker_error.ts";
import { MemoryBroker } from "../../src/topics/memory/memory_broker.ts";
import type { Position } from "../../src/topics/broker/position.ts";

/** The memory of one process as an engine for many. */
export class SharedEngine {
  readonly #memory = new MemoryBroker();
  readonly #members = new Set<BrokerEvents>();
  #opened = false;
  /** While it is true nothing can be reached. */
  isLost = false;
  /** While it is true nobody is told of what is appended. */
  isMute = false;
  /** Is called before each append, which waits for it. */
  beforeAppend: (topic: string, payload: string) => void | Promise<void> = () => {};
  /** Is called after each append, before the caller hears of it. */
  afterAppend: (topic: string, payload: string) => void | Promise<void> = () => {};

  /** A broker for one application. */
  broker(): Broker {
    return new SharedBroker(this);
  }

  /** Adds an application. */
  join(context: BrokerContext): void {
    this.#members.add(context.events);
    if (this.#opened) return;
    this.#opened = true;
    const events: BrokerEvents = {
      plain: () => {},
      record: (...record) => {
        if (!this.isMute) this.#each((member) => member.record(...record));
      },
      presence: (...change) => this.#each((member) => member.presence(...change)),
      interrupted: () => {},
    };
    this.#memory.open({ ...context, events });
  }

  /** Takes an application away. */
  async part({ events }: BrokerContext): Promise<void> {
    this.#members.delete(events);
    if (this.#members.size === 0) await this.#memory.close();
  }

  /** Hands a message of a plain topic to the others. */
  plain(own: BrokerEvents, topic: string, payload: string): void {
    this.#each((member) => member === own || member.plain(topic, payload));
  }

  /** The log, while the engine is there. */
  get log(): TopicLog {
    this.check();
    return this.#memory.log;
  }

  /** The presence. */
  get presence(): PresenceStore {
    return this.#memory.presence;
  }

  /** @throws {BrokerError} If it is lost. */
  check(): void {
    if (this.isLost) throw new BrokerError("Cannot reach the engine: it is lost");
  }

  #each(tell: (member: BrokerEvents) => unknown): void {
    for (const member of [...this.#members]) tell(member);
  }
}

class SharedBroker implements Broker {
  readonly name = "shared";
  readonly #engine: SharedEngine;
  #context: BrokerContext | undefined;
  readonly status: BrokerStatus = {
    state: "connected",
    since: 0,
    queued: 0,
    ignored: 0,
    lastError: null,
  };

  constructor(engine: SharedEngine) {
    this.#engine = engine;
  }

  get presence(): PresenceStore {
    return this.#engine.presence;
  }

  readonly log: TopicLog = {
    append: async (topic: string, payload: string, producer?: Producer): Promise<Appended> => {
      await this.#engine.beforeAppend(topic, payload);
      const appended = await this.#engine.log.append(topic, payload, producer);
      await this.#engine.afterAppend(topic, payload);
      return appended;
    },
    // deno-lint-ignore require-await -- what is thrown is a rejection
    read: async (topic: string, after: Position | null): Promise<LogRead> =>
      this.#engine.log.read(topic, after),
    // deno-lint-ignore require-await -- what is thrown is a rejection
    top: async (topic: string): Promise<Position> => this.#engine.log.top(topic),
    // deno-lint-ignore require-await -- what is thrown is a rejection
    follow: async (topic: string): Promise<void> => this.#engine.log.follow(topic),
    unfollow: () => {},
  };

  open(context: BrokerContext): void {
    this.#context = context;
    this.#engine.join(context);
  }

  publish(topic: string, payload: string): void {
    if (this.#context !== undefined) this.#engine.plain(this.#context.events, topic, payload);
  }

  async close(): Promise<void> {
    if (this.#context !== undefined) await this.#engine.part(this.#context);
    this.#context = undefined;
  }
}
