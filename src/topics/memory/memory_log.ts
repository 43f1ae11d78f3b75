import { AgedMap } from "../../concurrent/collections/aged_map.ts";
import type { Appended, BrokerContext, LogRead, Producer, TopicLog } from "../broker/broker.ts";
import { Handover } from "./handover.ts";
import type { Payload } from "../broker/payload.ts";
import { newEpoch, type Position } from "../broker/position.ts";
import { RecentProducers } from "./recent_producers.ts";
import { TopicHistory } from "./topic_history.ts";

/** How many topics each call looks at: at least two, so that they go faster than new ones come. */
const SWEPT = 2;
/** What a topic and a record take besides the name and the payload, about. */
const TOPIC_BYTES = 300;
const RECORD_BYTES = 200;
/** How many topics are looked at to make room for one. */
const MOST_FORGOTTEN = 16;

/**
 * The history of topics in the memory of this process.
 *
 * A topic that was silent for its `ttl` is forgotten, unless it is followed. There is no timer: each call
 * looks at two topics, in turn. Clients may name topics without end: beyond a number of bytes the topics that
 * were silent longest are forgotten earlier, but those that are followed.
 */
export class MemoryLog implements TopicLog {
  readonly #context: () => BrokerContext;
  readonly #topics = new Map<string, TopicHistory>();
  readonly #followed = new Set<string>();
  readonly #producers = new RecentProducers();
  readonly #handover = new Handover<() => void>((deliver) => deliver());
  /** What each takes, that which was silent longest first. */
  readonly #sizes: AgedMap<string, number> = new AgedMap();
  readonly #maxBytes: number;
  #bytes = 0;
  #swept: Iterator<[string, TopicHistory]> | undefined;

  /**
   * @param context Gives the context of the broker. Throws a `BrokerError` while it is not open.
   * @param maxBytes What all topics may take together.
   */
  constructor(context: () => BrokerContext, maxBytes: number = Infinity) {
    this.#context = context;
    this.#maxBytes = maxBytes;
  }

  /** How many topics are kept. */
  get size(): number {
    return this.#topics.size;
  }

  /** Appends a message; those who follow have it when this returns. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async append(topic: string, payload: Payload, producer?: Producer): Promise<Appended> {
    const { events } = this.#context();
    const now = performance.now();
    const double = producer && this.#double(topic, producer);
    if (double !== undefined) return { position: double, duplicate: true };
    const history = this.#open(topic, now);
    const record = history.append(payload, now, producer);
    this.#weigh(topic, history);
    const { epoch } = history;
    const position = { epoch, offset: record.offset };
    if (producer !== undefined) this.#producers.note(topic, producer, position, now);
    if (this.#followed.has(topic)) this.#handover.push(() => events.record(topic, epoch, record));
    return { position, duplicate: false };
  }

  /** What was published after a position. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async read(topic: string, after: Position | null): Promise<LogRead> {
    const now = performance.now();
    return this.#open(topic, now).read(after, now);
  }

  /** The position after the last publication. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async top(topic: string): Promise<Position> {
    const { epoch, top } = this.#open(topic, performance.now());
    return { epoch, offset: top };
  }

  /** Hands the records of a topic over from now on. */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async follow(topic: string): Promise<void> {
    this.#context();
    this.#followed.add(topic);
  }

  /** Ends it. */
  unfollow(topic: string): void {
    this.#followed.delete(topic);
  }

  /** Forgets everything. */
  clear(): void {
    this.#topics.clear();
    this.#followed.clear();
    this.#producers.clear();
    this.#sizes.clear();
    this.#bytes = 0;
    this.#swept = undefined;
  }

  /** Its own position where that is known, or that of the producer's last publication. */
  #double(topic: string, producer: Producer): Position | undefined {
    const latest = this.#producers.find(topic, producer);
    if (latest === undefined) return undefined;
    const history = this.#topics.get(topic);
    const offset = history?.find(producer);
    return history === undefined || offset === undefined
      ? latest
      : { epoch: history.epoch, offset };
  }

  /** The topic; it begins anew if its time is over. */
  #open(topic: string, now: number): TopicHistory {
    const limits = this.#context().limitsOf(topic);
    this.#sweep(now);
    const known = this.#topics.get(topic);
    if (known !== undefined && !this.#isOver(topic, known, now)) return known;
    const history = new TopicHistory({ epoch: newEpoch(), offset: 0 }, limits, now);
    this.#topics.set(topic, history);
    this.#weigh(topic, history);
    return history;
  }

  /** Notes what a topic takes, and makes room for it. */
  #weigh(topic: string, { size, bytes }: TopicHistory): void {
    const takes = TOPIC_BYTES + 2 * topic.length + size * RECORD_BYTES + bytes;
    this.#bytes += takes - (this.#sizes.get(topic) ?? 0);
    this.#sizes.set(topic, takes);
    for (let count = 0; count < MOST_FORGOTTEN && this.#bytes > this.#maxBytes; count++) {
      const oldest = this.#sizes.oldest;
      if (oldest === undefined || oldest.key === topic) return;
      if (this.#followed.has(oldest.key)) this.#sizes.set(oldest.key, oldest.value);
      else this.#forget(oldest.key);
    }
  }

  #forget(topic: string): void {
    this.#topics.delete(topic);
    this.#bytes -= this.#sizes.get(topic) ?? 0;
    this.#sizes.delete(topic);
  }

  /** Those who follow a topic have its position: to them, another epoch would look like a loss. */
  #isOver(topic: string, history: TopicHistory, now: number): boolean {
    return history.isOver(now) && !this.#followed.has(topic);
  }

  #sweep(now: number): void {
    this.#producers.sweep(now);
    for (let count = 0; count < SWEPT; count++) {
      const next = (this.#swept ??= this.#topics.entries()).next();
      if (next.done === true) {
        this.#swept = undefined;
        return;
      }
      const [topic, history] = next.value;
      if (this.#isOver(topic, history, now)) this.#forget(topic);
      else history.trim(now);
    }
  }
}
