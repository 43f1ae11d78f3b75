/** The messages of a topic that is followed, in their order, each told the record before it. */
import type { LogRecord } from "../broker/broker.ts";

/** Milliseconds that a message waits for the one before it. */
const PATIENCE = 50;

/** How many may wait. */
const MOST_HELD = 1_000;

/** Milliseconds after which a message that was not waited for any more is no latecomer. */
const LATENESS = 1_000;

/** A message that a stream has sent on. */
export interface LiveMessage {
  readonly sequence: number;
  /** The one before it on its subject; 0 if that is forgotten. */
  readonly previous: number;
  /** `null` if it is no record. */
  readonly payload: string | null;
}

/** Where messages go. Neither throws. */
export interface LiveEvents {
  record(record: LogRecord): void;
  /** The message cannot be from the stream that those before it are from. */
  doubt(): void;
}

/**
 * What came of a topic on one connection. A server sends on in nearly the order of its stream: where
 * several clients publish at the same moment, two messages may change places. One that comes too early waits;
 * if the one before it does not come, what is handed over tells that something is between.
 */
export class LiveOrder {
  readonly #events: LiveEvents;
  #seen: number | null = null;
  #handed: number | null = null;
  #held: LiveMessage[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What was not waited for any more: after the first, up to the second, until the third. */
  #skipped: readonly [after: number, upTo: number, until: number] = [0, 0, 0];

  constructor(events: LiveEvents) {
    this.#events = events;
  }

  /** Takes a message. */
  take(message: LiveMessage): void {
    const seen = this.#seen;
    if (seen !== null && message.sequence <= seen) return this.#takeLate(message);
    if (seen === null) this.#skip(message);
    else if (this.#isNext(message)) this.#pass(message);
    else return this.#hold(message);
    this.#drain();
  }

  /** Forgets everything: messages may have been missed. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held = [];
    this.#seen = null;
    this.#handed = null;
  }

  #isNext({ previous }: LiveMessage): boolean {
    return this.#seen !== null && previous <= this.#seen;
  }

  #takeLate({ sequence }: LiveMessage): void {
    const [after, upTo, until] = this.#skipped;
    if (sequence > after && sequence <= upTo && performance.now() < until) return;
    this.#events.doubt();
  }

  #hold(message: LiveMessage): void {
    const at = this.#held.findLastIndex(({ sequence }) => sequence < message.sequence) + 1;
    this.#held.splice(at, 0, message);
    if (this.#held.length > MOST_HELD) return this.#release();
    this.#timer ??= setTimeout(() => this.#release(), PATIENCE);
  }

  #drain(): void {
    let count = 0;
    for (const message of this.#held) {
      if (!this.#isNext(message)) break;
      this.#pass(message);
      count++;
    }
    if (count > 0) this.#held.splice(0, count);
    if (this.#held.length > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const first = this.#held.shift();
    if (first === undefined) return;
    this.#skip(first);
    this.#drain();
    if (this.#held.length > 0) this.#timer ??= setTimeout(() => this.#release(), PATIENCE);
  }

  /** Hands over a message after one that did not come. */
  #skip(message: LiveMessage): void {
    const { sequence, previous, payload } = message;
    this.#skipped = [this.#seen ?? 0, previous, performance.now() + LATENESS];
    this.#seen = sequence;
    this.#handed = null;
    if (payload !== null) this.#hand(sequence, previous, payload);
  }

  /** The one before it is the last record, whatever else came between or is forgotten. */
  #pass({ sequence, previous, payload }: LiveMessage): void {
    const before = this.#handed ?? this.#seen ?? previous;
    this.#seen = sequence;
    if (payload !== null) this.#hand(sequence, before, payload);
  }

  #hand(offset: number, previous: number, payload: string): void {
    this.#handed = offset;
    this.#events.record({ offset, previous, payload });
  }
}
