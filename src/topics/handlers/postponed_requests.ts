/** Requests that a client was told to send again. */

/** A request that was put off. */
interface Postponed {
  /** The topic that it publishes to, or `null`. */
  readonly lane: string | null;
  /** The how manieth that was put off. */
  readonly turn: number;
}

/**
 * The requests that the broker could not serve, each in a lane: the topic that it publishes to, or `null`.
 * A log takes what is below the last number of a producer for a double, so within a lane none may be
 * served before those below it.
 */
export class PostponedRequests {
  readonly #requests = new Map<number, Postponed>();
  #turns = 0;

  /** How many there are. */
  get size(): number {
    return this.#requests.size;
  }

  /** Whether a request was put off. */
  has(id: number): boolean {
    return this.#requests.has(id);
  }

  /** Puts a request off. */
  add(id: number, lane: string | null): void {
    this.#requests.set(id, { lane, turn: ++this.#turns });
  }

  /** It was sent again. */
  take(id: number): boolean {
    return this.#requests.delete(id);
  }

  /**
   * Whether it is the turn of a request: none below it in its lane is put off. A client sends again in
   * order: one below it that has not come since it was put off itself is given up.
   */
  admit(id: number, lane: string | null): boolean {
    const turn = this.#requests.get(id)?.turn ?? 0;
    this.take(id);
    for (const [other, below] of this.#requests) {
      if (below.lane !== lane || other > id) continue;
      if (below.turn > turn) return false;
      this.take(other);
    }
    return true;
  }
}
