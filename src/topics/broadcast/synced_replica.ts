import { within } from "../../concurrent/coroutine/promise_like.ts";
import type { BrokerContext } from "../broker/broker.ts";
import { newEpoch } from "../broker/position.ts";
import type { Copy } from "./copies.ts";
import type { Operation } from "./operation.ts";
import { type Outcome, Replica } from "./replica.ts";

/** Operations that may wait while what they follow is copied. */
const MOST_BUFFERED = 20_000;

/** An operation, and its place among all. */
export interface Numbered {
  readonly number: number;
  readonly operation: Operation;
}

/** What a replica tells. */
export interface SyncEvents {
  /** An operation was carried out. */
  outcome(operation: Operation, outcome: Outcome): void;
  /** It has everything again; `anew` if operations were left out meanwhile. */
  synced(anew: boolean): void;
}

/** A replica, and how far it is: the number of the operation that was carried out last. */
export class SyncedReplica {
  /** What is kept. */
  readonly replica: Replica;
  readonly #events: SyncEvents;
  #applied = 0;
  #lineage = "";
  #isSynced = false;
  #wasSynced = false;
  #synced: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  #buffer: Numbered[] = [];

  /** Makes an empty one, which has to copy first. */
  constructor(limitsOf: BrokerContext["limitsOf"], events: SyncEvents) {
    this.replica = new Replica(limitsOf);
    this.#events = events;
  }

  /** Whether no operation is missing before the last one. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** The number of the last operation. */
  get applied(): number {
    return this.#applied;
  }

  /** The life of the numbers. */
  get lineage(): string {
    return this.#lineage;
  }

  /** Waits until nothing is missing; returns whether that is so. */
  async whenSynced(ms: number): Promise<boolean> {
    if (!this.#isSynced) await within(this.#synced.promise, ms);
    return this.#isSynced;
  }

  /** Takes an operation of another isolate; returns whether everything is here now, or will be. */
  take(numbered: Numbered): boolean {
    if (this.#isSynced) return this.#follow(numbered);
    if (this.#buffer.length <= MOST_BUFFERED) this.#buffer.push(numbered);
    return true;
  }

  /**
   * Carries out an operation of this isolate.
   *
   * @param post Gets it with its number, before anybody hears of its outcome.
   */
  operate(operation: Operation, post: (numbered: Numbered) => void): void {
    const outcome = this.replica.apply(operation);
    if (outcome === undefined) return;
    post({ number: ++this.#applied, operation });
    this.#events.outcome(operation, outcome);
  }

  /** Something is missing: operations wait from now on. */
  lose(): void {
    this.#buffer = [];
    if (!this.#isSynced) return;
    this.#isSynced = false;
    this.#synced = Promise.withResolvers<void>();
  }

  /** All of it. */
  capture(): Copy {
    const snapshot = this.replica.capture();
    return { applied: this.#applied, lineage: this.#lineage, snapshot };
  }

  /** Takes what another isolate keeps, and carries out what has waited for it; or loses it. */
  restore({ applied, lineage, snapshot }: Copy): void {
    this.replica.restore(snapshot);
    this.#applied = applied;
    this.#lineage = lineage;
    const buffer = this.#buffer;
    this.#buffer = [];
    if (buffer.length > MOST_BUFFERED) return;
    if (buffer.every((numbered) => this.#follow(numbered))) this.#sync();
  }

  /** Begins with nothing. */
  begin(): void {
    this.lose();
    this.replica.clear();
    this.#applied = 0;
    this.#lineage = newEpoch();
    this.#sync();
  }

  /** Ends the waits. */
  close(): void {
    this.lose();
    this.#synced.resolve();
    this.replica.clear();
  }

  /** Carries an operation out; returns whether it is the next. */
  #follow({ number, operation }: Numbered): boolean {
    if (number <= this.#applied) return true;
    const outcome = number === this.#applied + 1 ? this.replica.apply(operation) : undefined;
    if (outcome === undefined) return false;
    this.#applied = number;
    this.#events.outcome(operation, outcome);
    return true;
  }

  #sync(): void {
    this.#isSynced = true;
    this.#synced.resolve();
    this.#events.synced(this.#wasSynced);
    this.#wasSynced = true;
  }
}
