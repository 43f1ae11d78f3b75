/**
 * What is needed of the Web Locks API. An isolate that ends, however it does, gives its locks back, and
 * the one that has waited longest gets them.
 */
export interface LockManager {
  request(
    name: string,
    options: { readonly signal: AbortSignal },
    callback: () => Promise<void>,
  ): Promise<unknown>;
}

/** Who leads the isolates of a process: one at a time. */
export class LeaderLock {
  readonly #waiting = new AbortController();
  readonly #held: PromiseWithResolvers<void> = Promise.withResolvers<void>();

  /**
   * Waits for the lock.
   *
   * @param onLead Is called when this isolate leads, for as long as it lives or until
   *   {@linkcode release}.
   * @param onError Is called if the runtime does not give it.
   */
  constructor(
    locks: LockManager,
    name: string,
    { onLead, onError }: { onLead: () => void; onError: (error: unknown) => void },
  ) {
    const { signal } = this.#waiting;
    const lead = () => {
      if (!signal.aborted) onLead();
      return this.#held.promise;
    };
    locks.request(name, { signal }, lead).catch((error) => {
      if (!signal.aborted) onError(error);
    });
  }

  /** Gives the lock back, or does not wait for it any longer. */
  release(): void {
    this.#waiting.abort();
    this.#held.resolve();
  }
}

/** The locks of the runtime; `null` where there are none. */
export function findLocks(): LockManager | null {
  // The types of this runtime do not have them yet.
  const { locks } = (globalThis.navigator ?? {}) as { locks?: LockManager };
  return locks ?? null;
}
