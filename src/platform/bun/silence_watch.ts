/**
 * The look-out for peers that are silent: Bun has one idle time for all the WebSockets of a server, and
 * here each class of handlers has its own.
 */

/** A WebSocket, as it is looked after. */
export interface Watched {
  /** Looks since something has come. */
  silence: number;
  /** Sends a ping. */
  ping(data: string): void;
  /** Drops the connection. */
  terminate(): void;
}

/** Looks within the time. Silence is known to one of them, and never taken for longer than it is. */
const LOOKS = 8;
const PING_AT = LOOKS / 2 + 1;
const DROP_AT = LOOKS + 1;
/** Milliseconds that a timer can tell. */
const SHORTEST = 2;

const watches = new Map<number, SilenceWatch>();

/** The watch for all connections that have the same time. */
export function silenceWatch(idleTimeout: number): SilenceWatch {
  let watch = watches.get(idleTimeout);
  if (watch === undefined) watches.set(idleTimeout, watch = new SilenceWatch(idleTimeout));
  return watch;
}

/**
 * Pings who is silent for half of the time, and drops who is when it is over; a look late at most. One
 * timer is enough for all.
 */
export class SilenceWatch {
  readonly #sockets = new Set<Watched>();
  readonly #idleTimeout: number;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param idleTimeout Milliseconds. */
  constructor(idleTimeout: number) {
    this.#idleTimeout = idleTimeout;
  }

  /** Looks after a connection, until it is taken out. */
  add(socket: Watched): void {
    this.#sockets.add(socket);
    const period = Math.max(SHORTEST, this.#idleTimeout / LOOKS);
    this.#timer ??= setInterval(() => this.#look(), period);
  }

  /** Looks after a connection no longer. */
  delete(socket: Watched): void {
    this.#sockets.delete(socket);
    if (this.#sockets.size > 0) return;
    clearInterval(this.#timer);
    watches.delete(this.#idleTimeout);
  }

  #look(): void {
    for (const socket of this.#sockets) {
      socket.silence++;
      if (socket.silence === PING_AT) socket.ping("");
      else if (socket.silence >= DROP_AT) socket.terminate();
    }
  }
}
