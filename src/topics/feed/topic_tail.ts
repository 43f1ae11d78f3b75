/** The end of one topic's log, as it grows. */
import { BrokerError } from "../broker/broker_error.ts";
import { callGuarded } from "../../concurrent/loop/guarded_call.ts";
import { excerpt } from "../../http/excerpt.ts";
import type { LogRecord, TopicLimits, TopicLog } from "../broker/broker.ts";
import { type LogSlice, readSlice } from "./log_slice.ts";
import type { Position } from "../broker/position.ts";
import { backoff } from "../backoff.ts";
import { startQuietTimer } from "../quiet_timer.ts";
import { RecentEntries } from "./recent_entries.ts";
import { TopicEntry } from "./topic_entry.ts";

/** Records that may wait while the log is read. Beyond it they are dropped: they are in the log, too. */
const MOST_HELD = 1024;
/** Characters of these together. */
const MOST_HELD_CHARACTERS = 16 * 1024 * 1024;
/** Reads of a log that do not lead up to a record that came, before what is between is given up. */
const MOST_READS = 5;

/** What follows a tail. Neither throws. */
export interface TailEvents {
  /** The next entry: none is left out, and none comes twice. */
  entry(entry: TopicEntry): void;
  /** What came before the position cannot be had; entries after it follow. */
  lost(position: Position): void;
}

interface Held {
  readonly epoch: string;
  readonly record: LogRecord;
}

/**
 * Makes one chain of what a broker hands over, late, twice or not at all, and of what its log has. A
 * record that is not the next one waits until the log was read.
 */
export class TopicTail {
  /** The last entries. */
  readonly recent: RecentEntries;
  readonly #topic: string;
  readonly #log: TopicLog;
  readonly #events: TailEvents;
  #state: "off" | "starting" | "live" | "reading" = "off";
  #position: Position = { epoch: "", offset: 0 };
  #held: Held[] = [];
  #heldCharacters = 0;
  /** Of the held ones, how many came before the read that is under way. */
  #seen = 0;
  #busy = false;
  /** Something may have been missed since the last read began. */
  #doubtful = false;
  #wake: (() => void) | undefined;

  constructor(topic: string, log: TopicLog, limits: TopicLimits, events: TailEvents) {
    this.#topic = topic;
    this.#log = log;
    this.recent = new RecentEntries(limits);
    this.#events = events;
  }

  /** After the last entry that was delivered. */
  get position(): Position {
    return this.#position;
  }

  /** Whether entries come. */
  get isOn(): boolean {
    return this.#state !== "off";
  }

  /**
   * Begins after the last publication.
   *
   * @throws {BrokerError} The promise rejects if the log cannot be reached; then it can be tried again.
   */
  async start(): Promise<void> {
    this.#state = "starting";
    try {
      await this.#log.follow(this.#topic);
      this.#begin(await this.#log.top(this.#topic));
    } catch (error) {
      if (this.#is("starting")) this.stop();
      throw error;
    }
  }

  #begin(position: Position): void {
    if (!this.#is("starting")) {
      throw new BrokerError(`Cannot follow the topic ${excerpt(this.#topic)}: it was given up`);
    }
    this.#position = position;
    this.recent.reset(position.offset);
    this.#state = "live";
    if (this.#doubtful) this.#startReading();
    else this.#drain();
  }

  /** Ends it. */
  stop(): void {
    if (this.#state === "off") return;
    this.#state = "off";
    this.#hold([]);
    this.#doubtful = false;
    this.#wake?.();
    callGuarded(() => this.#log.unfollow(this.#topic), "unfollow() of the broker");
  }

  /** A record that the broker handed over. */
  take(epoch: string, record: LogRecord): void {
    if (this.#state === "off") return;
    const waits = this.#busy || this.#state !== "live" || this.#held.length > 0;
    if (!waits && this.#advance({ epoch, record })) return this.#drain();
    const { length } = record.payload;
    if (
      this.#held.length >= MOST_HELD || this.#heldCharacters + length > MOST_HELD_CHARACTERS
    ) {
      this.#hold([]);
      this.#seen = 0;
    }
    this.#held.push({ epoch, record });
    this.#heldCharacters += length;
    this.#drain();
  }

  #hold(held: Held[]): void {
    this.#held = held;
    this.#heldCharacters = held.reduce((sum, { record }) => sum + record.payload.length, 0);
  }

  /** Records may have been missed: the log tells. */
  check(): void {
    if (this.#state === "off") return;
    this.#doubtful = true;
    if (this.#state === "live") this.#startReading();
    this.#wake?.();
  }

  /**
   * Delivers what a read has beyond the position.
   *
   * @returns Whether what was read leads on from the position.
   */
  absorb({ epoch, whole, entries }: LogSlice): boolean {
    const { position } = this;
    if (!whole || epoch !== position.epoch) return false;
    const next = entries.filter(({ offset }) => offset > position.offset);
    if ((next[0]?.previous ?? 0) > position.offset) return false;
    this.exclusively(() => next.forEach((entry) => this.#deliver(entry)));
    return true;
  }

  /** Nothing is delivered until the work, which must not wait, is done. */
  exclusively(work: () => void): void {
    this.#busy = true;
    try {
      work();
    } finally {
      this.#busy = false;
    }
    this.#drain();
  }

  #drain(): void {
    if (this.#busy) return;
    while (this.#is("live")) {
      const next = this.#held.shift();
      if (next === undefined) return;
      this.#heldCharacters -= next.record.payload.length;
      if (this.#advance(next)) continue;
      this.#held.unshift(next);
      this.#heldCharacters += next.record.payload.length;
      this.#startReading();
    }
  }

  /** @returns Whether the record was the next one, or a double. */
  #advance({ epoch, record }: Held): boolean {
    const { position } = this;
    if (epoch !== position.epoch) return false;
    if (record.offset <= position.offset) return true;
    if (record.previous !== position.offset) return false;
    // What an entry makes others publish comes after it, for everybody.
    this.#busy = true;
    try {
      this.#deliver(new TopicEntry(this.#topic, epoch, record));
    } finally {
      this.#busy = false;
    }
    return true;
  }

  #deliver(entry: TopicEntry): void {
    this.#position = { epoch: entry.epoch, offset: entry.offset };
    this.recent.add(entry);
    this.#events.entry(entry);
  }

  #lose(position: Position): void {
    this.#position = position;
    this.recent.reset(position.offset);
    this.exclusively(() => this.#events.lost(position));
  }

  #startReading(): void {
    this.#state = "reading";
    // It does not reject.
    void this.#read();
  }

  async #read(): Promise<void> {
    for (let reads = 0, failures = 0;;) {
      this.#seen = this.#held.length;
      this.#doubtful = false;
      const slice = await this.#tryToRead();
      if (!this.#is("reading")) return;
      if (slice === null) failures++;
      else if (this.#bridge(slice, ++reads)) return;
      await this.#pause(slice === null ? failures : reads);
      if (!this.#is("reading")) return;
    }
  }

  async #tryToRead(): Promise<LogSlice | null> {
    try {
      return await readSlice(this.#log, this.#topic, this.#position);
    } catch {
      // The broker tells of it, and is tried again until it is back.
      return null;
    }
  }

  /** @returns Whether it leads up to what was held. */
  #bridge(slice: LogSlice, reads: number): boolean {
    if (!this.absorb(slice)) this.#lose({ epoch: slice.epoch, offset: slice.top });
    const { epoch, offset } = this.#position;
    // What came before the read, and is of another life of the log, is of one that is over.
    this.#hold(
      this.#held.filter((held, index) =>
        held.epoch === epoch ? held.record.offset > offset : index >= this.#seen
      ),
    );
    const [next] = this.#held;
    if (next !== undefined && (next.epoch !== epoch || next.record.previous !== offset)) {
      if (reads < MOST_READS) return false;
      this.#lose({ epoch: next.epoch, offset: next.record.previous });
    }
    if (this.#doubtful) return false;
    this.#state = "live";
    this.#drain();
    return true;
  }

  #pause(attempt: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = startQuietTimer(resolve, backoff(attempt - 1));
    this.#wake = resolve;
    return promise.then(() => {
      cancel();
      this.#wake = undefined;
    });
  }

  /** As a function, so that it is looked at anew after a wait. */
  #is(state: "off" | "starting" | "live" | "reading"): boolean {
    return this.#state === state;
  }
}
