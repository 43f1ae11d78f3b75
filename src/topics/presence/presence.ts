/** Who is in the topics of an application, across processes. */
import type { PresenceChange, PresenceStore } from "../broker/broker.ts";
import { PresencePlaces } from "./presence_places.ts";
import { PresenceRoll } from "./presence_roll.ts";
import { PresenceWatch } from "./presence_watch.ts";
import { startQuietTimer } from "../quiet_timer.ts";
import type { PresenceMember, PresenceSubscriber } from "../feed/topic_subscriber.ts";

/** Times of a presence, in milliseconds. */
export interface PresenceTimes {
  /** That a member stays after its last socket. Default 15,000. */
  readonly grace: number;
  /** Between two signs of life of a process. Default 2,000. */
  readonly beat: number;
  /** After which a process without a sign of life is dead. Default 6,000. */
  readonly dead: number;
}

/** A dead process is noticed by the next beat of another: its members are gone within eight seconds. */
export const PRESENCE_TIMES: PresenceTimes = { grace: 15_000, beat: 2_000, dead: 6_000 };

/** What a presence needs. */
export interface PresenceOptions {
  /** The name of this process, once the store can be asked. */
  readonly node: () => string;
  readonly store: PresenceStore;
  /** Settles when the store can be asked. */
  readonly ready: () => Promise<void>;
  readonly times: PresenceTimes;
  /** There is no other process, to which signs of life would be given. */
  readonly isAlone?: boolean;
}

/**
 * The part of this process in the presence of topics: its own records, and what it wants to know. While
 * there is any of either it gives a sign of life now and then, and sees to the records of the dead.
 */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #places: PresencePlaces;
  readonly #watches = new Map<string, PresenceWatch>();
  #cancelBeat: (() => void) | undefined;
  #beating: Promise<void> | undefined;
  /** When the last beat was taken. */
  #lastBeat = -Infinity;
  #tidying = false;
  #ended = false;

  constructor(options: PresenceOptions) {
    const { node, store, times } = options;
    this.#options = options;
    this.#places = new PresencePlaces({ node, store, grace: times.grace });
  }

  /** See `TopicHub.join`. */
  async join(topic: string, member: PresenceMember, holder: object): Promise<void> {
    // A record of a process that gave no sign of life yet would be one of a dead one.
    await this.#live();
    await this.#places.join(topic, member, holder);
  }

  /** See `TopicHub.leave`. */
  leave(topic: string, id: string, holder: object): void {
    this.#places.leave(topic, id, holder);
  }

  /** See `TopicHub.watch`. */
  async watch(topic: string, subscriber: PresenceSubscriber): Promise<void> {
    const { store, ready } = this.#options;
    const watch = this.#watches.get(topic) ?? new PresenceWatch(topic, store, ready);
    this.#watches.set(topic, watch);
    // Whoever watches sees to the dead, too. If this fails, so does what follows.
    this.#live().catch(() => {});
    try {
      await watch.watch(subscriber);
    } finally {
      this.#forget(topic, watch);
    }
  }

  /** See `TopicHub.unwatch`. */
  unwatch(topic: string, subscriber: PresenceSubscriber): void {
    const watch = this.#watches.get(topic);
    if (watch === undefined) return;
    watch.unwatch(subscriber);
    this.#forget(topic, watch);
  }

  /** See `TopicHub.members`. */
  async members(topic: string): Promise<PresenceMember[]> {
    const known = this.#watches.get(topic)?.members;
    if (known) return known;
    await this.#options.ready();
    const { records } = await this.#options.store.list(topic);
    return new PresenceRoll(records).members;
  }

  /** A change that the broker handed over. */
  take(topic: string, change: PresenceChange): void {
    this.#watches.get(topic)?.take(change);
  }

  /** The engine was away: it may have changes that did not come, and may have lost the own records. */
  check(): void {
    for (const watch of this.#watches.values()) watch.check();
    this.#places.doubt();
    // It does not reject.
    void this.#places.settle();
  }

  /** Ends it. The own records are left to die: who goes to another process at once has not left. */
  end(): void {
    this.#ended = true;
    this.#cancelBeat?.();
    this.#cancelBeat = undefined;
    this.#places.end();
    for (const watch of this.#watches.values()) watch.end();
    this.#watches.clear();
  }

  #forget(topic: string, watch: PresenceWatch): void {
    if (watch.size > 0 || this.#watches.get(topic) !== watch) return;
    this.#watches.delete(topic);
    watch.end();
  }

  get #isUsed(): boolean {
    return !this.#ended && (this.#watches.size > 0 || !this.#places.isEmpty);
  }

  /** Settles when this process has given a sign of life, and goes on doing so. */
  async #live(): Promise<void> {
    const { ready, times, isAlone = false } = this.#options;
    await ready();
    if (isAlone) return;
    if (performance.now() - this.#lastBeat > times.beat * 1.5) return await this.#beat();
    if (this.#cancelBeat === undefined) this.#schedule();
  }

  #beat(): Promise<void> {
    return this.#beating ??= this.#giveSign().finally(() => this.#beating = undefined);
  }

  async #giveSign(): Promise<void> {
    const { store, times } = this.#options;
    const late = performance.now() - this.#lastBeat > times.dead;
    try {
      const dead = await store.beat(times.dead);
      this.#lastBeat = performance.now();
      // The next sign does not wait for it.
      void this.#tidy(dead, late);
    } finally {
      this.#schedule();
    }
  }

  /** @param late Others may have taken this process for dead, and its records away. */
  async #tidy(dead: readonly string[], late: boolean): Promise<void> {
    if (late) this.#places.doubt();
    if (this.#tidying) return;
    this.#tidying = true;
    await this.#places.settle();
    await this.#bury(dead);
    this.#tidying = false;
  }

  async #bury(dead: readonly string[]): Promise<void> {
    const { store } = this.#options;
    const node = this.#options.node();
    for (const other of dead) {
      // The next beat finds what could not be buried.
      if (other !== node) await store.bury(other).catch(() => {});
    }
  }

  #schedule(): void {
    this.#cancelBeat?.();
    this.#cancelBeat = this.#ended ? undefined : startQuietTimer(() => {
      this.#cancelBeat = undefined;
      if (!this.#isUsed) return;
      // The broker tells of it when it is lost.
      this.#beat().catch(() => {});
    }, this.#options.times.beat);
  }
}
