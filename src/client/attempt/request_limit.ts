/** How many requests a client has under way. */

/** The limits of a client. */
export interface RequestLimits {
  /** Requests under way in all. */
  readonly maxClients: number;
  /** Requests under way to one host and port. */
  readonly maxClientsPerHost: number;
}

/**
 * Lets a number of requests through, in the order in which they came.
 *
 * A request waits for its host first and for the client then, so that a host that is slow does not
 * hold up the requests to others.
 */
export class RequestLimit {
  readonly #all: Gate;
  readonly #perHost: number;
  readonly #hosts = new Map<string, Gate>();

  /** Makes a limit under which nothing is under way. */
  constructor({ maxClients, maxClientsPerHost }: RequestLimits) {
    this.#all = new Gate(maxClients);
    this.#perHost = maxClientsPerHost;
  }

  /** Whether the host of a request matters. */
  get limitsHosts(): boolean {
    return this.#perHost !== Infinity;
  }

  /** How many requests wait. */
  get waiting(): number {
    let waiting = this.#all.waiting;
    for (const gate of this.#hosts.values()) waiting += gate.waiting;
    return waiting;
  }

  /** Takes a place if one is free now. */
  tryEnter(host: string): boolean {
    if (!this.limitsHosts) return this.#all.tryEnter();
    const gate = this.#gate(host);
    if (!gate.tryEnter()) return false;
    if (this.#all.tryEnter()) return true;
    this.#leaveHost(host);
    return false;
  }

  /** Waits for a place. Rejects with the reason of the signal; then there is nothing to leave. */
  async enter(host: string, signal: AbortSignal): Promise<void> {
    if (!this.limitsHosts) return await this.#all.enter(signal);
    await this.#gate(host).enter(signal);
    try {
      await this.#all.enter(signal);
    } catch (error) {
      this.#leaveHost(host);
      throw error;
    }
  }

  /** Gives the place back. */
  leave(host: string): void {
    this.#all.leave();
    if (this.limitsHosts) this.#leaveHost(host);
  }

  #gate(host: string): Gate {
    let gate = this.#hosts.get(host);
    if (gate === undefined) this.#hosts.set(host, gate = new Gate(this.#perHost));
    return gate;
  }

  #leaveHost(host: string): void {
    const gate = this.#hosts.get(host);
    gate?.leave();
    if (gate?.isIdle) this.#hosts.delete(host);
  }
}

/** A semaphore whose queue is served first come, first served; giving up is O(1). */
class Gate {
  readonly #places: number;
  readonly #queue = new Set<() => void>();
  #free: number;

  constructor(places: number) {
    this.#places = places;
    this.#free = places;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  get isIdle(): boolean {
    return this.#free === this.#places;
  }

  tryEnter(): boolean {
    if (this.#free === 0) return false;
    this.#free--;
    return true;
  }

  enter(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.tryEnter()) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = () => {
      this.#queue.delete(admit);
      reject(signal.reason);
    };
    const admit = () => {
      signal.removeEventListener("abort", giveUp);
      resolve();
    };
    this.#queue.add(admit);
    signal.addEventListener("abort", giveUp, { once: true });
    return promise;
  }

  /** A place that is given back goes to who waits, never to who comes. */
  leave(): void {
    const [admit] = this.#queue;
    if (admit === undefined) {
      this.#free++;
      return;
    }
    this.#queue.delete(admit);
    admit();
  }
}
