/** What came where. */
import type { Word } from "./visitor.ts";

/** What is counted at the end. */
export interface Totals {
  readonly published: number;
  /** Deliveries that had to be. */
  readonly expected: number;
  /** Missing, and the client was not told. */
  readonly lost: number;
  /** Missing, and the client was told. */
  readonly reported: number;
  readonly doubled: number;
  readonly disordered: number;
}

/** Counts at every client. */
export class Tally {
  /** The words of each topic that the server has acknowledged. */
  readonly #said = new Map<string, Set<string>>();
  /** What came, by client and topic, in order. */
  readonly #heard = new Map<string, string[]>();
  /** The clients and topics that know of a loss. */
  readonly #told = new Set<string>();
  readonly #topicsOf: readonly (readonly string[])[];

  /** @param topicsOf The topics of each client. */
  constructor(topicsOf: readonly (readonly string[])[]) {
    this.#topicsOf = topicsOf;
  }

  /** The server has acknowledged a word. */
  said(topic: string, word: Word): void {
    const words = this.#said.get(topic) ?? new Set();
    this.#said.set(topic, words.add(nameOf(word)));
  }

  /** A client got a word. */
  heard(client: number, topic: string, word: Word): void {
    const key = keyOf(client, topic);
    const words = this.#heard.get(key);
    if (words === undefined) this.#heard.set(key, [nameOf(word)]);
    else words.push(nameOf(word));
  }

  /** A client was told that something is lost. */
  told(client: number, topic: string): void {
    this.#told.add(keyOf(client, topic));
  }

  /** Whether everything that was said has come to everybody who was not told of a loss. */
  get complete(): boolean {
    return this.totals().lost === 0;
  }

  /** Counts. */
  totals(): Totals {
    const orders = this.#orders();
    const totals = { expected: 0, lost: 0, reported: 0, doubled: 0, disordered: 0 };
    this.#topicsOf.forEach((topics, client) => {
      for (const topic of topics) {
        const key = keyOf(client, topic);
        const said = this.#said.get(topic) ?? new Set<string>();
        const heard = this.#heard.get(key) ?? [];
        const different = new Set(heard);
        const missing = said.difference(different).size;
        totals.expected += said.size;
        totals[this.#told.has(key) ? "reported" : "lost"] += missing;
        totals.doubled += heard.length - different.size;
        totals.disordered += inversions(heard, orders.get(topic) ?? new Map());
      }
    });
    const published = [...this.#said.values()].reduce((sum, words) => sum + words.size, 0);
    return { published, ...totals };
  }

  /** One order for everyone: that of the client which heard most of a topic. */
  #orders(): Map<string, Map<string, number>> {
    const longest = new Map<string, readonly string[]>();
    this.#topicsOf.forEach((topics, client) => {
      for (const topic of topics) {
        const heard = this.#heard.get(keyOf(client, topic)) ?? [];
        if (heard.length > (longest.get(topic)?.length ?? 0)) longest.set(topic, heard);
      }
    });
    return new Map([...longest].map(([topic, heard]) => [
      topic,
      new Map(heard.map((name, index) => [name, index])),
    ]));
  }
}

function inversions(heard: readonly string[], order: ReadonlyMap<string, number>): number {
  let last = -1;
  let count = 0;
  for (const name of heard) {
    const index = order.get(name) ?? last;
    if (index < last) count++;
    last = index;
  }
  return count;
}

function keyOf(client: number, topic: string): string {
  return `${client} ${topic}`;
}

function nameOf({ by, number }: Word): string {
  return `${by}:${number}`;
}
