/** What a {@linkcode Release} gives back. */
export interface Releasable {
  /** Gives one hold back. */
  release(): void;
}

/** Gives back, once, what `acquire` obtained: the resource of a `using` declaration. */
export class Release implements Disposable {
  #held: Releasable | undefined;

  /** Stands for one hold of a lock or semaphore. */
  constructor(held: Releasable) {
    this.#held = held;
  }

  /** Releases the hold; does nothing the second time. */
  [Symbol.dispose](): void {
    const held = this.#held;
    this.#held = undefined;
    held?.release();
  }
}
