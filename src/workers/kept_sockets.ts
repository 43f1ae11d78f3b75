/** What an object keeps of its sockets while it sleeps. */
import type { SqlStorage } from "./durable_object.ts";
import { quotedSql } from "./quoted_sql.ts";

const TABLES = `
CREATE TABLE IF NOT EXISTS sockets (
  id TEXT PRIMARY KEY, url TEXT NOT NULL, headers TEXT NOT NULL, token TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS subscriptions (
  socket TEXT NOT NULL, topic TEXT NOT NULL, presence INTEGER NOT NULL, asked INTEGER NOT NULL,
  PRIMARY KEY (socket, topic)
) WITHOUT ROWID;
`;

/** A subscription that has begun. */
export interface KeptSubscription {
  readonly topic: string;
  /** Whether the client is told who is there. */
  readonly presence: boolean;
  /** Whether the client has asked for it, not the handler. */
  readonly asked: boolean;
}

/** A socket. */
export interface KeptSocket {
  /** The request that it was. */
  readonly request: Request;
  /** The token of its session; `null` before the client has said hello. */
  readonly token: string | null;
  readonly subscriptions: readonly KeptSubscription[];
}

/**
 * The sockets in the database of the object. No positions are kept: what is appended goes to every socket
 * in the same turn, so that one which sleeps is where the log of its topic is.
 */
export class KeptSockets {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = quotedSql(sql);
    sql.exec(TABLES);
  }

  /** Keeps a socket. */
  add(id: string, request: Request): void {
    const headers = JSON.stringify([...request.headers]);
    this.#sql.exec("INSERT INTO sockets VALUES (?, ?, ?, NULL)", id, request.url, headers);
  }

  /** A socket; `null` if it is not known. */
  find(id: string): KeptSocket | null {
    const [row] = this.#sql.exec("SELECT * FROM sockets WHERE id = ?", id).toArray();
    if (row === undefined) return null;
    const headers: [string, string][] = JSON.parse(String(row.headers));
    const subscriptions = this.#sql.exec("SELECT * FROM subscriptions WHERE socket = ?", id)
      .toArray().map(({ topic, presence, asked }) => ({
        topic: String(topic),
        presence: presence === 1,
        asked: asked === 1,
      }));
    return {
      request: new Request(String(row.url), { headers }),
      token: row.token === null ? null : String(row.token),
      subscriptions,
    };
  }

  /** Keeps another token. */
  setToken(id: string, token: string): void {
    this.#sql.exec("UPDATE sockets SET token = ? WHERE id = ?", token, id);
  }

  /** Keeps a subscription. */
  subscribe(id: string, { topic, presence, asked }: KeptSubscription): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO subscriptions VALUES (?, ?, ?, ?)",
      ...[id, topic, Number(presence), Number(asked)],
    );
  }

  /** Forgets a subscription. */
  unsubscribe(id: string, topic: string): void {
    this.#sql.exec("DELETE FROM subscriptions WHERE socket = ? AND topic = ?", id, topic);
  }

  /** Forgets a socket. */
  delete(id: string): void {
    this.#sql.exec("DELETE FROM subscriptions WHERE socket = ?", id);
    this.#sql.exec("DELETE FROM sockets WHERE id = ?", id);
  }

  /** Forgets all sockets but some. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const { id } of this.#sql.exec("SELECT id FROM sockets").toArray()) {
      if (!ids.has(String(id))) this.delete(String(id));
    }
  }
}
