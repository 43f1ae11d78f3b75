/** What a server holds open: requests in flight, WebSockets, event streams. */

/** Something that a server holds open. The links are those of {@linkcode OpenConnections}. */
export interface OpenConnection {
  /** The server is going away: say goodbye and end. */
  goAway(): void;
  /** The time for goodbyes is over: close at once. */
  cut(): void;
  /** Whether an upload is still on its way to it. */
  readonly receiving?: boolean;
  /** Where it is listed. */
  openIn: OpenConnections | undefined;
  previousOpen: OpenConnection | undefined;
  nextOpen: OpenConnection | undefined;
}

/**
 * The open connections of one server, for a graceful shutdown.
 *
 * Every request that waits for anything goes in and out, so they are linked to each other: a set
 * would cost each of them more than its promise.
 */
export class OpenConnections {
  #first: OpenConnection | undefined;
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** Lists a connection that is listed nowhere. */
  add(connection: OpenConnection): void {
    connection.openIn = this;
    connection.nextOpen = this.#first;
    if (this.#first !== undefined) this.#first.previousOpen = connection;
    this.#first = connection;
    this.#size++;
  }

  /** Takes a connection out, if it is in. */
  delete(connection: OpenConnection): void {
    if (connection.openIn !== this) return;
    const { previousOpen, nextOpen } = connection;
    if (previousOpen === undefined) this.#first = nextOpen;
    else previousOpen.nextOpen = nextOpen;
    if (nextOpen !== undefined) nextOpen.previousOpen = previousOpen;
    connection.openIn = connection.previousOpen = connection.nextOpen = undefined;
    this.#size--;
  }

  /** Those that are open now: what is taken out in the meantime comes all the same. */
  list(): OpenConnection[] {
    const open: OpenConnection[] = [];
    for (let next = this.#first; next !== undefined; next = next.nextOpen) open.push(next);
    return open;
  }
}
