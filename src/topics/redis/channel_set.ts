/** The channels that are listened to. */
import { within } from "../../concurrent/coroutine/promise_like.ts";
import { BrokerError } from "../broker/broker_error.ts";
import type { RedisSession } from "./redis_session.ts";

/** What a set of channels is made of. */
export interface ChannelSetOptions {
  /** Milliseconds that a subscription may take. */
  readonly timeout: number;
  /** What is wrong with the connection, to be added where one waited in vain. */
  readonly trouble: () => string;
  /** Called when a connection is of no use. */
  readonly drop: (session: RedisSession, reason: unknown) => void;
  /** Called when all are listened to on a connection. */
  readonly onComplete: (session: RedisSession) => void;
}

/** Channels that go into one command. */
const BATCH = 500;

interface Wanted {
  readonly deliver: (message: string) => void;
  /** Settles when it is listened to; resolves with `false` if it was given up before. */
  readonly begun: PromiseWithResolvers<boolean>;
}

/**
 * Listens to channels, and to all of them again on the next connection. What is asked for while a command
 * is on its way goes into the next one, so that there is one at a time.
 */
export class ChannelSet {
  readonly #options: ChannelSetOptions;
  readonly #wanted = new Map<string, Wanted>();
  /** What is to be subscribed to, and what no longer, on this connection. */
  readonly #missing = new Set<string>();
  readonly #surplus = new Set<string>();
  #session: RedisSession | null = null;
  #busy: RedisSession | null = null;
  #complete = false;
  #closed = false;

  constructor(options: ChannelSetOptions) {
    this.#options = options;
  }

  /** Listens to a channel from the time that this can be done. */
  keep(channel: string, deliver: (message: string) => void): void {
    this.#want(channel, deliver);
  }

  /**
   * Listens to a channel. What is listened to already stays as it is.
   *
   * @param deliver Is handed each message. Must not throw.
   * @param purpose What it is for, for an error.
   * @throws {BrokerError} The promise rejects if that does not begin in time; then it is given up.
   */
  async add(channel: string, deliver: (message: string) => void, purpose: string): Promise<void> {
    const { timeout, trouble } = this.#options;
    if (this.#closed) throw new BrokerError(`Cannot ${purpose}: the broker was closed`);
    const wanted = this.#wanted.get(channel) ?? this.#want(channel, deliver);
    if (!await within(wanted.begun.promise, timeout)) {
      if (this.#wanted.get(channel) === wanted) this.remove(channel);
      throw new BrokerError(
        `Cannot ${purpose}: Redis did not answer within ${timeout} ms${trouble()}`,
      );
    }
    if (await wanted.begun.promise) return;
    const reason = this.#closed ? "the broker was closed" : "it was ended before it had begun";
    throw new BrokerError(`Cannot ${purpose}: ${reason}`);
  }

  /** Listens to it no more. */
  remove(channel: string): void {
    const wanted = this.#wanted.get(channel);
    if (wanted === undefined) return;
    this.#wanted.delete(channel);
    wanted.begun.resolve(false);
    if (this.#missing.delete(channel) || this.#session === null) return;
    this.#surplus.add(channel);
    this.#work();
  }

  /** Goes on with a connection. */
  attach(session: RedisSession): void {
    this.#session = session;
    this.#complete = false;
    this.#surplus.clear();
    for (const channel of this.#wanted.keys()) this.#missing.add(channel);
    this.#work();
  }

  /** Waits for another connection. */
  detach(): void {
    this.#session = null;
  }

  /** Ends all of it. */
  close(): void {
    this.#closed = true;
    this.#session = null;
    for (const channel of [...this.#wanted.keys()]) this.remove(channel);
  }

  #want(channel: string, deliver: (message: string) => void): Wanted {
    const wanted = { deliver, begun: Promise.withResolvers<boolean>() };
    this.#wanted.set(channel, wanted);
    this.#missing.add(channel);
    this.#work();
    return wanted;
  }

  async #work(): Promise<void> {
    const session = this.#session;
    if (session === null || this.#busy === session) return;
    this.#busy = session;
    try {
      do {
        while (this.#hasWork(session)) await this.#step(session);
        this.#tellComplete(session);
      } while (this.#hasWork(session));
    } catch (error) {
      this.#options.drop(session, error);
    } finally {
      if (this.#busy === session) this.#busy = null;
    }
  }

  /**
   * Looked at right before the work ends, with nothing awaited in between: what is asked for while it goes
   * on relies on it.
   */
  #hasWork(session: RedisSession): boolean {
    return session === this.#session && this.#surplus.size + this.#missing.size > 0;
  }

  #tellComplete(session: RedisSession): void {
    if (session !== this.#session || this.#complete) return;
    this.#complete = true;
    this.#options.onComplete(session);
  }

  /** One command. */
  async #step(session: RedisSession): Promise<void> {
    const surplus = take(this.#surplus);
    if (surplus.length > 0) await session.client.unsubscribe(surplus, this.#listener);
    if (surplus.length > 0) return;
    const missing = take(this.#missing);
    await session.client.subscribe(missing, this.#listener);
    if (session === this.#session) this.#begin(missing);
  }

  /** One that was given up and wanted again meanwhile is subscribed to once more. */
  #begin(channels: readonly string[]): void {
    for (const channel of channels) {
      if (!this.#missing.has(channel)) this.#wanted.get(channel)?.begun.resolve(true);
    }
  }

  readonly #listener = (message: string, channel: string): void => {
    this.#wanted.get(channel)?.deliver(message);
  };
}

/** Takes the first ones out. */
function take(channels: Set<string>): string[] {
  const taken = [...channels.values().take(BATCH)];
  for (const channel of taken) channels.delete(channel);
  return taken;
}
