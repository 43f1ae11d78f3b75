/** What a server that stops has to wait for: requests in flight, WebSockets, event streams. */

/** One of these. The links are those of {@linkcode OpenWorkList}. */
export interface OpenWork {
  /** The server is going away: say goodbye and end. */
  goAway(): void;
  /** The time for goodbyes is over: close at once. */
  cut(): void;
  /** Whether an upload is still on its way to it. */
  readonly receiving?: boolean;
  /** Where it is listed. */
  openIn: OpenWorkList | undefined;
  previousOpen: OpenWork | undefined;
  nextOpen: OpenWork | undefined;
}

/**
 * The open work of one server, for a graceful shutdown.
 *
 * Every request that waits for anything goes in and out, so they are linked to each other: a set
 * would cost each of them more than its promise.
 */
export class OpenWorkList {
  #first: OpenWork | undefined;
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** Lists work that is listed nowhere. */
  add(work: OpenWork): void {
    work.openIn = this;
    work.nextOpen = this.#first;
    if (this.#first !== undefined) this.#first.previousOpen = work;
    this.#first = work;
    this.#size++;
  }

  /** Takes work out, if it is in. */
  delete(work: OpenWork): void {
    if (work.openIn !== this) return;
    const { previousOpen, nextOpen } = work;
    if (previousOpen === undefined) this.#first = nextOpen;
    else previousOpen.nextOpen = nextOpen;
    if (nextOpen !== undefined) nextOpen.previousOpen = previousOpen;
    work.openIn = work.previousOpen = work.nextOpen = undefined;
    this.#size--;
  }

  /** Those that are open now: what is taken out in the meantime comes all the same. */
  list(): OpenWork[] {
    const open: OpenWork[] = [];
    for (let next = this.#first; next !== undefined; next = next.nextOpen) open.push(next);
    return open;
  }
}
