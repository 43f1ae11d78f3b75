import { Deque } from "../../concurrent/collections/deque.ts";

const MOST_BATCHES = 1_024;
const MOST_CHARACTERS = 8 * 1024 * 1024;
/** Characters that are sent again in one message. */
const AGAIN_CHARACTERS = 256 * 1024;
/** Milliseconds after which whoever has not asked for it has it, or never will. */
const KEPT = 30_000;

interface Sent {
  readonly batch: string;
  readonly at: number;
}

/** The batches that were sent last, for those who missed one. Times are those of `performance.now()`. */
export class SentBatches {
  readonly #sent = new Deque<Sent>();
  #last = 0;
  #size = 0;

  /** The number of the last batch; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** The number of the first batch that is still there. */
  get first(): number {
    return this.#last - this.#sent.size + 1;
  }

  /** Characters of all that is kept. */
  get size(): number {
    return this.#size;
  }

  /** Keeps a batch, and gives it its number. */
  add(batch: string, now: number): number {
    this.#sent.push({ batch, at: now });
    this.#size += batch.length;
    while (this.#sent.size > MOST_BATCHES || this.#size > MOST_CHARACTERS) this.#drop();
    return ++this.#last;
  }

  /** Some of the batches from a number on; none if that one is gone. */
  from(number: number): readonly string[] {
    const batches: string[] = [];
    let size = 0;
    for (let index = number - this.first; size < AGAIN_CHARACTERS; index++) {
      const sent = this.#sent.at(index);
      if (sent === undefined) break;
      batches.push(sent.batch);
      size += sent.batch.length;
    }
    return batches;
  }

  /** Lets go what is old. */
  sweep(now: number): void {
    let oldest = this.#sent.at(0);
    while (oldest !== undefined && oldest.at + KEPT <= now) {
      this.#drop();
      oldest = this.#sent.at(0);
    }
  }

  #drop(): void {
    this.#size -= this.#sent.shift()?.batch.length ?? 0;
  }
}
