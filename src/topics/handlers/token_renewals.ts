/** When connections are given another token. */
import { TOKEN_RENEWAL } from "./resume_token.ts";

/** A connection whose token will expire. */
export interface Renewable {
  /** Sends another token. It never throws. */
  renewToken(): void;
}

/** Looks after all connections with one timer, which is there while one of them is. */
class TokenRenewals {
  /** When each is due, the next one first: all wait for the same time. */
  readonly #due = new Map<Renewable, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Begins to look after a connection that was just given a token. */
  add(connection: Renewable): void {
    this.#due.set(connection, performance.now() + TOKEN_RENEWAL);
    this.#timer ??= setTimeout(() => this.#renew(), TOKEN_RENEWAL);
  }

  /** The connection is gone. */
  delete(connection: Renewable): void {
    if (!this.#due.delete(connection) || this.#due.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #renew(): void {
    const now = performance.now();
    for (const [connection, time] of this.#due) {
      if (time > now) break;
      this.#due.delete(connection);
      this.#due.set(connection, now + TOKEN_RENEWAL);
      connection.renewToken();
    }
    const [next] = this.#due.values();
    this.#timer = next === undefined ? undefined : setTimeout(() => this.#renew(), next - now);
  }
}

/** Those of this process. */
export const renewals: TokenRenewals = new TokenRenewals();
