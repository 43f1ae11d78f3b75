/** What is used of the npm package `redis`, which is loaded when a broker opens. */
import type { CompleteOptions } from "./redis_broker_options.ts";

/** A connection, made once: it is not opened again. */
export interface RedisClient {
  /** Connects and logs in. */
  connect(): Promise<unknown>;
  /** Cuts the connection; what waits for an answer is rejected. */
  destroy(): void;
  /** Hears of the end of the connection. */
  on(event: "error", listener: (error: unknown) => void): unknown;
  /** Sends a command. */
  sendCommand(words: readonly string[]): Promise<unknown>;
  /** Subscribes to channels. */
  subscribe(channels: string[], listener: MessageListener): Promise<unknown>;
  /** Ends it. */
  unsubscribe(channels: string[], listener: MessageListener): Promise<unknown>;
}

/** Hears of what comes on a channel. Must not throw. */
export type MessageListener = (message: string, channel: string) => void;

/** Makes connections, once the package is loaded. */
export class RedisClients {
  readonly #options: CompleteOptions;
  #package: typeof import("redis") | null = null;

  constructor(options: CompleteOptions) {
    this.#options = options;
  }

  /**
   * Loads the package.
   *
   * @throws {Error} The promise rejects if it is not installed.
   */
  async load(): Promise<void> {
    this.#package = await import("redis");
  }

  /** Makes a connection that is not open yet. */
  make(): RedisClient {
    if (this.#package === null) throw new Error("Cannot connect before the client is loaded");
    return this.#package.createClient(clientOptions(this.#options));
  }

  /** Whether an error is what Redis answered, and not that of a connection. */
  isAnswer(error: unknown): error is Error {
    return this.#package !== null && error instanceof this.#package.ErrorReply;
  }
}

/** A connection of the package opens itself again, and repeats what it likes; here that is done by others. */
function clientOptions({ server, database, connectTimeout }: CompleteOptions): object {
  const { host, port, username, password, tls } = server;
  return {
    ...username === undefined ? {} : { username },
    ...password === undefined ? {} : { password },
    database,
    disableOfflineQueue: true,
    maintNotifications: "disabled",
    // A timer for each command would cost more than the command.
    commandOptions: { timeout: 0 },
    socket: {
      ...tls === null ? {} : { ...serverName(host), ...tls, tls: true },
      host,
      port,
      connectTimeout,
      reconnectStrategy: false,
    },
  };
}

/** A certificate is for a name; an address must not be asked for as one (RFC 6066 §3). */
function serverName(host: string): object {
  return /^[\d.]+$|:/.test(host) ? {} : { servername: host };
}
