/** A connection to Redis that is kept up. */
import { answerWithin } from "../../redis/redis_commands.ts";
import type { Backoff } from "./backoff.ts";
import type { RedisClient, RedisClients } from "./redis_client.ts";
import { RedisSession } from "./redis_session.ts";
import type { Script } from "./scripts.ts";

/** Milliseconds between two looks at a connection, and what an answer may take. */
const WATCH = { interval: 3_000, timeout: 4_000 } as const;

/** What a link is made of. */
export interface RedisLinkOptions {
  readonly clients: RedisClients;
  /** What each connection has to know. */
  readonly scripts: readonly Script[];
  readonly backoff: Backoff;
  /** Milliseconds that an attempt may take. */
  readonly connectTimeout: number;
  /** Called with each new connection. Must not throw. */
  readonly onReady: (session: RedisSession) => void;
  /** Called when a connection, or an attempt, has ended. Must not throw. */
  readonly onLost: (reason: unknown) => void;
}

/** A connection from its first attempt to its end. */
interface Attempt {
  readonly client: RedisClient;
  /** To be called when it has ended. */
  readonly resolve: () => void;
}

/** Connects, and again when the connection is lost, until it is closed. */
export class RedisLink {
  readonly #options: RedisLinkOptions;
  #attempt: Attempt | null = null;
  #session: RedisSession | null = null;
  #endPause: (() => void) | null = null;
  #watch: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #done: Promise<void> = Promise.resolve();

  constructor(options: RedisLinkOptions) {
    this.#options = options;
  }

  /** The connection; `null` while there is none. */
  get session(): RedisSession | null {
    return this.#session;
  }

  /** Begins. */
  start(): void {
    this.#done = this.#keepUp();
  }

  /** Cuts a connection off, if it is still the one. Another one is made. */
  drop(session: RedisSession, reason: unknown): void {
    if (session === this.#session) this.#finish(this.#attempt, reason);
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#finish(this.#attempt, new Error("The broker was closed"));
    this.#endPause?.();
    await this.#done;
  }

  async #keepUp(): Promise<void> {
    const { backoff } = this.#options;
    while (!this.#closed) {
      const begun = performance.now();
      await this.#live().catch(this.#options.onLost);
      // A connection that is cut as soon as it is made is no success.
      if (performance.now() - begun > WATCH.interval) backoff.reset();
      if (!this.#closed) await this.#pause(backoff.next());
    }
  }

  /** One connection. */
  async #live(): Promise<void> {
    const { clients, connectTimeout } = this.#options;
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const attempt = this.#attempt = { client: clients.make(), resolve };
    attempt.client.on("error", (error) => this.#finish(attempt, error));
    const tooLate = new Error(`Redis did not answer within ${connectTimeout} ms`);
    const timer = setTimeout(() => this.#finish(attempt, tooLate), connectTimeout);
    await Promise.race([this.#greet(attempt), ended]);
    clearTimeout(timer);
    await ended;
  }

  async #greet(attempt: Attempt): Promise<void> {
    const { clients, scripts } = this.#options;
    try {
      const session = await RedisSession.greet(attempt.client, clients, scripts);
      // It may have been given up meanwhile, and opens what was closed before it was open.
      if (attempt === this.#attempt) this.#begin(session);
      else destroy(attempt.client);
    } catch (error) {
      this.#finish(attempt, error);
      destroy(attempt.client);
    }
  }

  #begin(session: RedisSession): void {
    this.#session = session;
    this.#watchOver(session);
    this.#options.onReady(session);
  }

  #finish(attempt: Attempt | null, reason: unknown): void {
    if (attempt === null || attempt !== this.#attempt) return;
    this.#attempt = this.#session = null;
    clearTimeout(this.#watch);
    destroy(attempt.client);
    this.#options.onLost(reason);
    attempt.resolve();
  }

  /** A peer that vanished without a word is noticed by nothing else. */
  #watchOver(session: RedisSession): void {
    this.#watch = setTimeout(async () => {
      try {
        await answerWithin(WATCH.timeout, session.client.sendCommand(["PING"]));
        if (session === this.#session) this.#watchOver(session);
      } catch (error) {
        this.drop(session, error);
      }
    }, WATCH.interval);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function destroy(client: RedisClient): void {
  try {
    client.destroy();
  } catch {
    // It was closed already.
  }
}
