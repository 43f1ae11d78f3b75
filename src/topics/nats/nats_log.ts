/** The history of topics in a stream of NATS. */
import type { Msg, MsgHdrs } from "@nats-io/transport-node";
import type {
  Appended,
  BrokerContext,
  LogRead,
  LogRecord,
  Producer,
  TopicLog,
} from "../broker/broker.ts";
import { BrokerError } from "../broker/broker_error.ts";
import { type Payload, payloadKind } from "../broker/payload.ts";
import type { Position } from "../broker/position.ts";
import { expectStored, WRONG_LAST_SEQUENCE } from "./acknowledgement.ts";
import { countOutdated } from "./kept_window.ts";
import { LiveOrder } from "./live_order.ts";
import type { NatsLink } from "./nats_link.ts";
import type { StreamWriter } from "./stream_writer.ts";
import { encodeToken } from "./subject_token.ts";
import { readPlace, type StoredMessage } from "./stored_message.ts";
import type { StreamReader } from "./stream_reader.ts";
import type { SubjectQuery, SubjectRead } from "./subject_read.ts";
import { TopicTrim } from "./topic_trim.ts";

/** The field of a message that gives an empty topic a position, and is no record. */
const BEGIN = "Gustnado-Begin";

/** Attempts to find the last message of a topic, or to be the first. */
const ATTEMPTS = 5;

/** What the history shares with its broker. */
export interface NatsLogParts {
  readonly link: NatsLink;
  readonly writer: StreamWriter;
  readonly reader: StreamReader;
  readonly prefix: string;
  /** Throws a `BrokerError` while the broker is not open. */
  readonly context: () => BrokerContext;
  /** Counts a message that another program sent. */
  ignore(): void;
}

/**
 * The history of topics: a stream with a subject for each. An offset is a sequence of the stream, which is
 * what makes it grow by more than one.
 *
 * The stream tells what it keeps, never what it left out. That a position can be continued is known by the
 * message at the position: if it is there, then so is everything after it. Therefore a subject keeps one message
 * more than the topic, and all of them twice as long; and an empty topic gets a message that is no record.
 */
export class NatsLog implements TopicLog {
  readonly #parts: NatsLogParts;
  readonly #followed = new Map<string, LiveOrder>();
  readonly #trim: TopicTrim;
  #number = 0;
  #last = 0;

  constructor(parts: NatsLogParts) {
    this.#parts = parts;
    this.#trim = new TopicTrim(parts);
  }

  /** Appends a message. */
  async append(topic: string, payload: Payload, producer?: Producer): Promise<Appended> {
    const { writer, context } = this.#parts;
    const subject = this.#open(topic);
    const id = producer === undefined
      ? this.#ownId()
      : `${encodeToken(topic)}/${encodeToken(producer.id, "producer's name")}/${producer.number}`;
    const answer = await writer.write(subject, payload, [["Nats-Msg-Id", id]]);
    const { sequence, duplicate } = expectStored(answer);
    if (!duplicate) {
      this.#noteLast(sequence);
      this.#trim.note(subject, context().limitsOf(topic), payload.length);
    }
    return { position: { epoch: this.#epoch(), offset: sequence }, duplicate };
  }

  /** What was published after a position. */
  async read(topic: string, after: Position | null): Promise<LogRead> {
    const subject = this.#open(topic);
    if (after === null) return await this.#readAll(topic, subject);
    const { state: { epoch } } = await this.#parts.writer.ready();
    const { offset } = after;
    const records = epoch === after.epoch && offset > 0
      ? await this.#readAfter(topic, subject, offset)
      : null;
    if (records !== null) {
      return { epoch, top: records.at(-1)?.offset ?? offset, records, whole: true };
    }
    const top = await this.top(topic);
    return { epoch: top.epoch, top: top.offset, records: [], whole: false };
  }

  /** The position after the last publication. */
  async top(topic: string): Promise<Position> {
    const { writer } = this.#parts;
    const subject = this.#open(topic);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { state: { epoch } } = await writer.ready();
      const offset = await this.#lastOf(subject) ?? await this.#begin(subject);
      if (offset !== null) return { epoch, offset };
    }
    throw new BrokerError("Cannot read a topic from NATS: its messages come and go");
  }

  /** Hands the records of a topic over from now on. */
  async follow(topic: string): Promise<void> {
    this.#open(topic);
    this.unfollow(topic);
    const order = this.#order(topic);
    this.#followed.set(topic, order);
    try {
      await this.#parts.writer.ready();
      await this.#parts.link.listen(
        this.#liveSubject(topic),
        (message) => this.#take(order, message),
      );
    } catch (error) {
      if (this.#followed.get(topic) === order) this.unfollow(topic);
      throw error;
    }
  }

  /** Ends it. */
  unfollow(topic: string): void {
    this.#followed.get(topic)?.reset();
    if (this.#followed.delete(topic)) this.#parts.link.unlisten(this.#liveSubject(topic));
  }

  /** The connection or the stream is another one. */
  reset(): void {
    this.#last = 0;
    for (const order of this.#followed.values()) order.reset();
  }

  #order(topic: string): LiveOrder {
    const { writer, context } = this.#parts;
    return new LiveOrder({
      record: (record) => {
        if (writer.epoch !== null) context().events.record(topic, writer.epoch, record);
      },
      doubt: () => writer.check(),
    });
  }

  /** The subject of a topic, whose limits the stream has to have. */
  #open(topic: string): string {
    const { link, writer, prefix, context } = this.#parts;
    link.refuseIfOver();
    const { history, ttl } = context().limitsOf(topic);
    writer.keep(history + 1, ttl * 2);
    return `${prefix}.log.${encodeToken(topic, "topic's name")}`;
  }

  #liveSubject(topic: string): string {
    return `${this.#parts.prefix}.live.${encodeToken(topic)}`;
  }

  /** For the sake of what is sent again after a loss. */
  #ownId(): string {
    return `${encodeToken(this.#parts.context().node)}~${++this.#number}`;
  }

  #epoch(): string {
    const { epoch } = this.#parts.writer;
    if (epoch === null) throw new BrokerError("The connection to NATS broke off");
    return epoch;
  }

  /** Sequences of one stream only grow. */
  #noteLast(sequence: number): void {
    if (sequence <= this.#last) this.#parts.writer.check();
    else this.#last = sequence;
  }

  #take(order: LiveOrder, message: Msg): void {
    const { writer, ignore } = this.#parts;
    if (writer.epoch === null) return;
    const place = readPlace(message, writer.name);
    if (place === null) return ignore();
    const payload = recordOf(message);
    if (payload === null && !isBegin(message.headers)) ignore();
    order.take({ ...place, payload });
  }

  async #readAll(topic: string, subject: string): Promise<LogRead> {
    const { writer, context } = this.#parts;
    const { state: { epoch } } = await writer.ready();
    const { messages, now } = await this.#query({ subject });
    const last = topOf(messages);
    if (last === null) {
      const top = await this.top(topic);
      return { epoch: top.epoch, top: top.offset, records: [], whole: true };
    }
    const { records, weights } = recordsOf(messages, null);
    const kept = records.slice(countOutdated(weights, context().limitsOf(topic), now));
    return { epoch, top: last, records: kept, whole: true };
  }

  /** `null` if the position cannot be continued. */
  async #readAfter(
    topic: string,
    subject: string,
    offset: number,
  ): Promise<readonly LogRecord[] | null> {
    const { messages: [first, ...rest], now } = await this.#query({ subject, from: offset });
    if (first?.sequence !== offset) return null;
    const { records, weights } = recordsOf(rest, offset);
    return countOutdated(weights, this.#parts.context().limitsOf(topic), now) === 0
      ? records
      : null;
  }

  #query(query: Omit<SubjectQuery, "stream">): Promise<SubjectRead> {
    const { reader, writer } = this.#parts;
    return reader.read(writer, query);
  }

  /** The last record, or what began the topic; `null` if the subject is empty. */
  async #lastOf(subject: string): Promise<number | null> {
    const { link, writer } = this.#parts;
    const { session } = await writer.ready();
    try {
      const query = { last_by_subj: subject };
      const last = await link.inTime(session.manager.streams.getMessage(writer.name, query));
      if (last === null) return null;
      if (isBegin(last.header) || payloadKind(last.string()) !== null) return last.seq;
    } catch (error) {
      throw link.errorOf("Cannot read a topic from NATS", error);
    }
    // Another program was the last that published.
    return topOf((await this.#query({ subject })).messages);
  }

  /** Gives an empty topic a position; `null` if it is not empty any more. */
  async #begin(subject: string): Promise<number | null> {
    const answer = await this.#parts.writer.write(subject, "", [
      ["Nats-Msg-Id", this.#ownId()],
      ["Nats-Expected-Last-Subject-Sequence", "0"],
      [BEGIN, "1"],
    ]);
    if (answer.kind === "refused" && answer.code === WRONG_LAST_SEQUENCE) return null;
    return expectStored(answer).sequence;
  }
}

function isBegin(headers: MsgHdrs | undefined): boolean {
  return headers?.has(BEGIN) === true;
}

/** Where a topic is: what other programs published does not count. */
function topOf(messages: readonly StoredMessage[]): number | null {
  const last = messages.findLast(({ message }) =>
    isBegin(message.headers) || recordOf(message) !== null
  );
  return (last ?? messages.at(-1))?.sequence ?? null;
}

/** `null` if it is none: it begins a topic, or another program published it. */
function recordOf(message: Msg): Payload | null {
  if (isBegin(message.headers)) return null;
  const payload = message.string();
  return payloadKind(payload) === null ? null : payload;
}

/**
 * The records among the messages.
 *
 * @param after The position before the first message; `null` for the begin of what is kept.
 */
function recordsOf(
  messages: readonly StoredMessage[],
  after: number | null,
): { readonly records: LogRecord[]; readonly weights: StoredMessage[] } {
  const records: LogRecord[] = [];
  const weights: StoredMessage[] = [];
  let previous = after ?? 0;
  for (const stored of messages) {
    const payload = recordOf(stored.message);
    if (payload !== null) {
      records.push({ offset: stored.sequence, previous, payload });
      weights.push(stored);
    }
    if (payload !== null || after === null && records.length === 0) previous = stored.sequence;
  }
  return { records, weights };
}
