/**
 * The database of the object that runs the tests, in the shape of Node's `DatabaseSync`: what a Durable
 * Object has is tried with the real one.
 *
 * @module
 */
import type { SqlRow, SqlStorage, SqlValue } from "../../../../src/workers/durable_object.ts";

let storage: SqlStorage | undefined;

/** Tells the database, once. */
export function setDatabase(found: SqlStorage): void {
  storage = found;
}

/** A database that is empty when it is opened. One is open at a time. */
export class ObjectDatabase {
  readonly #sql: SqlStorage;

  constructor() {
    if (storage === undefined) throw new Error("Cannot open a database: there is no object");
    this.#sql = storage;
    const tables = this.#sql.exec("SELECT name FROM sqlite_master WHERE type = 'table'").toArray()
      .map(({ name }) => String(name)).filter((name) => !name.startsWith("_cf_"));
    for (const name of tables) this.#sql.exec(`DROP TABLE "${name}"`);
  }

  /** Runs a statement. */
  exec(query: string): void {
    this.#sql.exec(query);
  }

  /** A statement that is run later. */
  prepare(query: string): { all(...bindings: SqlValue[]): SqlRow[] } {
    return { all: (...bindings) => this.#sql.exec(query, ...bindings).toArray() };
  }

  /** Does nothing. */
  close(): void {}
}
