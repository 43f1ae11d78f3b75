import { AgedMap } from "../../concurrent/collections/aged_map.ts";
import type { Producer } from "../broker/broker.ts";
import type { Position } from "../broker/position.ts";

/** Milliseconds that a producer is remembered after its last publication. */
const REMEMBERED = 120_000;
/** How many are remembered: whoever may publish chooses their names, and could fill the memory. */
const MOST = 100_000;

/** The last publication of a producer to a topic, to be copied. */
export interface ProducerEntry {
  /** Topic and producer. */
  readonly key: string;
  readonly number: number;
  readonly position: Position;
  /** Milliseconds since it came. */
  readonly age: number;
}

/** The last publication of a producer to a topic. */
interface Latest {
  readonly number: number;
  readonly position: Position;
  readonly at: number;
}

/**
 * Who published last, so that what is published again is recognised: for two minutes, or until 100,000
 * others have published. Times are milliseconds of `performance.now()`.
 */
export class RecentProducers {
  readonly #latest: AgedMap<string, Latest> = new AgedMap();

  /** How many there are. */
  get size(): number {
    return this.#latest.size;
  }

  /**
   * Looks for a double.
   *
   * @returns Where the producer's last publication to the topic is, if this one is not above it.
   */
  find(topic: string, { id, number }: Producer): Position | undefined {
    const latest = this.#latest.get(keyOf(topic, id));
    return latest !== undefined && number <= latest.number ? latest.position : undefined;
  }

  /** Notes a publication. */
  note(topic: string, { id, number }: Producer, position: Position, now: number): void {
    this.#latest.set(keyOf(topic, id), { number, position, at: now });
    this.sweep(now);
  }

  /** Forgets who published long ago. */
  sweep(now: number): void {
    let oldest = this.#latest.oldest;
    while (
      oldest !== undefined && (this.size > MOST || oldest.value.at + REMEMBERED <= now)
    ) {
      this.#latest.delete(oldest.key);
      oldest = this.#latest.oldest;
    }
  }

  /** All that is known, oldest first. */
  entries(now: number): ProducerEntry[] {
    return this.#latest.entries()
      .map(({ key, value: { number, position, at } }) => ({ key, number, position, age: now - at }))
      .sort((one, other) => other.age - one.age);
  }

  /** Takes over what is known elsewhere. */
  restore({ key, number, position, age }: ProducerEntry, now: number): void {
    this.#latest.set(key, { number, position, at: now - age });
    this.sweep(now);
  }

  /** Forgets everybody. */
  clear(): void {
    this.#latest.clear();
  }
}

/** Its length in front: both are of any content. */
function keyOf(topic: string, id: string): string {
  return `${topic.length} ${topic}${id}`;
}
