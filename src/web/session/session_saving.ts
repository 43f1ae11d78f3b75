import { keepIfPromise } from "../../server/server_context.ts";
import type { Exchange } from "../exchange.ts";
import type { SessionSlot } from "./session_slot.ts";

/**
 * The session in the life cycle of a request. It is kept when the head of the response is made, and
 * until then the response does not leave: what it says has to be true.
 */
export class SessionSaving {
  /** The session. */
  readonly slot: SessionSlot;
  readonly #exchange: Exchange;
  /** What the response waits for. */
  #pending: Promise<void> | undefined;

  constructor(exchange: Exchange, slot: SessionSlot) {
    this.#exchange = exchange;
    this.slot = slot;
  }

  /** Whether the response waits. */
  get pending(): boolean {
    return this.#pending !== undefined;
  }

  /** Fetches the session, where that takes time. */
  load(): Promise<void> | undefined {
    return this.slot.load();
  }

  /** Keeps the session, and has the response wait for it. */
  begin(): void {
    const saving = this.keep();
    if (saving === undefined) return;
    this.#pending = saving;
    keepIfPromise(saving, { connection: this.#exchange.request.connection, report: () => {} });
    saving.then(() => this.#onSaved(saving), (error) => this.#onNotSaved(saving, error));
  }

  /**
   * Keeps the session: from now on it cannot be changed. Again, it does nothing.
   *
   * @returns A promise if the response has to wait for it.
   */
  keep(): Promise<void> | undefined {
    // Once only: an error page must not fail for the same reason again.
    if (this.slot.closed) return undefined;
    return this.slot.save()?.catch((error) => {
      // Without its old cookie a client could not try again to log out.
      this.#dropCookie();
      throw error;
    });
  }

  /** Waits no longer, and takes the response back, so that another one can be sent. */
  giveUp(): void {
    if (this.#pending === undefined) return;
    this.#pending = undefined;
    this.#exchange.retract();
    this.#dropCookie();
  }

  #onSaved(saving: Promise<void>): void {
    if (this.#pending !== saving) return;
    this.#pending = undefined;
    this.#exchange.onSaved();
  }

  /** The session is not kept, so what the response says is not true: an error page is sent instead. */
  #onNotSaved(saving: Promise<void>, error: unknown): void {
    if (this.#pending !== saving) return;
    const exchange = this.#exchange;
    // The connection is a WebSocket already.
    if (exchange.status === 101) {
      exchange.report(error);
      return this.#onSaved(saving);
    }
    const { streaming } = exchange;
    this.giveUp();
    exchange.fail(error);
    // What the handler still writes is of no use any more, which is not its fault.
    exchange.taken ||= streaming;
  }

  #dropCookie(): void {
    this.#exchange.dropCookie(this.slot.cookieName);
  }
}
