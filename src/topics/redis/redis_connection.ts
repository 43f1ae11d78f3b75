/** Both connections of a broker, and how they are. */
import { within } from "../../concurrent/coroutine/promise_like.ts";
import { generalLog, logWarning } from "../../log.ts";
import type { BrokerStatus } from "../broker/broker.ts";
import { Backoff } from "./backoff.ts";
import { ChannelSet } from "./channel_set.ts";
import { CommandQueue } from "./command_queue.ts";
import { RedisClients } from "./redis_client.ts";
import { RedisLink } from "./redis_link.ts";
import type { RedisSession } from "./redis_session.ts";
import type { CompleteOptions } from "./redis_broker_options.ts";
import { SCRIPTS } from "./scripts.ts";

/** How it is, without what only the broker knows. */
export type ConnectionStatus = Pick<BrokerStatus, "state" | "since" | "lastError">;

/** A process that comes back tells of everybody who is present in it at once. */
const QUESTIONS = 10;

/**
 * One connection for commands and one to listen, so that a process that is too slow to listen, and cut
 * off for it, can publish all the same.
 */
export class RedisConnection {
  /** Publications, in the order of their calls. */
  readonly publications: CommandQueue;
  /** What is asked otherwise: it does not wait behind publications, nor they behind it. */
  readonly questions: CommandQueue;
  /** What is listened to. */
  readonly channels: ChannelSet;
  readonly #options: CompleteOptions;
  readonly #clients: RedisClients;
  readonly #commands: RedisLink;
  readonly #listening: RedisLink;
  readonly #onAgain: () => void;
  readonly #connected = Promise.withResolvers<void>();
  /** Whether all channels are listened to now, and whether they ever were. */
  #complete = false;
  #completeBefore = false;
  #status: ConnectionStatus = { state: "idle", since: Date.now(), lastError: null };

  /**
   * Makes both, closed.
   *
   * @param onAgain Called when all channels are listened to again. Must not throw.
   */
  constructor(options: CompleteOptions, onAgain: () => void) {
    this.#options = options;
    this.#onAgain = onAgain;
    this.#clients = new RedisClients(options);
    this.#commands = this.#link({
      scripts: SCRIPTS,
      onReady: (session) => this.#command(session),
      onDetached: () => this.#queues().forEach((queue) => queue.detach()),
    });
    this.#listening = this.#link({
      scripts: [],
      onReady: (session) => this.#listen(session),
      onDetached: () => this.#endListening(),
    });
    this.publications = this.#queue(options.maxQueued);
    this.questions = this.#queue(options.maxQueued * QUESTIONS);
    this.channels = new ChannelSet({
      timeout: options.publishTimeout,
      trouble: () => this.#trouble(),
      drop: (session, reason) => this.#listening.drop(session, reason),
      onComplete: () => this.#completeListening(),
    });
  }

  /** How it is. */
  get status(): ConnectionStatus {
    return this.#status;
  }

  /** The connection for commands; `null` while there is none. */
  get session(): RedisSession | null {
    return this.#commands.session;
  }

  /**
   * Loads the client and connects. Settles when it is connected, or `connectTimeout` is over.
   *
   * @throws {Error} The promise rejects if the client is not installed.
   */
  async open(): Promise<void> {
    this.#change("connecting");
    await this.#clients.load();
    if (this.#status.state === "closed") return;
    this.#commands.start();
    this.#listening.start();
    await within(this.#connected.promise, this.#options.connectTimeout);
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.#change("closed");
    this.#connected.resolve();
    this.channels.close();
    for (const queue of this.#queues()) queue.close();
    await Promise.all([this.#commands.close(), this.#listening.close()]);
  }

  #link(
    { scripts, onReady, onDetached }: {
      readonly scripts: typeof SCRIPTS;
      readonly onReady: (session: RedisSession) => void;
      readonly onDetached: () => void;
    },
  ): RedisLink {
    const { connectTimeout, reconnectDelay, maxReconnectDelay } = this.#options;
    return new RedisLink({
      clients: this.#clients,
      scripts,
      connectTimeout,
      backoff: new Backoff(reconnectDelay, maxReconnectDelay),
      onReady,
      onLost: (reason) => {
        onDetached();
        this.#lose(reason);
      },
    });
  }

  #queue(maxQueued: number): CommandQueue {
    const { publishTimeout, maxQueuedBytes } = this.#options;
    return new CommandQueue({
      timeout: publishTimeout,
      maxQueued,
      maxQueuedBytes,
      clients: this.#clients,
      trouble: () => this.#trouble(),
      drop: (session, reason) => this.#commands.drop(session, reason),
    });
  }

  #queues(): readonly CommandQueue[] {
    return [this.publications, this.questions];
  }

  #command(session: RedisSession): void {
    this.#agree(session, this.#listening);
    for (const queue of this.#queues()) queue.attach(session);
    this.#gain();
  }

  #listen(session: RedisSession): void {
    this.#agree(session, this.#commands);
    this.channels.attach(session);
  }

  #endListening(): void {
    this.#complete = false;
    this.channels.detach();
  }

  #completeListening(): void {
    this.#complete = true;
    this.#gain();
    if (this.#completeBefore) this.#onAgain();
    this.#completeBefore = true;
  }

  /** After a failover one connection may still be to the server that was there before. */
  #agree(session: RedisSession, other: RedisLink): void {
    const older = other.session;
    if (older === null || older.life.run === session.life.run) return;
    other.drop(older, new Error("Redis is another server now"));
  }

  #gain(): void {
    if (!this.#complete || this.#commands.session === null) return;
    if (this.#status.lastError !== null) generalLog()?.info(`Reached Redis at ${this.#address}`);
    this.#change("connected");
    this.#connected.resolve();
  }

  #lose(reason: unknown): void {
    const { state } = this.#status;
    if (state === "closed") return;
    const lastError = this.#reasonOf(reason);
    const first = state === "connected" || this.#status.lastError === null;
    if (state === "connected") this.#change("lost");
    this.#status = { ...this.#status, lastError };
    if (first) logWarning(`Cannot reach Redis at ${this.#address}: ${lastError}; trying again`);
  }

  get #address(): string {
    const { host, port } = this.#options.server;
    return `${host}:${port}`;
  }

  #change(state: BrokerStatus["state"]): void {
    if (this.#status.state === state || this.#status.state === "closed") return;
    this.#status = { ...this.#status, state, since: Date.now() };
  }

  #trouble(): string {
    const { state, lastError } = this.#status;
    return state === "connected" || lastError === null ? "" : `: ${lastError}`;
  }

  /** Without the password, whatever the client or the server says. */
  #reasonOf(reason: unknown): string {
    const text = messageOf(reason);
    const { password = "" } = this.#options.server;
    return password.length > 2 ? text.replaceAll(password, "…") : text;
  }
}

/** A host of several addresses gives an error for each, in one that has no text. */
function messageOf(reason: unknown): string {
  if (reason instanceof AggregateError && reason.errors.length > 0) {
    return messageOf(reason.errors[0]);
  }
  return reason instanceof Error && reason.message !== "" ? reason.message : String(reason);
}
