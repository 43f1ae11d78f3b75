/** Sends what is published to plain topics. */
import { logWarning } from "../../log.ts";
import type { NatsSession } from "./nats_session.ts";

/**
 * The way out of plain messages. What a server does not take waits in memory: beyond a number of bytes that
 * nobody has said to have come, messages are left out.
 */
export class PlainOutlet {
  readonly #session: NatsSession;
  readonly #maxBytes: number;
  #unproven = 0;
  #isProving = false;
  #hasWarned = false;

  constructor(session: NatsSession, maxBytes: number) {
    this.#session = session;
    this.#maxBytes = maxBytes;
  }

  /** Sends a message, or leaves it out. */
  send(subject: string, payload: string): void {
    if (this.#unproven > this.#maxBytes) return this.#warn("the server does not take them");
    this.#unproven += payload.length;
    try {
      this.#session.connection.publish(subject, payload);
    } catch {
      // A connection that was lost a moment ago says so here.
      const limit = this.#session.connection.info?.max_payload ?? Infinity;
      if (!this.#session.connection.isClosed()) {
        this.#warn(`the server takes ${limit} bytes (max_payload)`);
      }
    }
    if (this.#unproven > this.#maxBytes / 4) this.#prove();
  }

  /** An answer comes when the server has taken all before it. */
  #prove(): void {
    if (this.#isProving) return;
    this.#isProving = true;
    const proven = this.#unproven;
    this.#session.connection.flush().then(() => {
      this.#unproven -= proven;
      this.#isProving = false;
    }, () => {});
  }

  /** Once: there may be as many as there are messages. */
  #warn(why: string): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    logWarning(`Messages of plain topics do not reach other processes over NATS: ${why}`);
  }
}
