/** What of Durable Objects is used here, as the runtime gives it. */

/** A value of a database. */
export type SqlValue = string | number | null | ArrayBuffer;

/** A row of a database. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/**
 * The database of an object.
 *
 * @category Workers
 */
export interface SqlStorage {
  /** Runs a statement. */
  exec(query: string, ...bindings: SqlValue[]): { toArray(): SqlRow[] };
}

/**
 * What the runtime gives an object: the first argument of its constructor.
 *
 * @category Workers
 */
export interface DurableObjectState {
  /** What it keeps. */
  readonly storage: {
    readonly sql: SqlStorage;
    setAlarm(time: number): Promise<void>;
  };
  /** Takes a socket over, which stays open while the object sleeps. */
  acceptWebSocket(socket: WebSocket): void;
  /** The sockets that are open. */
  getWebSockets(): WebSocket[];
  /** Lets nothing else in until it is done. */
  blockConcurrencyWhile<T>(callback: () => Promise<T>): Promise<T>;
  /** Keeps the object until a promise settles. */
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * The objects of a class: what the environment of a worker has under the name of a binding.
 *
 * @category Workers
 */
export interface DurableObjectNamespace {
  /** The name of an object as its id. */
  idFromName(name: string): unknown;
  /** An object, which need not be there yet. */
  get(id: unknown): { fetch(request: Request): Promise<Response> };
}

/** Whether a value of the environment is a namespace. */
export function isNamespace(value: unknown): value is DurableObjectNamespace {
  return typeof value === "object" && value !== null && "idFromName" in value &&
    typeof value.idFromName === "function" && "get" in value && typeof value.get === "function";
}
