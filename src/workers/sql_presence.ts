/** Who is in a topic, in the database of an object. */
import type {
  BrokerContext,
  PresenceChange,
  PresenceList,
  PresenceRecord,
  PresenceStore,
} from "../topics/broker/broker.ts";
import { newEpoch, type Position } from "../topics/broker/position.ts";
import { Handover } from "../topics/memory/handover.ts";
import type { SqlRow, SqlStorage } from "./durable_object.ts";

const TABLES = `
CREATE TABLE IF NOT EXISTS members (
  topic TEXT NOT NULL, id TEXT NOT NULL, node TEXT NOT NULL, info TEXT NOT NULL,
  PRIMARY KEY (topic, id, node)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS presences (
  topic TEXT PRIMARY KEY, epoch TEXT NOT NULL, offset INTEGER NOT NULL
) WITHOUT ROWID;
`;

/** The records of all who are there. They outlast the sleep of the object. */
export class SqlPresence implements PresenceStore {
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

  /** Adds a record, or replaces its `info`. What was there before the object slept makes way for it. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async join(topic: string, record: PresenceRecord): Promise<void> {
    const { node } = this.#context();
    const { id, info } = record;
    const known = this.#recordsOf(topic, id);
    if (!known.some((each) => each.node === record.node && each.info === info)) {
      const row = [topic, id, record.node, info];
      this.#sql.exec("INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?)", ...row);
      this.#tell(topic, record, false);
    }
    if (record.node !== node) return;
    for (const old of known) if (old.node !== node) this.#remove(topic, old);
  }

  /** Takes a record away, if it is there. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async leave(topic: string, { node, id }: Pick<PresenceRecord, "node" | "id">): Promise<void> {
    this.#context();
    const record = this.#recordsOf(topic, id).find((each) => each.node === node);
    if (record !== undefined) this.#remove(topic, record);
  }

  /** All records of a topic. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async list(topic: string): Promise<PresenceList> {
    this.#context();
    const records = this.#sql.exec("SELECT * FROM members WHERE topic = ?", topic).toArray()
      .map(recordOf);
    return { records, position: this.#position(topic) };
  }

  /** Hands the changes of a topic over from now on. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async changes(topic: string): Promise<void> {
    this.#context();
    this.#followed.add(topic);
  }

  /** Ends it. */
  endChanges(topic: string): void {
    this.#followed.delete(topic);
  }

  /** There is no other process that could be dead. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async beat(_ms: number): Promise<readonly string[]> {
    this.#context();
    return [];
  }

  /** Takes all records of a process away. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async bury(node: string): Promise<void> {
    this.#context();
    this.#removeAll((record) => record.node === node);
  }

  /** Takes away who has not come back since the object woke: their sockets are gone. */
  forgetAbsent(): void {
    const { node } = this.#context();
    this.#removeAll((record) => record.node !== node);
  }

  #removeAll(isGone: (record: PresenceRecord) => boolean): void {
    for (const row of this.#sql.exec("SELECT * FROM members").toArray()) {
      const record = recordOf(row);
      if (isGone(record)) this.#remove(String(row.topic), record);
    }
  }

  #recordsOf(topic: string, id: string): PresenceRecord[] {
    const query = "SELECT * FROM members WHERE topic = ? AND id = ?";
    return this.#sql.exec(query, topic, id).toArray().map(recordOf);
  }

  #remove(topic: string, record: PresenceRecord): void {
    const { node, id } = record;
    const query = "DELETE FROM members WHERE topic = ? AND id = ? AND node = ?";
    this.#sql.exec(query, topic, id, node);
    this.#tell(topic, record, true);
    const [left] = this.#sql.exec("SELECT 1 AS one FROM members WHERE topic = ? LIMIT 1", topic)
      .toArray();
    if (left !== undefined || this.#followed.has(topic)) return;
    this.#sql.exec("DELETE FROM presences WHERE topic = ?", topic);
  }

  #tell(topic: string, record: PresenceRecord, gone: boolean): void {
    const { epoch, offset: previous } = this.#position(topic);
    const offset = previous + 1;
    this.#sql.exec("INSERT OR REPLACE INTO presences VALUES (?, ?, ?)", topic, epoch, offset);
    if (!this.#followed.has(topic)) return;
    const change: PresenceChange = { offset, previous, epoch, record, gone };
    const { events } = this.#context();
    this.#handover.push(() => events.presence(topic, change));
  }

  #position(topic: string): Position {
    const [row] = this.#sql.exec("SELECT * FROM presences WHERE topic = ?", topic).toArray();
    if (row !== undefined) return { epoch: String(row.epoch), offset: Number(row.offset) };
    const position = { epoch: newEpoch(), offset: 0 };
    this.#sql.exec("INSERT INTO presences VALUES (?, ?, ?)", topic, position.epoch, 0);
    return position;
  }
}

function recordOf({ node, id, info }: SqlRow): PresenceRecord {
  return { node: String(node), id: String(id), info: String(info) };
}
