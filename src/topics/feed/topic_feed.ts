/** A topic with history, in this process. */
import { excerpt } from "../../http/excerpt.ts";
import { logApplicationError } from "../../log.ts";
import type { LogRecord, TopicLimits, TopicLog } from "../broker/broker.ts";
import { beginAt, beginWith, type LogSlice, readSlice } from "./log_slice.ts";
import { formatPosition, type Position } from "../broker/position.ts";
import { backoff } from "../backoff.ts";
import { startQuietTimer } from "../quiet_timer.ts";
import type { TopicEntry } from "./topic_entry.ts";
import type { CatchUp, FollowOptions, TopicSubscriber } from "./topic_subscriber.ts";
import { TopicTail } from "./topic_tail.ts";

/** How often a catch-up is tried whose reads of the log do not meet what is live. */
const MOST_ATTEMPTS = 5;

interface SharedRead {
  readonly after: Position | null;
  readonly slice: Promise<LogSlice>;
}

/** What a feed needs. */
export interface FeedOptions {
  readonly log: TopicLog;
  readonly limits: TopicLimits;
  /** Settles when the log can be asked. */
  readonly ready: () => Promise<void>;
  /** Milliseconds that it goes on after its last subscriber. */
  readonly linger: number;
  /** It has ended: nobody is there. */
  readonly onEnd: () => void;
}

/**
 * Everyone in this process who follows one topic: entries go to all of them, and who comes is led up to
 * them without a gap or a double.
 */
export class TopicFeed {
  readonly #topic: string;
  readonly #options: FeedOptions;
  readonly #tail: TopicTail;
  readonly #live = new Set<TopicSubscriber>();
  /** Those who are being led up, each with its own mark: one that comes again has another. */
  readonly #joining = new Map<TopicSubscriber, object>();
  /** The reads of the log that are under way. */
  readonly #reads = new Map<string, SharedRead>();
  #starting: Promise<void> | undefined;
  #cancelEnd: (() => void) | undefined;

  constructor(topic: string, options: FeedOptions) {
    this.#topic = topic;
    this.#options = options;
    this.#tail = new TopicTail(topic, options.log, options.limits, {
      entry: (entry) => this.#deliver(entry),
      lost: (position) => this.#lose(position),
    });
  }

  /** How many follow. */
  get size(): number {
    return this.#live.size + this.#joining.size;
  }

  /** Settles when the feed follows the log, or cannot; `undefined` if there is nothing to wait for. */
  get starting(): Promise<void> | undefined {
    return this.#starting;
  }

  /**
   * Adds a subscriber, whose `begin` was called when the promise settles, unless it has left.
   *
   * @throws {BrokerError} The promise rejects if the log cannot be reached.
   */
  async follow(subscriber: TopicSubscriber, options: FollowOptions): Promise<void> {
    const mark = {};
    this.#live.delete(subscriber);
    this.#joining.set(subscriber, mark);
    this.#stay();
    const isHere = () => this.#joining.get(subscriber) === mark;
    try {
      await this.#start();
      await this.#leadUp(subscriber, options, isHere);
    } catch (error) {
      if (!isHere()) return;
      this.unfollow(subscriber);
      throw error;
    }
  }

  /** Takes a subscriber away, which gets nothing from now on. */
  unfollow(subscriber: TopicSubscriber): void {
    this.#joining.delete(subscriber);
    this.#live.delete(subscriber);
    if (this.size > 0 || this.#cancelEnd !== undefined) return;
    this.#cancelEnd = startQuietTimer(() => this.end(), this.#options.linger);
  }

  /** A record that the broker handed over. */
  take(epoch: string, record: LogRecord): void {
    this.#tail.take(epoch, record);
  }

  /** Records may have been missed. */
  check(): void {
    this.#tail.check();
  }

  /** Ends the feed. Its subscribers hear nothing more. */
  end(): void {
    this.#stay();
    this.#live.clear();
    this.#joining.clear();
    this.#tail.stop();
    this.#options.onEnd();
  }

  /**
   * How a subscription begins, as far as it is known without the log.
   *
   * @returns `null` if the log has to be asked.
   */
  recall({ after, last = 0 }: FollowOptions): CatchUp | null {
    const { position, recent } = this.#tail;
    if (!this.#tail.isOn || this.#starting !== undefined) return null;
    if (after === undefined) return last === 0 ? beginAt(position, null) : this.#recallLast(last);
    if (after.epoch !== position.epoch || after.offset > position.offset) return null;
    const entries = recent.after(after.offset);
    return entries === null ? null : { position: after, recovered: true, entries };
  }

  #recallLast(count: number): CatchUp | null {
    const entries = this.#tail.recent.last(count);
    return entries === null ? null : beginWith(entries, this.#tail.position);
  }

  #stay(): void {
    this.#cancelEnd?.();
    this.#cancelEnd = undefined;
  }

  #start(): Promise<void> {
    if (this.#tail.isOn && this.#starting === undefined) return Promise.resolve();
    if (this.#starting !== undefined) return this.#starting;
    const starting = this.#options.ready().then(() => this.#tail.start());
    const done = () => void (this.#starting = undefined);
    // First of all who wait, so that nobody overtakes them.
    starting.then(done, done);
    return this.#starting = starting;
  }

  async #leadUp(
    subscriber: TopicSubscriber,
    options: FollowOptions,
    isHere: () => boolean,
  ): Promise<void> {
    // Between the answer and the beginning nothing may be waited for: an entry could come.
    for (let attempt = 0; isHere(); attempt++) {
      const known = attempt < MOST_ATTEMPTS ? this.recall(options) : this.#refuse(options);
      if (known !== null) return this.#admit(subscriber, known);
      const slice = await this.#read(options.after ?? null);
      if (!isHere()) return;
      const joined = this.#join(slice, options);
      if (joined !== null) return this.#admit(subscriber, joined);
      // The log and what is live are apart: of another epoch, or one behind the other.
      this.#tail.check();
      await new Promise<void>((resolve) => void startQuietTimer(resolve, backoff(attempt)));
    }
  }

  #refuse({ after }: FollowOptions): CatchUp {
    return beginAt(this.#tail.position, after === undefined ? null : false);
  }

  /**
   * Reads the log. Many come back at once, each with a position of its own: a read that is under way, and
   * reaches back as far, serves them as well.
   */
  #read(after: Position | null): Promise<LogSlice> {
    const longer = after === null ? undefined : this.#longerThan(after);
    if (after === null || longer === undefined) return this.#readShared(after);
    return longer.then((slice) => endOf(slice, after) ?? this.#readShared(after));
  }

  #longerThan({ epoch, offset }: Position): Promise<LogSlice> | undefined {
    for (const { after, slice } of this.#reads.values()) {
      if (after?.epoch === epoch && after.offset < offset) return slice;
    }
    return undefined;
  }

  #readShared(after: Position | null): Promise<LogSlice> {
    const key = after === null ? "" : formatPosition(after);
    const same = this.#reads.get(key);
    if (same !== undefined) return same.slice;
    const slice = readSlice(this.#options.log, this.#topic, after);
    this.#reads.set(key, { after, slice });
    const done = () => void this.#reads.delete(key);
    slice.then(done, done);
    return slice;
  }

  /**
   * How a subscription begins with what the log gave. Since then entries may have come, and not yet have
   * come that the log has.
   *
   * @returns `null` if the two do not meet.
   */
  #join(slice: LogSlice, { after, last = 0 }: FollowOptions): CatchUp | null {
    const tail = this.#tail;
    if (!slice.whole) {
      return slice.epoch === tail.position.epoch ? beginAt(tail.position, false) : null;
    }
    if (!tail.absorb(slice) || (after?.offset ?? 0) > tail.position.offset) return null;
    const newer = tail.recent.after(slice.top);
    if (newer === null) return null;
    tail.recent.extend(slice.entries);
    const entries = [...slice.entries, ...newer];
    if (after !== undefined) return { position: after, recovered: true, entries };
    return beginWith(entries.slice(-last), tail.position);
  }

  /** The subscription and the entries that follow are in one piece: nothing comes between. */
  #admit(subscriber: TopicSubscriber, catchUp: CatchUp): void {
    this.#joining.delete(subscriber);
    this.#live.add(subscriber);
    this.#tail.exclusively(() => this.#guard(() => subscriber.begin(this.#topic, catchUp)));
  }

  /** Runs for every subscriber of every message: it makes nothing of its own. */
  #deliver(entry: TopicEntry): void {
    for (const subscriber of this.#live) {
      try {
        subscriber.deliver(entry);
      } catch (error) {
        this.#report(error);
      }
    }
  }

  #lose(position: Position): void {
    for (const subscriber of this.#live) {
      this.#guard(() => subscriber.lost(this.#topic, position));
    }
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    logApplicationError(`Exception in a subscriber of the topic ${excerpt(this.#topic)}`, error);
  }
}

/** What a read has after a position; `null` if it does not tell. */
function endOf(slice: LogSlice, { epoch, offset }: Position): LogSlice | null {
  if (!slice.whole || slice.epoch !== epoch || slice.top < offset) return null;
  return { ...slice, entries: slice.entries.filter((entry) => entry.offset > offset) };
}
