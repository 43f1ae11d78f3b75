/**
 * What Workers give a Durable Object, without Workers: a database in memory, and no sockets.
 *
 * @module
 */
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { DurableObjectState, SqlRow } from "../../src/workers/durable_object.ts";

/** The state of an object that nobody can reach; to be bound with `using`. */
export class ObjectState implements DurableObjectState, Disposable {
  readonly #database = new DatabaseSync(":memory:");
  /** When the alarm goes off that was set last. */
  alarm: number | null = null;

  readonly storage: DurableObjectState["storage"] = {
    sql: { exec: (query, ...bindings) => this.#run(query, bindings) },
    setAlarm: (time) => {
      this.alarm = time;
      return Promise.resolve();
    },
  };

  acceptWebSocket(): void {}

  getWebSockets(): WebSocket[] {
    return [];
  }

  blockConcurrencyWhile<T>(callback: () => Promise<T>): Promise<T> {
    return callback();
  }

  waitUntil(): void {}

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #run(query: string, bindings: unknown[]): { toArray(): SqlRow[] } {
    if (bindings.length === 0 && query.trim().startsWith("CREATE")) {
      this.#database.exec(query);
      return { toArray: () => [] };
    }
    const rows = this.#database.prepare(query).all(...bindings as SQLInputValue[]) as SqlRow[];
    return { toArray: () => rows };
  }
}
