import type {
  BrokerContext,
  LogRecord,
  PresenceChange,
  PresenceRecord,
  Producer,
} from "../broker/broker.ts";
import type { Position } from "../broker/position.ts";
import { RecentProducers } from "../memory/recent_producers.ts";
import { TopicHistory } from "../memory/topic_history.ts";
import { TopicPresence } from "../memory/topic_presence.ts";
import type { Operation } from "./operation.ts";
import type { Snapshot, SnapshotPart } from "./snapshot.ts";

/** What came of an operation, for those who follow the topic. */
export type Outcome =
  | { readonly record: LogRecord; readonly epoch: string }
  | { readonly change: PresenceChange }
  | null;

/** Milliseconds after which a process that is silent and has no record is no longer counted. */
const SILENT = 600_000;

/** The beginning of the name of an isolate that publishes by itself, and of any other producer. */
const ISOLATE = "isolate ";
const CLIENT = "client ";

/**
 * An isolate as a producer: what it sends again, because its answer did not come, is a double.
 *
 * @param number Grows with each of its publications, to whatever topic.
 */
export function isolateProducer(node: string, number: number): Producer {
  return { id: ISOLATE + node, number };
}

/** A producer that was given. Whatever its name, it is not taken for an isolate. */
export function clientProducer({ id, number }: Producer): Producer {
  return { id: CLIENT + id, number };
}

/** Topics and presences as all isolates have them: what changes them are operations alone. */
export class Replica {
  readonly #limitsOf: BrokerContext["limitsOf"];
  readonly #topics = new Map<string, TopicHistory>();
  readonly #presences = new Map<string, TopicPresence>();
  readonly #producers = new RecentProducers();
  /** When each process has last beaten. */
  readonly #beats = new Map<string, number>();
  /** How many records each has. */
  readonly #places = new Map<string, number>();

  /** Makes an empty one. */
  constructor(limitsOf: BrokerContext["limitsOf"]) {
    this.#limitsOf = limitsOf;
  }

  /** A topic that has begun. */
  topic(name: string): TopicHistory | undefined {
    return this.#topics.get(name);
  }

  /** The presence of a topic that is gathered. */
  presence(topic: string): TopicPresence | undefined {
    return this.#presences.get(topic);
  }

  /** The topics, in the order in which they began. */
  topics(): IterableIterator<[string, TopicHistory]> {
    return this.#topics.entries();
  }

  /** The presences. */
  presences(): IterableIterator<[string, TopicPresence]> {
    return this.#presences.entries();
  }

  /** Where a double was appended; if that is not known any more, where something later was. */
  double(topic: string, producer: Producer): Position | undefined {
    const latest = this.#producers.find(scopeOf(topic, producer), producer);
    const history = this.#topics.get(topic);
    if (latest === undefined || history === undefined) return latest;
    const { epoch, top } = history;
    const offset = history.find(producer);
    if (offset === undefined && latest.epoch !== epoch) return { epoch, offset: top };
    return { epoch, offset: offset ?? latest.offset };
  }

  /** The processes that have records and have not beaten for so many milliseconds. */
  dead(ms: number): string[] {
    const since = performance.now() - ms;
    return [...this.#places.keys()].filter((node) => (this.#beats.get(node) ?? 0) <= since);
  }

  /**
   * Carries an operation out.
   *
   * @returns `undefined` if it does not follow what is here: something was missed.
   */
  apply(operation: Operation): Outcome | undefined {
    const { topic } = { topic: "", ...operation };
    const now = performance.now();
    switch (operation.op) {
      case "append":
        return this.#append(operation, now);
      case "begin":
        this.#topics.set(topic, this.#newTopic(topic, { epoch: operation.epoch, offset: 0 }, now));
        return null;
      case "touch":
        this.#topics.get(topic)?.touch(now);
        return null;
      case "forget":
        this.#topics.delete(topic);
        return null;
      case "member":
        return this.#change(operation, now);
      case "gather":
        this.#presences.set(topic, new TopicPresence([], operation.epoch));
        return null;
      case "scatter":
        this.#presences.delete(topic);
        return null;
      case "beat":
        this.#beats.set(operation.node, now);
        this.#forgetSilent(now);
        return null;
    }
  }

  /** All of it, in parts. */
  capture(): SnapshotPart[] {
    const now = performance.now();
    const parts: SnapshotPart[] = [];
    for (const [topic, history] of this.#topics) {
      const { epoch, top } = history;
      parts.push({ part: "topic", topic, epoch, top, entries: history.entries(now) });
    }
    for (const [topic, presence] of this.#presences) {
      parts.push({ part: "presence", topic, ...presence.list() });
    }
    parts.push({ part: "producers", entries: this.#producers.entries(now) });
    const beats = Array.from(this.#beats, ([node, at]) => ({ node, age: now - at }));
    parts.push({ part: "beats", beats });
    return parts;
  }

  /** Replaces all of it. */
  restore(snapshot: Snapshot): void {
    this.clear();
    const now = performance.now();
    for (const part of snapshot) this.#restorePart(part, now);
  }

  /** Forgets everything. */
  clear(): void {
    for (const map of [this.#topics, this.#presences, this.#beats, this.#places]) map.clear();
    this.#producers.clear();
  }

  #append(operation: Operation & { op: "append" }, now: number): Outcome | undefined {
    const { topic, epoch, offset, payload, id, number } = operation;
    const history = this.#topics.get(topic);
    if (history === undefined || history.epoch !== epoch || history.top + 1 !== offset) {
      return undefined;
    }
    const producer = { id, number };
    const record = history.append(payload, now, producer);
    this.#producers.note(scopeOf(topic, producer), producer, { epoch, offset }, now);
    return { record, epoch };
  }

  #change(operation: Operation & { op: "member" }, now: number): Outcome | undefined {
    const { topic, epoch, node, id, info, gone } = operation;
    const presence = this.#presences.get(topic);
    if (presence === undefined || presence.epoch !== epoch) return undefined;
    const before = presence.size;
    const change = gone ? presence.leave({ node, id }) : presence.join({ node, id, info });
    if (change === null) return undefined;
    this.#count(node, presence.size - before, now);
    return { change };
  }

  #restorePart(part: SnapshotPart, now: number): void {
    if (part.part === "topic") this.#restoreTopic(part, now);
    else if (part.part === "presence") this.#restorePresence(part, now);
    else if (part.part === "producers") {
      for (const entry of part.entries) this.#producers.restore(entry, now);
    } else for (const { node, age } of part.beats) this.#beats.set(node, now - age);
  }

  #restoreTopic(part: SnapshotPart & { part: "topic" }, now: number): void {
    const { topic, epoch, top, entries } = part;
    const history = this.#newTopic(topic, { epoch, offset: top - entries.length }, now);
    for (const { payload, age, producer } of entries) history.append(payload, now - age, producer);
    this.#topics.set(topic, history);
  }

  #restorePresence(part: SnapshotPart & { part: "presence" }, now: number): void {
    const { topic, records, position } = part;
    this.#presences.set(topic, new TopicPresence(records, position.epoch, position.offset));
    for (const { node } of records) this.#count(node, 1, now);
  }

  #newTopic(topic: string, position: Position, now: number): TopicHistory {
    return new TopicHistory(position, this.#limitsOf(topic), now);
  }

  #count(node: string, more: number, now: number): void {
    const count = (this.#places.get(node) ?? 0) + more;
    if (count > 0) this.#places.set(node, count);
    else this.#places.delete(node);
    if (!this.#beats.has(node)) this.#beats.set(node, now);
  }

  #forgetSilent(now: number): void {
    for (const [node, at] of this.#beats) {
      if (at + SILENT <= now && !this.#places.has(node)) this.#beats.delete(node);
    }
  }
}

/** An isolate is one producer for all topics: a million of them are no million entries. */
function scopeOf(topic: string, { id }: Producer): string {
  return id.startsWith(ISOLATE) ? "" : topic;
}

/** The records of a process, in every topic. */
export function placesOf(
  replica: Replica,
  node: string,
): { topic: string; record: PresenceRecord }[] {
  return [...replica.presences()].flatMap(([topic, presence]) =>
    presence.list().records
      .filter((record) => record.node === node)
      .map((record) => ({ topic, record }))
  );
}
