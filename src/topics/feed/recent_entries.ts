/** The last entries of a topic, for those who come back soon. */
import { Deque } from "../../concurrent/collections/deque.ts";
import type { TopicLimits } from "../broker/broker.ts";
import type { TopicEntry } from "./topic_entry.ts";

/** Entries that are kept at most. */
const MOST_ENTRIES = 512;
/** Characters of these together. */
const MOST_CHARACTERS = 1024 * 1024;

interface Kept {
  readonly entry: TopicEntry;
  /** When it came; of those that were read later than they came, when they were read. */
  readonly time: number;
}

/**
 * A chain of entries without a gap, which ends with the last that was delivered. A thousand clients that
 * come back at once are answered from here, where each would be a read of the log.
 */
export class RecentEntries {
  readonly #limits: TopicLimits;
  #kept = new Deque<Kept>();
  /** The offset that the chain begins after. */
  #floor = 0;
  #characters = 0;

  constructor(limits: TopicLimits) {
    this.#limits = limits;
  }

  /** Forgets all; the next entry comes after this offset. */
  reset(offset: number): void {
    this.#kept = new Deque();
    this.#characters = 0;
    this.#floor = offset;
  }

  /** Adds the entry after the last. */
  add(entry: TopicEntry): void {
    this.#kept.push({ entry, time: performance.now() });
    this.#characters += entry.size;
    this.#trim();
  }

  /**
   * Adds entries before the first, as many as there is room for.
   *
   * @param entries In order, without a gap.
   */
  extend(entries: readonly TopicEntry[]): void {
    const older = entries.filter(({ offset }) => offset <= this.#floor);
    const time = performance.now();
    for (let next = older.pop(); next !== undefined; next = older.pop()) {
      const fits = this.#kept.size < this.#mostEntries &&
        this.#characters + next.size <= MOST_CHARACTERS;
      if (next.offset !== this.#floor || !fits) return;
      this.#kept.unshift({ entry: next, time });
      this.#characters += next.size;
      this.#floor = next.previous;
    }
  }

  /**
   * The entries after an offset.
   *
   * @returns `null` if they are not all here any more.
   */
  after(offset: number): TopicEntry[] | null {
    this.#expire();
    if (offset < this.#floor) return null;
    let first = this.#kept.size;
    while ((this.#kept.at(first - 1)?.entry.offset ?? 0) > offset) first--;
    return this.#from(first);
  }

  /**
   * The last entries.
   *
   * @returns `null` if the log may have more of them.
   */
  last(count: number): TopicEntry[] | null {
    this.#expire();
    const wanted = Math.min(count, this.#limits.history);
    if (this.#kept.size < wanted && this.#floor > 0) return null;
    return this.#from(Math.max(0, this.#kept.size - wanted));
  }

  #from(first: number): TopicEntry[] {
    const entries: TopicEntry[] = [];
    for (let index = first; index < this.#kept.size; index++) {
      const kept = this.#kept.at(index);
      if (kept !== undefined) entries.push(kept.entry);
    }
    return entries;
  }

  get #mostEntries(): number {
    return Math.min(MOST_ENTRIES, this.#limits.history);
  }

  #trim(): void {
    const most = this.#mostEntries;
    // The last one stays, however large it is.
    while (
      this.#kept.size > 1 && (this.#kept.size > most || this.#characters > MOST_CHARACTERS)
    ) {
      this.#drop();
    }
  }

  #expire(): void {
    const oldest = performance.now() - this.#limits.ttl;
    while ((this.#kept.at(0)?.time ?? Infinity) <= oldest) this.#drop();
  }

  #drop(): void {
    const dropped = this.#kept.shift();
    if (dropped === undefined) return;
    this.#characters -= dropped.entry.size;
    this.#floor = dropped.entry.offset;
  }
}
