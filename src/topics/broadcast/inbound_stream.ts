/** So many batches may wait for one before them; what is beyond is sent again. */
const MOST_HELD = 512;

/** The batches of one sender: numbered, and handed on in the order of their numbers, each once. */
export class InboundStream {
  readonly #held = new Map<number, string>();
  #next: number;
  #latest: number;

  /** @param next The number of the batch that comes next. */
  constructor(next: number) {
    this.#next = next;
    this.#latest = next - 1;
  }

  /** The number of the first batch that is missing; `null` if none is. */
  get missing(): number | null {
    return this.#next <= this.#latest ? this.#next : null;
  }

  /** Notes that the sender has got so far. */
  reach(number: number): void {
    this.#latest = Math.max(this.#latest, number);
  }

  /** Takes a batch, and gives those that can be handed on now. */
  receive(number: number, batch: string): readonly string[] {
    this.reach(number);
    if (number < this.#next) return [];
    if (number > this.#next) {
      if (this.#held.size < MOST_HELD) this.#held.set(number, batch);
      return [];
    }
    this.#next++;
    return [batch, ...this.#release()];
  }

  /** Gives up what is missing before a number, and gives what can be handed on now. */
  skip(number: number): readonly string[] {
    if (number <= this.#next) return [];
    for (const held of this.#held.keys()) if (held < number) this.#held.delete(held);
    this.#next = number;
    this.reach(number - 1);
    return this.#release();
  }

  #release(): string[] {
    const released: string[] = [];
    let batch = this.#held.get(this.#next);
    while (batch !== undefined) {
      released.push(batch);
      this.#held.delete(this.#next++);
      batch = this.#held.get(this.#next);
    }
    return released;
  }
}
