/**
 * A broker whose faults a test chooses: records that come late, twice or never, an engine that is away,
 * that answers late, or that has lost its logs.
 *
 * @module
 */
import type {
  Appended,
  Broker,
  BrokerContext,
  BrokerStatus,
  LogRead,
  LogRecord,
  PresenceChange,
  PresenceList,
  PresenceRecord,
  PresenceStore,
  Producer,
  TopicLog,
} from "../../src/topics/broker/broker.ts";
import { BrokerError } from "../../src/topics/broker/broker_error.ts";
import type { Payload } from "../../src/topics/broker/payload.ts";
import type { Position } from "../../src/topics/broker/position.ts";

interface Log {
  epoch: string;
  top: number;
  records: LogRecord[];
}

interface Roll {
  top: number;
  readonly records: Map<string, PresenceRecord>;
}

/** What the processes of an application share. */
export class ScriptedEngine {
  /** Its brokers, one for each process. */
  readonly brokers: ScriptedBroker[] = [];
  /** When each process gave its last sign of life. */
  readonly beats: Map<string, number> = new Map();
  readonly #logs = new Map<string, Log>();
  readonly #rolls = new Map<string, Roll>();
  #epochs = 0;

  /** A broker of another process. */
  broker(): ScriptedBroker {
    const broker = new ScriptedBroker(this);
    this.brokers.push(broker);
    return broker;
  }

  /** The log of a topic, which is made when it is first asked for. */
  log(topic: string): Log {
    const log = this.#logs.get(topic) ??
      { epoch: `e${++this.#epochs}`, top: 0, records: [] };
    this.#logs.set(topic, log);
    return log;
  }

  /** The presence of a topic. */
  roll(topic: string): Roll {
    const roll = this.#rolls.get(topic) ?? { top: 0, records: new Map() };
    this.#rolls.set(topic, roll);
    return roll;
  }

  /** All topics with a presence. */
  get topics(): string[] {
    return [...this.#rolls.keys()];
  }

  /** Loses the log of a topic. */
  forget(topic: string): void {
    this.#logs.delete(topic);
  }

  /** Adds a record and hands it to all who follow. */
  append(topic: string, payload: Payload, step = 1): Position {
    const log = this.log(topic);
    const record = { offset: log.top + step, previous: log.top, payload };
    log.top = record.offset;
    log.records.push(record);
    for (const broker of this.brokers) broker.hand(topic, log.epoch, record);
    return { epoch: log.epoch, offset: record.offset };
  }

  /** Tells of a change of the presence. */
  change(topic: string, record: PresenceRecord, gone: boolean): void {
    const roll = this.roll(topic);
    const change = { epoch: "p", offset: roll.top + 1, previous: roll.top, record, gone };
    roll.top++;
    for (const broker of this.brokers) broker.handChange(topic, change);
  }
}

/** One process's way to the engine. */
export class ScriptedBroker implements Broker {
  readonly name = "scripted";
  /** Whether the engine is away: every call rejects. */
  away = false;
  /** Whether records wait for {@linkcode deliver}. */
  late = false;
  /** Whether reads wait for {@linkcode answer}. */
  slow = false;
  /** Records, and changes, that come next and are lost on the way. */
  drops = 0;
  /** Whether everything comes twice. */
  twice = false;
  /** How often the log was read. */
  reads = 0;
  /** How often lists were asked for. */
  lists = 0;
  /** How often it was opened, and closed. */
  readonly life: string[] = [];
  /** The plain messages that it carried. */
  readonly carried: [topic: string, payload: Payload][] = [];
  readonly #engine: ScriptedEngine;
  readonly #followed = new Set<string>();
  readonly #watched = new Set<string>();
  readonly #late: (() => void)[] = [];
  readonly #slow: (() => void)[] = [];
  #context: BrokerContext | undefined;

  constructor(engine: ScriptedEngine) {
    this.#engine = engine;
  }

  get status(): BrokerStatus {
    return { state: "connected", since: 0, queued: 0, ignored: 0, lastError: null };
  }

  get node(): string {
    return this.#context?.node ?? "";
  }

  /** What is followed. */
  get followed(): string[] {
    return [...this.#followed];
  }

  /** How many records wait. */
  get waiting(): number {
    return this.#late.length;
  }

  open(context: BrokerContext): void {
    this.life.push("open");
    this.#context = context;
  }

  // deno-lint-ignore require-await -- of the interface
  async close(): Promise<void> {
    this.life.push("close");
    this.#context = undefined;
  }

  publish(topic: string, payload: Payload): void {
    this.carried.push([topic, payload]);
    for (const other of this.#engine.brokers) {
      if (other !== this) other.#context?.events.plain(topic, payload);
    }
  }

  readonly log: TopicLog = {
    append: async (topic: string, payload: Payload, _producer?: Producer): Promise<Appended> => {
      await this.#reach();
      const position = this.#engine.append(topic, payload);
      return { position, duplicate: false };
    },
    read: async (topic: string, after: Position | null): Promise<LogRead> => {
      await this.#reach();
      this.reads++;
      const read = this.#read(topic, after);
      // As over a network: what the engine had is what comes, however long it takes.
      await this.#wait();
      return read;
    },
    top: async (topic: string): Promise<Position> => {
      await this.#reach();
      const { epoch, top } = this.#engine.log(topic);
      await this.#wait();
      return { epoch, offset: top };
    },
    follow: async (topic: string): Promise<void> => {
      await this.#reach();
      this.#followed.add(topic);
    },
    unfollow: (topic: string) => void this.#followed.delete(topic),
  };

  readonly presence: PresenceStore = {
    join: async (topic, record) => {
      await this.#reach();
      this.#engine.roll(topic).records.set(`${record.node} ${record.id}`, record);
      this.#engine.change(topic, record, false);
    },
    leave: async (topic, { node, id }) => {
      await this.#reach();
      const { records } = this.#engine.roll(topic);
      const record = records.get(`${node} ${id}`);
      if (record === undefined) return;
      records.delete(`${node} ${id}`);
      this.#engine.change(topic, record, true);
    },
    list: async (topic): Promise<PresenceList> => {
      await this.#reach();
      this.lists++;
      const { records, top } = this.#engine.roll(topic);
      const list = { records: [...records.values()], position: { epoch: "p", offset: top } };
      await this.#wait();
      return list;
    },
    changes: async (topic) => {
      await this.#reach();
      this.#watched.add(topic);
    },
    endChanges: (topic) => void this.#watched.delete(topic),
    beat: async (ms) => {
      await this.#reach();
      const { beats } = this.#engine;
      beats.set(this.node, performance.now());
      const oldest = performance.now() - ms;
      return [...beats].filter(([, time]) => time < oldest).map(([node]) => node);
    },
    bury: async (node) => {
      await this.#reach();
      this.#engine.beats.delete(node);
      for (const topic of this.#engine.topics) {
        for (const [key, record] of [...this.#engine.roll(topic).records]) {
          if (record.node !== node) continue;
          this.#engine.roll(topic).records.delete(key);
          this.#engine.change(topic, record, true);
        }
      }
    },
  };

  /** Hands a record over, as its faults say. */
  hand(topic: string, epoch: string, record: LogRecord): void {
    if (!this.#followed.has(topic)) return;
    this.#carry(() => this.#context?.events.record(topic, epoch, record));
  }

  /** Hands a change over, as its faults say. */
  handChange(topic: string, change: PresenceChange): void {
    if (!this.#watched.has(topic)) return;
    this.#carry(() => this.#context?.events.presence(topic, change));
  }

  /** Lets the next records that were late arrive; all, unless a number is given. */
  deliver(count: number = Infinity): void {
    for (let left = count; left > 0 && this.#late.length > 0; left--) this.#late.shift()?.();
  }

  /** Lets reads that were slow be answered; all, unless a number is given. */
  answer(count: number = Infinity): void {
    for (let left = count; left > 0 && this.#slow.length > 0; left--) this.#slow.shift()?.();
  }

  /** The connection was lost, and what was on its way with it; now it is back. */
  interrupt(): void {
    this.#late.length = 0;
    this.#context?.events.interrupted();
  }

  #carry(hand: () => void): void {
    if (this.drops > 0) return void this.drops--;
    for (let times = this.twice ? 2 : 1; times > 0; times--) {
      if (this.late) this.#late.push(hand);
      else hand();
    }
  }

  #read(topic: string, after: Position | null): LogRead {
    const { epoch, top, records } = this.#engine.log(topic);
    const oldest = records[0]?.previous ?? top;
    const isWhole = after === null ||
      after.epoch === epoch && after.offset <= top && after.offset >= oldest;
    const first = after?.offset ?? 0;
    const kept = isWhole ? records.filter(({ offset }) => offset > first) : [];
    return { epoch, top, records: kept, whole: isWhole };
  }

  #wait(): Promise<void> {
    if (!this.slow) return Promise.resolve();
    return new Promise((resolve) => this.#slow.push(resolve));
  }

  // deno-lint-ignore require-await -- what it throws is a rejection
  async #reach(): Promise<void> {
    if (this.away) throw new BrokerError("Cannot reach the topics: the engine is away");
  }
}
