/** The history of topics in the database of an object. */
import { byteLength } from "../http/body/chunk.ts";
import type {
  Appended,
  BrokerContext,
  LogRead,
  LogRecord,
  Producer,
  TopicLimits,
  TopicLog,
} from "../topics/broker/broker.ts";
import type { Payload } from "../topics/broker/payload.ts";
import { newEpoch, type Position } from "../topics/broker/position.ts";
import { Handover } from "../topics/memory/handover.ts";
import type { SqlStorage } from "./durable_object.ts";

/** Milliseconds that a producer is remembered after its last publication. */
const REMEMBERED = 120_000;

const TABLES = `
CREATE TABLE IF NOT EXISTS topics (
  topic TEXT PRIMARY KEY, epoch TEXT NOT NULL, top INTEGER NOT NULL, bytes INTEGER NOT NULL,
  touched INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
  topic TEXT NOT NULL, offset INTEGER NOT NULL, at INTEGER NOT NULL, bytes INTEGER NOT NULL,
  payload TEXT NOT NULL, producer TEXT, number INTEGER, PRIMARY KEY (topic, offset)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS producers (
  topic TEXT NOT NULL, producer TEXT NOT NULL, number INTEGER NOT NULL, epoch TEXT NOT NULL,
  offset INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (topic, producer)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS producers_at ON producers (at);
`;

/** A topic, as its row says. */
interface TopicRow {
  readonly epoch: string;
  readonly top: number;
  readonly bytes: number;
}

/** The log: one row for a topic, one for a record. Nobody else writes in the database. */
export class SqlLog implements TopicLog {
  readonly #sql: SqlStorage;
  readonly #context: () => BrokerContext;
  readonly #followed = new Set<string>();
  readonly #handover = new Handover<() => void>((deliver) => deliver());

  /**
   * @param sql The database.
   * @param context Gives the context of the broker. Throws a `BrokerError` while it is not open.
   */
  constructor(sql: SqlStorage, context: () => BrokerContext) {
    this.#sql = sql;
    this.#context = context;
    sql.exec(TABLES);
  }

  /** Appends a message; those who follow have it when this returns. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async append(topic: string, payload: Payload, producer?: Producer): Promise<Appended> {
    const { events } = this.#context();
    const now = Date.now();
    this.#sql.exec("DELETE FROM producers WHERE at <= ?", now - REMEMBERED);
    const double = producer && this.#double(topic, producer);
    if (double) return { position: double, duplicate: true };
    const { epoch, top, bytes } = this.#open(topic, now);
    const record = { offset: top + 1, previous: top, payload };
    const size = byteLength(payload);
    this.#write(topic, record, { size, now, producer });
    this.#note(topic, { epoch, top: record.offset, bytes: bytes + size }, now);
    this.#trim(topic, now);
    const position = { epoch, offset: record.offset };
    if (producer !== undefined) this.#remember(topic, producer, position, now);
    if (this.#followed.has(topic)) this.#handover.push(() => events.record(topic, epoch, record));
    return { position, duplicate: false };
  }

  /** What was published after a position. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async read(topic: string, after: Position | null): Promise<LogRead> {
    const now = Date.now();
    const { epoch, top } = this.#open(topic, now);
    this.#trim(topic, now);
    const records = this.#recordsAfter(topic, after?.offset ?? -1);
    const isKnown = after === null || after.epoch === epoch && after.offset <= top;
    const missing = top - (after?.offset ?? top - records.length);
    if (isKnown && missing === records.length) return { epoch, top, records, whole: true };
    return { epoch, top, records: [], whole: false };
  }

  /** The position after the last publication. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async top(topic: string): Promise<Position> {
    const { epoch, top } = this.#open(topic, Date.now());
    return { epoch, offset: top };
  }

  /** Hands the records of a topic over from now on. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async follow(topic: string): Promise<void> {
    this.#context();
    this.#followed.add(topic);
  }

  /** Ends it. */
  unfollow(topic: string): void {
    this.#followed.delete(topic);
  }

  /** Whether nothing is kept. */
  get isEmpty(): boolean {
    return this.#sql.exec("SELECT 1 AS one FROM topics LIMIT 1").toArray().length === 0;
  }

  /** Forgets what has been kept for long enough: of topics that nobody asks for. */
  sweep(): void {
    const now = Date.now();
    for (
      const { topic, touched } of this.#sql.exec("SELECT topic, touched FROM topics").toArray()
    ) {
      const name = String(topic);
      if (this.#isOver(name, Number(touched), now)) this.#forget(name);
      else this.#trim(name, now);
    }
    this.#sql.exec("DELETE FROM producers WHERE at <= ?", now - REMEMBERED);
  }

  /** The topic; it begins anew if its time is over. */
  #open(topic: string, now: number): TopicRow {
    this.#context();
    const [row] = this.#sql.exec("SELECT * FROM topics WHERE topic = ?", topic).toArray();
    if (row !== undefined && !this.#isOver(topic, Number(row.touched), now)) {
      return { epoch: String(row.epoch), top: Number(row.top), bytes: Number(row.bytes) };
    }
    if (row !== undefined) this.#forget(topic);
    const opened = { epoch: newEpoch(), top: 0, bytes: 0 };
    this.#note(topic, opened, now);
    return opened;
  }

  /** Those who follow a topic have its position: to them, another epoch would look like a loss. */
  #isOver(topic: string, touched: number, now: number): boolean {
    return !this.#followed.has(topic) && touched + this.#limitsOf(topic).ttl <= now;
  }

  #limitsOf(topic: string): TopicLimits {
    return this.#context().limitsOf(topic);
  }

  #forget(topic: string): void {
    this.#sql.exec("DELETE FROM records WHERE topic = ?", topic);
    this.#sql.exec("DELETE FROM topics WHERE topic = ?", topic);
  }

  #note(topic: string, { epoch, top, bytes }: TopicRow, now: number): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO topics VALUES (?, ?, ?, ?, ?)",
      ...[topic, epoch, top, bytes, now],
    );
  }

  #write(
    topic: string,
    { offset, payload }: LogRecord,
    { size, now, producer }: {
      readonly size: number;
      readonly now: number;
      readonly producer: Producer | undefined;
    },
  ): void {
    const { id = null, number = null } = producer ?? {};
    this.#sql.exec(
      "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)",
      ...[topic, offset, now, size, payload, id, number],
    );
  }

  #recordsAfter(topic: string, offset: number): LogRecord[] {
    const query =
      "SELECT offset, payload FROM records WHERE topic = ? AND offset > ? ORDER BY offset";
    return this.#sql.exec(query, topic, offset).toArray().map((row) => ({
      offset: Number(row.offset),
      previous: Number(row.offset) - 1,
      payload: String(row.payload),
    }));
  }

  /** Lets go what is beyond the limits. */
  #trim(topic: string, now: number): void {
    const { history, maxBytes, ttl } = this.#limitsOf(topic);
    const [state] = this.#sql.exec("SELECT top, bytes FROM topics WHERE topic = ?", topic)
      .toArray();
    if (state === undefined) return;
    let bytes = Number(state.bytes);
    for (;;) {
      const [oldest] = this.#sql.exec(OLDEST, topic).toArray();
      if (oldest === undefined) break;
      const offset = Number(oldest.offset);
      const isOver = offset <= Number(state.top) - history || Number(oldest.at) + ttl <= now;
      if (!isOver && bytes <= maxBytes) break;
      this.#sql.exec("DELETE FROM records WHERE topic = ? AND offset = ?", topic, offset);
      bytes -= Number(oldest.bytes);
    }
    if (bytes === Number(state.bytes)) return;
    this.#sql.exec("UPDATE topics SET bytes = ? WHERE topic = ?", bytes, topic);
  }

  /** Its own position where that is kept, or that of the producer's last publication. */
  #double(topic: string, { id, number }: Producer): Position | null {
    const latest = "SELECT * FROM producers WHERE topic = ? AND producer = ? AND number >= ?";
    const [row] = this.#sql.exec(latest, topic, id, number).toArray();
    if (row === undefined) return null;
    const own = "SELECT offset FROM records WHERE topic = ? AND producer = ? AND number = ?";
    const [record] = this.#sql.exec(own, topic, id, number).toArray();
    return { epoch: String(row.epoch), offset: Number(record?.offset ?? row.offset) };
  }

  #remember(topic: string, { id, number }: Producer, position: Position, now: number): void {
    const { epoch, offset } = position;
    this.#sql.exec(
      "INSERT OR REPLACE INTO producers VALUES (?, ?, ?, ?, ?, ?)",
      ...[topic, id, number, epoch, offset, now],
    );
  }
}

const OLDEST = "SELECT offset, at, bytes FROM records WHERE topic = ? ORDER BY offset LIMIT 1";
