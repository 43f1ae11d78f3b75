/** One socket under load, which comes back when it is lost. */
import { sleep } from "../concurrent/coroutine/sleep.ts";
import type { WebSocketClientConnection } from "../websocket/client/web_socket_client_connection.ts";
import { websocketConnect } from "../websocket/client/websocket_connect.ts";
import type { Dialect, Listener } from "./dialect.ts";
import type { Latencies } from "./latencies.ts";
import { returnDelay } from "./return_delay.ts";

/** What the sockets of one load share. */
export interface LoadPlace {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds that an attempt to connect may take. */
  readonly connectTimeout: number;
  /** Ends them. */
  readonly signal: AbortSignal;
  /** Where is counted how long it took until a socket was ready. */
  readonly connects: Latencies;
}

/** What becomes of the messages of a socket. */
export type LoadHooks = Pick<Listener, "heard" | "answered" | "lost">;

/** See the module's summary. */
export class LoadSocket {
  /** How often it has come back. */
  reconnects = 0;
  /** Whether it was ready once. */
  isReady = false;
  readonly #place: LoadPlace;
  readonly #dialect: Dialect;
  readonly #hooks: LoadHooks;
  readonly #settled = Promise.withResolvers<void>();
  #connection: WebSocketClientConnection | undefined;
  #attempt = 0;

  /**
   * @param dialect What it speaks; one of its own.
   * @param hooks What becomes of its messages.
   */
  constructor(place: LoadPlace, dialect: Dialect, hooks: LoadHooks) {
    this.#place = place;
    this.#dialect = dialect;
    this.#hooks = hooks;
  }

  /** Connects. Settles when the socket is ready, or has been given up; never rejects. */
  start(): Promise<void> {
    void this.#run().finally(() => this.#settled.resolve());
    return this.#settled.promise;
  }

  /** Publishes a text under a number. While the connection is lost, only what is answered is kept. */
  publish(number: number, text: string): void {
    const message = this.#dialect.publication(number, text);
    const failed = () => this.#hooks.answered(number, false);
    const sent = this.#connection?.writeMessage(message) ?? Promise.reject();
    sent.catch(() => this.#dialect.isAnswered || failed());
  }

  async #run(): Promise<void> {
    let delay: number | null = 0;
    while (delay !== null && !this.#place.signal.aborted) {
      await sleep(delay, { signal: this.#place.signal }).catch(() => {});
      delay = await this.#connect();
    }
  }

  /** One connection, to its end. Gives the pause before the next one. */
  async #connect(): Promise<number | null> {
    const { url, headers, connectTimeout, signal, connects } = this.#place;
    const { protocols } = this.#dialect;
    const began = performance.now();
    this.#attempt++;
    try {
      const options = { protocols, headers, connectTimeout, signal };
      await using connection = await websocketConnect(url, options);
      if (this.isReady) this.reconnects++;
      const ready = () => {
        connects.add(performance.now() - began);
        this.#ready(connection);
      };
      await this.#converse(connection, ready);
      return returnDelay(connection.closeCode, connection.closeReason, this.#attempt);
    } catch {
      // A load that cannot begin is not waited for: what is wrong will not go away.
      return this.isReady ? returnDelay(null, null, this.#attempt) : null;
    } finally {
      this.#connection = undefined;
    }
  }

  #ready(connection: WebSocketClientConnection): void {
    this.#attempt = 0;
    this.isReady = true;
    this.#connection = connection;
    for (const message of this.#dialect.waiting()) connection.writeMessage(message);
    this.#settled.resolve();
  }

  async #converse(connection: WebSocketClientConnection, ready: () => void): Promise<void> {
    const refused = () => connection.close(REFUSED);
    const listener: Listener = { ...this.#hooks, ready, refused };
    for (const message of this.#dialect.opening()) await connection.writeMessage(message);
    if (!this.#dialect.isAnswered) ready();
    for await (const message of connection) {
      if (typeof message === "string") this.#dialect.hear(message, listener);
    }
  }
}

/** One of those that stay away. */
const REFUSED = 4403;
