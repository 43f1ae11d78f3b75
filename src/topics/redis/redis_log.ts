/** The history of topics in Redis. */
import { excerpt } from "../../http/excerpt.ts";
import type {
  Appended,
  BrokerContext,
  LogRead,
  LogRecord,
  Producer,
  TopicLimits,
  TopicLog,
} from "../broker/broker.ts";
import { BrokerError } from "../broker/broker_error.ts";
import type { Payload } from "../broker/payload.ts";
import { newEpoch, type Position } from "../broker/position.ts";
import { parseKept, parseRecord } from "./envelope.ts";
import type { RedisConnection } from "./redis_connection.ts";
import { APPEND, READ } from "./scripts.ts";
import { type KeySpace, lineOf } from "./topic_keys.ts";

/** Milliseconds that a producer is remembered at least. */
const REMEMBERED = 120_000;
/** Redis refuses to forget what is further away. */
const LONGEST = 10 ** 13;

/** What a log is made of. */
export interface RedisLogOptions {
  readonly connection: RedisConnection;
  readonly keys: KeySpace;
  /** Gives what the broker was opened with. Throws a {@linkcode BrokerError} before. */
  readonly context: () => BrokerContext;
  /** Milliseconds that a publication may take. */
  readonly timeout: number;
  /** Called when a message is none. */
  readonly onIgnored: () => void;
}

/** Keeps the history of topics as lists, whose state is a text beside each. */
export class RedisLog implements TopicLog {
  readonly #options: RedisLogOptions;
  /** What new epochs begin with; the rest is the time of Redis. */
  readonly #seed = newEpoch().slice(0, 3);
  readonly #remembered: string;
  /** Counts what has no producer of its own: it must not be appended twice either. */
  #number = 0;

  constructor(options: RedisLogOptions) {
    this.#options = options;
    // A producer must be known for longer than anything of it waits to be sent again.
    this.#remembered = wholeMs(Math.max(REMEMBERED, 2 * options.timeout));
  }

  /** See {@linkcode TopicLog.append}. */
  async append(
    topic: string,
    payload: Payload,
    producer: Producer = this.#ownProducer(),
  ): Promise<Appended> {
    const { connection, keys } = this.#options;
    const { state, log, producer: from, live } = keys.of(topic);
    const { history, maxBytes, ttl } = this.#limitsOf(topic);
    const id = lineOf(producer.id);
    const answer = await connection.publications.push({
      script: APPEND,
      keys: [state, log, from + id],
      args: [
        ...[this.#seed, id, `${producer.number}`, payload],
        ...[history, maxBytes, ttl, this.#remembered, live],
      ],
      purpose: `append to the topic ${excerpt(topic)}`,
      size: payload.length,
    });
    const [epoch, offset, double] = listOf(answer);
    return { position: { epoch: String(epoch), offset: Number(offset) }, duplicate: double === 1 };
  }

  /** See {@linkcode TopicLog.read}. */
  async read(topic: string, after: Position | null): Promise<LogRead> {
    const place = after === null ? ["all"] : ["after", after.epoch, `${after.offset}`];
    const [epoch, top, whole, ...records] = await this.#read(topic, place);
    return {
      epoch: String(epoch),
      top: Number(top),
      whole: whole === 1,
      records: parseRecords(topic, records, Number(top)),
    };
  }

  /** See {@linkcode TopicLog.top}. */
  async top(topic: string): Promise<Position> {
    const [epoch, offset] = await this.#read(topic, ["none"]);
    return { epoch: String(epoch), offset: Number(offset) };
  }

  /** See {@linkcode TopicLog.follow}. */
  follow(topic: string): Promise<void> {
    const { connection, context, keys, onIgnored } = this.#options;
    const deliver = (text: string) => {
      const found = parseRecord(text);
      if (found === null) onIgnored();
      else context().events.record(topic, found.epoch, found.record);
    };
    const purpose = `follow the topic ${excerpt(topic)}`;
    return connection.channels.add(keys.of(topic).live, deliver, purpose);
  }

  /** See {@linkcode TopicLog.unfollow}. */
  unfollow(topic: string): void {
    const { connection, keys } = this.#options;
    connection.channels.remove(keys.of(topic).live);
  }

  async #read(topic: string, place: readonly string[]): Promise<unknown[]> {
    const { connection, keys } = this.#options;
    const { state, log } = keys.of(topic);
    const { history, maxBytes, ttl } = this.#limitsOf(topic);
    return listOf(
      await connection.questions.push({
        script: READ,
        keys: [state, log],
        args: [this.#seed, history, maxBytes, ttl, ...place],
        purpose: `read the topic ${excerpt(topic)}`,
        size: 0,
      }),
    );
  }

  #ownProducer(): Producer {
    return { id: `${this.#options.context().node}/`, number: ++this.#number };
  }

  #limitsOf(topic: string): Record<keyof TopicLimits, string> {
    const { history, maxBytes, ttl } = this.#options.context().limitsOf(topic);
    return { history: countOf(history), maxBytes: countOf(maxBytes), ttl: wholeMs(ttl) };
  }
}

/** Redis keeps what was appended; others may have written there too, and it is theirs to say what. */
function parseRecords(topic: string, texts: readonly unknown[], top: number): LogRecord[] {
  return texts.map((text, index) => {
    const record = parseKept(String(text));
    if (record?.offset === top - texts.length + 1 + index) return record;
    throw new BrokerError(
      `Cannot read the topic ${excerpt(topic)}: its log in Redis holds what is no record`,
    );
  });
}

/** What Lua reads as a number. */
function countOf(limit: number): string {
  return limit === Infinity ? "1e300" : `${limit}`;
}

function wholeMs(ms: number): string {
  return `${Math.ceil(Math.min(ms, LONGEST))}`;
}

/** What a script answers. */
function listOf(answer: unknown): unknown[] {
  return Array.isArray(answer) ? answer : [];
}
