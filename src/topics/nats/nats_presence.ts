/** Who is in a topic, in a stream of NATS. */
import type { Msg } from "@nats-io/transport-node";
import type {
  BrokerContext,
  PresenceList,
  PresenceRecord,
  PresenceStore,
} from "../broker/broker.ts";
import { expectStored } from "./acknowledgement.ts";
import type { NatsLink } from "./nats_link.ts";
import { PresenceChain } from "./presence_chain.ts";
import type { PresenceKey, PresenceSubjects } from "./presence_subjects.ts";
import type { StreamWriter } from "./stream_writer.ts";
import { readPlace, type StoredMessage } from "./stored_message.ts";
import type { StreamReader } from "./stream_reader.ts";
import type { SubjectQuery, SubjectRead } from "./subject_read.ts";
import { type Sequenced, SortedDelay } from "./sorted_delay.ts";
import { encodeToken } from "./subject_token.ts";

/** The field of a message that takes a record away. */
const GONE = "Gustnado-Gone";

/** Milliseconds that such a message stays: until then it is the last change of its topic. */
const GONE_FOR = 60_000;

/** How many of them may wait for their removal. */
const GONE_LIMIT = 10_000;

/** A change before it has its place. */
interface DelayedChange extends Sequenced {
  readonly topic: string;
  readonly record: PresenceRecord;
  readonly gone: boolean;
}

/** What presence shares with its broker. */
export interface NatsPresenceParts {
  readonly link: NatsLink;
  readonly writer: StreamWriter;
  readonly reader: StreamReader;
  readonly subjects: PresenceSubjects;
  /** Throws a `BrokerError` while the broker is not open. */
  readonly context: () => BrokerContext;
  /** Counts a message that another program sent. */
  ignore(): void;
}

/** Who is in a topic: a stream that keeps the last message of each subject, one subject a record. */
export class NatsPresence implements PresenceStore {
  readonly #parts: NatsPresenceParts;
  readonly #chains = new Map<string, PresenceChain>();
  /** The processes that have records through this broker. */
  readonly #nodes = new Set<string>();
  /** Those of them that the stream knows. */
  readonly #registered = new Set<string>();
  /** The messages that took records away, and when they go. */
  readonly #gone = new Map<number, number>();
  readonly #delay = new SortedDelay<DelayedChange>((change) => this.#hand(change));
  #number = 0;

  constructor(parts: NatsPresenceParts) {
    this.#parts = parts;
  }

  /** Adds a record, or replaces its `info`. */
  async join(topic: string, { node, id, info }: PresenceRecord): Promise<void> {
    const { subjects } = this.#parts;
    const subject = subjects.record({ topic, node, id });
    this.#nodes.add(node);
    await Promise.all([this.#write(subject, info), this.#register(node)]);
  }

  /** Takes a record away. */
  async leave(topic: string, { node, id }: Pick<PresenceRecord, "node" | "id">): Promise<void> {
    await this.#takeAway({ topic, node, id });
  }

  /** All records of a topic. */
  async list(topic: string): Promise<PresenceList> {
    const { writer, subjects } = this.#parts;
    const { state: { epoch } } = await writer.ready();
    const { messages } = await this.#query({ subject: subjects.topic(topic), last: true });
    const records = messages.map((stored) => this.#recordOf(stored))
      .filter((record) => record !== null);
    const last = messages.reduce((top, { sequence }) => Math.max(top, sequence), 0);
    const offset = this.#chains.get(topic)?.list(last) ?? last;
    return { records, position: { epoch, offset } };
  }

  /** Hands the changes of a topic over from now on. */
  async changes(topic: string): Promise<void> {
    const { link, writer, subjects } = this.#parts;
    link.refuseIfOver();
    const subject = subjects.changes(topic);
    this.#chains.set(topic, new PresenceChain());
    try {
      await writer.ready();
      await link.listen(subject, (message) => this.#take(topic, message));
    } catch (error) {
      this.#chains.delete(topic);
      throw error;
    }
  }

  /** Ends it. */
  endChanges(topic: string): void {
    const { link, subjects } = this.#parts;
    if (this.#chains.delete(topic)) link.unlisten(subjects.changes(topic));
  }

  /** Tells that this process lives, and finds those that do not. */
  async beat(ms: number): Promise<readonly string[]> {
    const { writer, subjects, context } = this.#parts;
    const { session } = await writer.ready();
    if (this.#nodes.has(context().node)) await this.#write(subjects.node(context().node), "");
    this.#sweep();
    // Nobody could tell that it lives while the server was away.
    if (performance.now() - session.began < ms) return [];
    const { messages, now } = await this.#query({ subject: subjects.nodes, last: true });
    return messages.filter(({ time }) => time < now - ms)
      .map(({ subject }) => subjects.nodeOf(subject))
      .filter((node) => node !== null);
  }

  /** Takes all records of a process away. */
  async bury(node: string): Promise<void> {
    const { link, writer, subjects } = this.#parts;
    const { session } = await writer.ready();
    const { messages } = await this.#query({ subject: subjects.recordsOf(node), last: true });
    await Promise.all(messages.map((stored) => this.#buryOne(stored)));
    this.#nodes.delete(node);
    this.#registered.delete(node);
    try {
      await link.inTime(
        session.manager.streams.purge(writer.name, { filter: subjects.node(node) }),
      );
    } catch (error) {
      throw link.errorOf("Cannot take a process out of NATS", error);
    }
  }

  /** The connection or the stream is another one. */
  reset(): void {
    this.#delay.reset();
    this.#registered.clear();
    for (const chain of this.#chains.values()) chain.reset();
  }

  /** Without this a process would never be found dead. */
  async #register(node: string): Promise<void> {
    if (this.#registered.has(node)) return;
    this.#registered.add(node);
    try {
      await this.#write(this.#parts.subjects.node(node), "");
    } catch (error) {
      this.#registered.delete(node);
      throw error;
    }
  }

  async #write(subject: string, payload: string, isGone?: "gone"): Promise<number> {
    const { writer, context } = this.#parts;
    const id = `${encodeToken(context().node)}~${++this.#number}`;
    const answer = await writer.write(subject, payload, [
      ["Nats-Msg-Id", id],
      ...(isGone === undefined ? [] : [[GONE, "1"] as const]),
    ]);
    return expectStored(answer).sequence;
  }

  /** Not by removing the message: those who follow have to be told, and in their order. */
  async #takeAway(key: PresenceKey): Promise<void> {
    const sequence = await this.#write(this.#parts.subjects.record(key), "", "gone");
    this.#gone.set(sequence, performance.now() + GONE_FOR);
    if (this.#gone.size > GONE_LIMIT) this.#sweep();
  }

  async #buryOne({ subject, sequence, message }: StoredMessage): Promise<void> {
    const key = this.#parts.subjects.keyOf(subject);
    if (key !== null && !isGone(message)) await this.#takeAway(key);
    else this.#gone.set(sequence, performance.now() + GONE_FOR);
  }

  #sweep(): void {
    const { session } = this.#parts.link;
    if (session === null) return;
    const now = performance.now();
    for (const [sequence, due] of this.#gone) {
      if (due > now && this.#gone.size <= GONE_LIMIT) return;
      this.#gone.delete(sequence);
      // One that is not there any more is what was wanted.
      session.manager.streams.deleteMessage(this.#parts.writer.name, sequence, false)
        .catch(() => {});
    }
  }

  #take(topic: string, message: Msg): void {
    const { writer, subjects, ignore } = this.#parts;
    if (writer.epoch === null) return;
    const place = readPlace(message, writer.name);
    const key = subjects.keyOf(message.subject);
    const info = infoOf(message);
    if (place === null || key === null || info === null) return ignore();
    const gone = isGone(message);
    // It took nothing away.
    if (gone && place.previous === 0) return;
    const record = { node: key.node, id: key.id, info };
    this.#delay.take({ topic, sequence: place.sequence, record, gone });
  }

  #hand({ topic, sequence, record, gone }: DelayedChange): void {
    const { writer, context } = this.#parts;
    const { epoch } = writer;
    const chain = this.#chains.get(topic);
    if (epoch === null || chain === undefined) return;
    const previous = chain.next(sequence);
    if (previous === null) return writer.check();
    context().events.presence(topic, { offset: sequence, previous, epoch, record, gone });
  }

  #recordOf({ subject, message }: StoredMessage): PresenceRecord | null {
    const key = this.#parts.subjects.keyOf(subject);
    const info = infoOf(message);
    return key === null || info === null || isGone(message)
      ? null
      : { node: key.node, id: key.id, info };
  }

  #query(query: Omit<SubjectQuery, "stream">): Promise<SubjectRead> {
    const { reader, writer } = this.#parts;
    return reader.read(writer, query);
  }
}

function isGone({ headers }: Msg): boolean {
  return headers?.has(GONE) === true;
}

/** What others are told; `null` if it is not JSON: another program published it. */
function infoOf(message: Msg): string | null {
  if (isGone(message)) return "null";
  const info = message.string();
  try {
    JSON.parse(info);
    return info;
  } catch {
    return null;
  }
}
