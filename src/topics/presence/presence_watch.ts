/** Who is in one topic, for those in this process who want to know. */
import { callGuarded } from "../../concurrent/loop/guarded_call.ts";
import { excerpt } from "../../http/excerpt.ts";
import { logApplicationError } from "../../log.ts";
import type { PresenceChange, PresenceList, PresenceStore } from "../broker/broker.ts";
import { BrokerError } from "../broker/broker_error.ts";
import { Handover } from "../memory/handover.ts";
import type { Position } from "../broker/position.ts";
import { PresenceRoll, type RollChange } from "./presence_roll.ts";
import { backoff } from "../backoff.ts";
import { startQuietTimer } from "../quiet_timer.ts";
import type { PresenceMember, PresenceSubscriber } from "../feed/topic_subscriber.ts";

/** Changes that may wait while the list is read. Beyond it they are dropped: they are in the list, too. */
const MOST_HELD = 1024;
/** Lists that do not lead up to a change that came, before it is taken as it is. */
const MOST_LISTS = 5;

/** Follows the presence of a topic. A change that is not the next one has the list read again. */
export class PresenceWatch {
  readonly #topic: string;
  readonly #store: PresenceStore;
  readonly #ready: () => Promise<void>;
  readonly #subscribers = new Set<PresenceSubscriber>();
  readonly #waiting = new Set<PresenceSubscriber>();
  readonly #roll = new PresenceRoll();
  readonly #changes = new Handover<() => void>((change) => change());
  #state: "off" | "starting" | "live" | "reading" = "off";
  #position: Position = { epoch: "", offset: 0 };
  #held: PresenceChange[] = [];
  #doubtful = false;
  #starting: Promise<void> | undefined;
  #wake: (() => void) | undefined;

  /** @param ready Settles when the store can be asked. */
  constructor(topic: string, store: PresenceStore, ready: () => Promise<void>) {
    this.#topic = topic;
    this.#store = store;
    this.#ready = ready;
  }

  /** How many watch. */
  get size(): number {
    return this.#subscribers.size + this.#waiting.size;
  }

  /** The members; `null` if they are not known. */
  get members(): PresenceMember[] | null {
    return this.#state === "live" || this.#state === "reading" ? this.#roll.members : null;
  }

  /**
   * Adds a subscriber, whose `present` was called when the promise settles, unless it has left.
   *
   * @throws {BrokerError} The promise rejects if the store cannot be reached.
   */
  async watch(subscriber: PresenceSubscriber): Promise<void> {
    this.#subscribers.delete(subscriber);
    this.#waiting.add(subscriber);
    try {
      await this.#start();
    } catch (error) {
      this.#waiting.delete(subscriber);
      throw error;
    }
    if (!this.#waiting.delete(subscriber)) return;
    this.#subscribers.add(subscriber);
    this.#changes.push(() => {
      const { members } = this.#roll;
      this.#guard(() => subscriber.present(this.#topic, members, this.#position));
    });
  }

  /** Takes a subscriber away. */
  unwatch(subscriber: PresenceSubscriber): void {
    this.#subscribers.delete(subscriber);
    this.#waiting.delete(subscriber);
  }

  /** Ends it. */
  end(): void {
    this.#subscribers.clear();
    this.#waiting.clear();
    if (this.#state === "off") return;
    this.#state = "off";
    this.#wake?.();
    this.#endChanges();
  }

  /** A change that the broker handed over. */
  take(change: PresenceChange): void {
    if (this.#state === "off") return;
    if (this.#held.length >= MOST_HELD) this.#held = [];
    this.#held.push(change);
    if (this.#state === "live") this.#drain();
  }

  /** Changes may have been missed: the list tells. */
  check(): void {
    if (this.#state === "off") return;
    this.#doubtful = true;
    if (this.#state === "live") this.#startReading();
    this.#wake?.();
  }

  #start(): Promise<void> {
    if (this.#state === "live" || this.#state === "reading") return Promise.resolve();
    return this.#starting ??= this.#begin().finally(() => this.#starting = undefined);
  }

  async #begin(): Promise<void> {
    this.#state = "starting";
    try {
      await this.#ready();
      await this.#store.changes(this.#topic);
      const list = await this.#store.list(this.#topic);
      if (!this.#is("starting")) {
        throw new BrokerError(`Cannot watch ${excerpt(this.#topic)}: ended`);
      }
      this.#replace(list);
    } catch (error) {
      if (this.#is("starting")) this.#state = "off";
      this.#endChanges();
      throw error;
    }
    this.#state = "live";
    if (this.#doubtful) this.#startReading();
    else this.#drain();
  }

  #endChanges(): void {
    callGuarded(() => this.#store.endChanges(this.#topic), "endChanges() of the broker");
  }

  #drain(): void {
    while (this.#is("live")) {
      const change = this.#held.shift();
      if (change === undefined) return;
      if (this.#advance(change)) continue;
      this.#held.unshift(change);
      this.#startReading();
    }
  }

  /** @returns Whether the change was the next one, or a double. */
  #advance(change: PresenceChange): boolean {
    const { epoch, offset } = this.#position;
    if (change.epoch !== epoch) return false;
    if (change.offset <= offset) return true;
    if (change.previous !== offset) return false;
    this.#apply(change);
    return true;
  }

  #apply(change: PresenceChange): void {
    const { epoch, offset } = change;
    this.#position = { epoch, offset };
    const told = this.#roll.apply(change);
    if (told !== null) this.#tell([told]);
  }

  #replace({ records, position }: PresenceList): void {
    this.#position = position;
    this.#tell(this.#roll.replace(records));
  }

  #startReading(): void {
    this.#state = "reading";
    // It does not reject.
    void this.#read();
  }

  async #read(): Promise<void> {
    for (let lists = 0;;) {
      this.#doubtful = false;
      const seen = new Set(this.#held);
      const list = await this.#tryToList();
      if (!this.#is("reading")) return;
      if (list !== null && this.#bridge(list, seen, ++lists >= MOST_LISTS)) return;
      await this.#pause(lists);
      if (!this.#is("reading")) return;
    }
  }

  async #tryToList(): Promise<PresenceList | null> {
    try {
      return await this.#store.list(this.#topic);
    } catch {
      // The broker tells of it, and is tried again until it is back.
      return null;
    }
  }

  /** @returns Whether the list leads up to what was held. */
  #bridge(list: PresenceList, seen: ReadonlySet<PresenceChange>, atLast: boolean): boolean {
    this.#replace(list);
    const { epoch, offset } = list.position;
    this.#held = this.#held.filter((change) =>
      change.epoch === epoch ? change.offset > offset : !seen.has(change)
    );
    const [next] = this.#held;
    const leads = next === undefined || next.epoch === epoch && next.previous === offset;
    if (this.#doubtful || !leads && !atLast) return false;
    if (next !== undefined && !leads) this.#apply(next);
    this.#state = "live";
    this.#drain();
    return true;
  }

  #pause(attempt: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = startQuietTimer(resolve, backoff(attempt));
    this.#wake = resolve;
    return promise.then(() => {
      cancel();
      this.#wake = undefined;
    });
  }

  #tell(changes: readonly RollChange[]): void {
    const position = this.#position;
    for (const { kind, member } of changes) {
      this.#changes.push(() => {
        for (const subscriber of this.#subscribers) {
          this.#guard(() => subscriber[kind](this.#topic, member, position));
        }
      });
    }
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      logApplicationError(`Exception in who watches the topic ${excerpt(this.#topic)}`, error);
    }
  }

  /** As a function, so that it is looked at anew after a wait. */
  #is(state: "off" | "starting" | "live" | "reading"): boolean {
    return this.#state === state;
  }
}
