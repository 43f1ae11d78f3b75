import { Deque } from "../../concurrent/collections/deque.ts";
import { byteLength } from "../../http/body/chunk.ts";
import type { LogRead, LogRecord, Producer, TopicLimits } from "../broker/broker.ts";
import type { Payload } from "../broker/payload.ts";
import type { Position } from "../broker/position.ts";

/** A record, and what is known of it. */
interface Kept {
  readonly record: LogRecord;
  readonly bytes: number;
  /** When it came. */
  readonly at: number;
  readonly producer: Producer | undefined;
}

/** A record that is to be copied. */
export interface HistoryEntry {
  readonly payload: Payload;
  /** Milliseconds since it came. */
  readonly age: number;
  readonly producer: Producer | undefined;
}

/** Among so many of the last records a double is looked for. */
const SEARCHED = 1_000;

/**
 * The records of one topic in the memory of this process, within its limits. Their offsets grow by one.
 * Times are milliseconds of `performance.now()`.
 */
export class TopicHistory {
  /** The life of the log. */
  readonly epoch: string;
  readonly #limits: TopicLimits;
  #records: Deque<Kept> | undefined;
  #top: number;
  #bytes = 0;
  #lastAt: number;

  /**
   * Makes one without records.
   *
   * @param position After which it begins.
   */
  constructor({ epoch, offset }: Position, limits: TopicLimits, now: number) {
    this.epoch = epoch;
    this.#limits = limits;
    this.#top = offset;
    this.#lastAt = now;
  }

  /** The offset of the last record that there ever was. */
  get top(): number {
    return this.#top;
  }

  /** How many records there are. */
  get size(): number {
    return this.#records?.size ?? 0;
  }

  /** Bytes of these together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Appends a message, whose record it returns. */
  append(payload: Payload, now: number, producer?: Producer): LogRecord {
    const record = { offset: this.#top + 1, previous: this.#top, payload };
    this.#top = record.offset;
    this.#lastAt = now;
    const kept: Kept = { record, bytes: byteLength(payload), at: now, producer };
    this.#bytes += kept.bytes;
    (this.#records ??= new Deque()).push(kept);
    this.trim(now);
    return record;
  }

  /** The records after a position, or all; see {@linkcode LogRead}. */
  read(after: Position | null, now: number): LogRead {
    this.trim(now);
    const missing = this.#top - this.size;
    const whole = after === null || this.#holdsAfter(after, missing);
    const from = whole ? (after?.offset ?? missing) - missing : this.size;
    const records: LogRecord[] = [];
    for (let index = from; index < this.size; index++) {
      const kept = this.#records?.at(index);
      if (kept !== undefined) records.push(kept.record);
    }
    return { epoch: this.epoch, top: this.#top, records, whole };
  }

  /** The offset of what a producer published under a number, if it is among the last records. */
  find({ id, number }: Producer): number | undefined {
    const last = Math.max(0, this.size - SEARCHED);
    for (let index = this.size - 1; index >= last; index--) {
      const kept = this.#records?.at(index);
      if (kept?.producer?.id === id && kept.producer.number === number) return kept.record.offset;
    }
    return undefined;
  }

  /** Lets go what is beyond the limits. */
  trim(now: number): void {
    const { history, maxBytes, ttl } = this.#limits;
    let oldest = this.#records?.at(0);
    while (
      oldest !== undefined &&
      (this.size > history || this.#bytes > maxBytes || oldest.at + ttl <= now)
    ) {
      this.#bytes -= oldest.bytes;
      this.#records?.shift();
      oldest = this.#records?.at(0);
    }
  }

  /** Whether it was silent for so long that it is to be forgotten. */
  isOver(now: number): boolean {
    return this.silence(now) >= 1;
  }

  /** How long it was silent, in parts of its `ttl`. */
  silence(now: number): number {
    return (now - this.#lastAt) / this.#limits.ttl;
  }

  /** Counts as a publication, for those who still want it. */
  touch(now: number): void {
    this.#lastAt = now;
  }

  /** All that is kept, for a copy of it: append each in a history that begins before them. */
  entries(now: number): HistoryEntry[] {
    this.trim(now);
    return Array.from({ length: this.size }, (_, index) => this.#records?.at(index))
      .filter((kept) => kept !== undefined)
      .map(({ record: { payload }, at, producer }) => ({ payload, age: now - at, producer }));
  }

  #holdsAfter({ epoch, offset }: Position, missing: number): boolean {
    return epoch === this.epoch && offset >= missing && offset <= this.#top;
  }
}
