/** Waiting until a peer has read what it was sent. */

/** A connection with more unsent bytes than its high-water mark. */
export interface Backlogged {
  /** Bytes that may be unsent. */
  readonly highWaterMark: number;
  /** Milliseconds without any leaving after which the peer is dead; 0 for never. */
  readonly stallTimeout: number;
  /** Asks how many bytes have not left yet. */
  measureUnsent(): number;
  /** The peer is dead. */
  cut(): void;
}

/** The wait for one connection. */
export class Backlog {
  /** Settles when the bytes have left, and rejects if the connection is closed before. */
  readonly promise: Promise<void>;
  /** Ends the wait. */
  readonly resolve: () => void;
  /** Ends the wait because the connection is closed. */
  readonly reject: (reason: unknown) => void;
  /** How much was unsent when it last changed. */
  unsent: number = Infinity;
  /** When it last changed. */
  changedAt = 0;

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // A handler need not await its writes: a peer that leaves must not end the process.
    promise.catch(() => {});
    this.promise = promise;
    this.resolve = resolve;
    this.reject = reject;
  }
}

/** Milliseconds between two looks: the first, and the longest. */
const SHORTEST = 1;
const LONGEST = 64;

/**
 * Looks after all connections that have a backlog, with one timer: the runtime tells how much is
 * unsent, but not when it has left. The looks become rarer while nobody gets through.
 *
 * Dead peers are found here as well: the runtime pings no peer that does not read.
 */
export class BacklogWatch {
  readonly #waiting = new Map<Backlogged, Backlog>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #delay = SHORTEST;

  /** Waits until the connection has no more unsent bytes than its mark. */
  wait(connection: Backlogged): Promise<void> {
    let backlog = this.#waiting.get(connection);
    if (backlog === undefined) {
      this.#waiting.set(connection, backlog = new Backlog());
      this.#schedule(SHORTEST);
    }
    return backlog.promise;
  }

  /** The connection is closed. */
  abandon(connection: Backlogged, reason: () => unknown): void {
    const backlog = this.#waiting.get(connection);
    if (backlog === undefined) return;
    this.#waiting.delete(connection);
    backlog.reject(reason());
    if (this.#waiting.size === 0) clearTimeout(this.#timer);
  }

  #schedule(delay: number): void {
    this.#delay = delay;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), delay);
  }

  #look(): void {
    const now = performance.now();
    const before = this.#waiting.size;
    for (const [connection, backlog] of this.#waiting) this.#examine(connection, backlog, now);
    if (this.#waiting.size === 0) return;
    const progress = this.#waiting.size < before;
    this.#schedule(progress ? SHORTEST : Math.min(this.#delay * 2, LONGEST));
  }

  #examine(connection: Backlogged, backlog: Backlog, now: number): void {
    const { highWaterMark, stallTimeout } = connection;
    const unsent = connection.measureUnsent();
    if (unsent <= highWaterMark) {
      this.#waiting.delete(connection);
      backlog.resolve();
    } else if (unsent !== backlog.unsent) {
      backlog.unsent = unsent;
      backlog.changedAt = now;
    } else if (stallTimeout > 0 && now - backlog.changedAt >= stallTimeout) {
      connection.cut();
    }
  }
}
