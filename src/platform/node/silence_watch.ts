/** Finds peers that are gone without a word: all sockets with one timer. */

/** A socket that is looked after. */
export interface Watched {
  /** Bytes that have come so far. */
  readonly bytesRead: number;
  /** What had come at the last look. */
  heard: number;
  /** For how many looks nothing has. */
  silent: number;
  ping(): void;
  /** It is to be given up. */
  lose(): void;
}

/** Looks after which a silent peer is pinged, and as many again after which it is dropped. */
const HALF = 4;

/** The sockets whose peers may be silent for the same time. */
export class SilenceWatch {
  readonly #period: number;
  readonly #watched = new Set<Watched>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param idleTimeout Milliseconds. */
  constructor(idleTimeout: number) {
    this.#period = idleTimeout / (2 * HALF);
  }

  /** Looks after a socket. */
  add(socket: Watched): void {
    socket.heard = socket.bytesRead;
    this.#watched.add(socket);
    this.#timer ??= setInterval(() => this.#look(), this.#period);
  }

  /** Looks after it no more. */
  delete(socket: Watched): void {
    this.#watched.delete(socket);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** How many are looked after. */
  get size(): number {
    return this.#watched.size;
  }

  #look(): void {
    for (const socket of this.#watched) {
      const { bytesRead } = socket;
      if (bytesRead !== socket.heard) {
        socket.heard = bytesRead;
        socket.silent = 0;
      } else if (++socket.silent === HALF) socket.ping();
      else if (socket.silent >= 2 * HALF) socket.lose();
    }
  }
}

const watches = new Map<number, SilenceWatch>();
const MAX_WATCHES = 64;

/** The watch for a time. One that is forgotten goes on as long as it has sockets. */
export function silenceWatch(idleTimeout: number): SilenceWatch {
  let watch = watches.get(idleTimeout);
  if (watch === undefined) {
    if (watches.size >= MAX_WATCHES) forgetIdle();
    watches.set(idleTimeout, watch = new SilenceWatch(idleTimeout));
  }
  return watch;
}

function forgetIdle(): void {
  for (const [idleTimeout, { size }] of watches) if (size === 0) watches.delete(idleTimeout);
}
