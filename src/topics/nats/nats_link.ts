/** The connection of a broker to NATS, which comes back by itself. */
import type {
  Authenticator,
  ConnectionOptions,
  Msg,
  NatsConnection,
  Subscription,
} from "@nats-io/transport-node";
import { logApplicationError } from "../../log.ts";
import type { BrokerStatus } from "../broker/broker.ts";
import { BrokerError } from "../broker/broker_error.ts";
import type { NatsSettings } from "./nats_options.ts";
import { loadNats, type NatsLibrary, type NatsSession } from "./nats_session.ts";
import { inTime, pause, wait } from "./waiting.ts";

/** Milliseconds between two questions whether the server is there, and that an answer may take. */
const PING_INTERVAL = 5_000;

/** What is told of the connection. */
export interface LinkEvents {
  /** There is one, and everything is listened to. `again` unless it is the first. */
  begun(session: NatsSession, again: boolean): void;
  /** It is lost. */
  lost(): void;
}

/** What is listened to. */
interface Listening {
  readonly take: (message: Msg) => void;
  readonly ready: PromiseWithResolvers<void>;
  subscription?: Subscription;
}

/**
 * The connection. The library's own way of reconnecting is not used: it keeps what is published
 * meanwhile without a bound, and sends it in an order of its own.
 */
export class NatsLink {
  readonly #settings: NatsSettings;
  readonly #events: LinkEvents;
  readonly #listening = new Map<string, Listening>();
  readonly #over = new AbortController();
  #state: BrokerStatus["state"] = "idle";
  #since = Date.now();
  #lastError: string | null = null;
  #session: NatsSession | null = null;
  #running: Promise<void> | null = null;
  #first = Promise.withResolvers<void>();

  constructor(settings: NatsSettings, events: LinkEvents) {
    this.#settings = settings;
    this.#events = events;
  }

  /** How it is. */
  get status(): Pick<BrokerStatus, "state" | "since" | "lastError"> {
    return { state: this.#state, since: this.#since, lastError: this.#lastError };
  }

  /** The connection; `null` while there is none. */
  get session(): NatsSession | null {
    return this.#session;
  }

  /** Aborts at the end. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Connects, and goes on trying; settles when it has, or after `connectTimeout`. */
  async open(): Promise<void> {
    if (this.#running !== null || this.over.aborted) return;
    this.#enter("connecting");
    const library = await loadNats();
    this.#running = this.#run(library);
    const { connectTimeout } = this.#settings;
    await inTime(this.#first.promise, connectTimeout, () => this.lateness).catch(() => {});
  }

  /**
   * Listens to a subject, on this connection and on those after it.
   *
   * @param take Takes what comes. What it throws is logged.
   * @returns A promise that settles when the server knows.
   * @throws {BrokerError} The promise rejects if it does not in time, or does not allow it.
   */
  async listen(subject: string, take: (message: Msg) => void): Promise<void> {
    this.refuseIfOver();
    const listening: Listening = { take, ready: Promise.withResolvers<void>() };
    // Not everybody waits for it.
    listening.ready.promise.catch(() => {});
    this.unlisten(subject);
    this.#listening.set(subject, listening);
    if (this.#session !== null) void this.#confirm(this.#session, [[subject, listening]]);
    try {
      await this.inTime(listening.ready.promise);
    } catch (error) {
      if (this.#listening.get(subject) === listening) this.unlisten(subject);
      throw error;
    }
  }

  /** Ends it. */
  unlisten(subject: string): void {
    const listening = this.#listening.get(subject);
    this.#listening.delete(subject);
    if (this.#session !== null) listening?.subscription?.unsubscribe();
    listening?.ready.reject(new BrokerError(`Nobody listens to ${subject} any more`));
  }

  /** What a promise gives, unless the server does not answer within `publishTimeout`. */
  inTime<T>(promise: Promise<T>): Promise<T> {
    return inTime(promise, this.#settings.publishTimeout, () => this.lateness);
  }

  /** Why something did not come in time, as an error says it. */
  get lateness(): string {
    const why = this.#session === null ? this.#lastError ?? "there is no connection" : "no answer";
    return `Cannot reach NATS within ${this.#settings.publishTimeout} ms: ${why}`;
  }

  /** @throws {BrokerError} If the broker is not open, or is closed. */
  refuseIfOver(): void {
    if (this.over.aborted) throw new BrokerError("Cannot use a broker of NATS that is closed");
    if (this.#state === "idle") {
      throw new BrokerError("Cannot use a broker of NATS before the application has started");
    }
  }

  /** Keeps why the server could not be used, without a secret. Gives it as text. */
  note(error: unknown): string {
    return this.#lastError = this.#withoutSecrets(reasonOf(error));
  }

  /** An error for those who wait. */
  errorOf(what: string, error: unknown): BrokerError {
    if (error instanceof BrokerError) return error;
    return new BrokerError(`${what}: ${this.#withoutSecrets(reasonOf(error))}`);
  }

  /** Closes the connection. Nothing is listened to any more. */
  async close(): Promise<void> {
    this.#over.abort();
    if (this.#state !== "closed") this.#enter("closed");
    for (const subject of [...this.#listening.keys()]) this.unlisten(subject);
    await this.#session?.connection.close().catch(() => {});
    await this.#running;
  }

  #enter(state: BrokerStatus["state"]): void {
    this.#state = state;
    this.#since = Date.now();
  }

  async #run(library: NatsLibrary): Promise<void> {
    for (let attempt = 0; !this.over.aborted; attempt++) {
      try {
        await this.#live(library, () => attempt = 0);
      } catch (error) {
        this.note(error);
      }
      this.#end();
      await pause(attempt, this.over);
    }
  }

  /** One connection, from its begin to its end. */
  async #live(library: NatsLibrary, connected: () => void): Promise<void> {
    const connection = await library.connect(this.#connectionOptions(library));
    const ended = new AbortController();
    try {
      const manager = await library.jetstream.jetstreamManager(connection, {
        checkAPI: false,
        timeout: this.#settings.publishTimeout,
      });
      const began = performance.now();
      await this.#begin({ library, connection, manager, ended: ended.signal, began });
      connected();
      const error = await Promise.race([
        connection.closed(),
        silence(connection, ended.signal),
      ]);
      if (!this.over.aborted) this.note(error ?? "the connection broke off");
    } finally {
      ended.abort();
      await connection.close().catch(() => {});
    }
  }

  async #begin(session: NatsSession): Promise<void> {
    if (this.over.aborted) return session.connection.close();
    this.#session = session;
    const confirmed = await this.#confirm(session, [...this.#listening]);
    if (this.over.aborted || session.connection.isClosed()) return;
    // A server may have greeted, and hang now.
    if (!confirmed) throw new BrokerError(this.lateness);
    const again = this.#state === "lost";
    this.#enter("connected");
    this.#events.begun(session, again);
    this.#first.resolve();
  }

  #end(): void {
    if (this.#session === null) return;
    this.#session = null;
    if (!this.over.aborted && this.#state === "connected") this.#enter("lost");
    this.#events.lost();
  }

  /** Subscribes, and waits until the server has answered that it did; `false` if it does not. */
  async #confirm(session: NatsSession, listenings: [string, Listening][]): Promise<boolean> {
    const refused = new Map<Listening, unknown>();
    for (const [subject, listening] of listenings) {
      listening.subscription = session.connection.subscribe(subject, {
        callback: (error, message) => {
          if (error !== null) refused.set(listening, error);
          else this.#take(subject, listening, message);
        },
      });
    }
    try {
      await this.inTime(session.connection.flush());
    } catch {
      // The connection is lost; the next one subscribes.
      return false;
    }
    for (const [listening, error] of refused) {
      this.note(error);
      listening.ready.reject(this.errorOf("Cannot follow a topic", error));
    }
    for (const [, { ready }] of listenings) ready.resolve();
    return true;
  }

  #take(subject: string, listening: Listening, message: Msg): void {
    if (this.#listening.get(subject) !== listening) return;
    try {
      listening.take(message);
    } catch (error) {
      logApplicationError("Exception in what takes messages of NATS", error);
    }
  }

  #connectionOptions({ transport }: NatsLibrary): ConnectionOptions {
    const { servers, user, pass, token, credentials, tls, prefix, connectTimeout } = this.#settings;
    const authenticator: Authenticator[] = [];
    if (token !== undefined) authenticator.push(transport.tokenAuthenticator(token));
    if (user !== undefined) authenticator.push(transport.usernamePasswordAuthenticator(user, pass));
    if (credentials !== undefined) {
      authenticator.push(transport.credsAuthenticator(new TextEncoder().encode(credentials)));
    }
    return {
      servers: typeof servers === "string" ? servers : [...servers],
      name: prefix,
      reconnect: false,
      timeout: connectTimeout,
      noAsyncTraces: true,
      ...(authenticator.length > 0 && { authenticator }),
      ...(tls === false ? { tls: null } : tls !== undefined && { tls: tls === true ? {} : tls }),
    };
  }

  /** A server's reason may quote what it was given. */
  #withoutSecrets(text: string): string {
    const { pass, token, credentials } = this.#settings;
    return [pass, token, credentials].reduce<string>(
      (rest, secret) => secret ? rest.replaceAll(secret, "…") : rest,
      text,
    );
  }
}

/**
 * Settles when the server does not answer any more. The library's own watch ends a connection only when all
 * was taken that it has sent, and a server that hangs takes nothing.
 */
async function silence(connection: NatsConnection, ended: AbortSignal): Promise<Error | void> {
  while (!ended.aborted) {
    await wait(PING_INTERVAL, ended);
    try {
      if (!ended.aborted) await inTime(connection.flush(), PING_INTERVAL, () => "");
    } catch {
      return new BrokerError(`the server has not answered for ${PING_INTERVAL} ms`);
    }
  }
}

/** An error as text, on one line. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replace(/\s+/g, " ").slice(0, 300);
}
