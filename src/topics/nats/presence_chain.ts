/** The changes of a presence that is followed, each told the one before it. */

/**
 * A stream tells with a change the one before it of the same record, not of the topic. On one connection
 * nothing is left out, so that the one that came before is the one before it.
 */
export class PresenceChain {
  #handed: number | null = null;
  #listed = 0;

  /**
   * Takes a change.
   *
   * @returns The offset of the change before it; `null` if the change cannot be from this stream.
   */
  next(sequence: number): number | null {
    const handed = this.#handed;
    if (handed !== null && sequence <= handed) return null;
    this.#handed = sequence;
    return handed ?? (this.#listed < sequence ? this.#listed : 0);
  }

  /**
   * Takes the last change of a list.
   *
   * @returns The last change of the topic: one that took a record away may not be in the list any more.
   */
  list(sequence: number): number {
    this.#listed = sequence;
    return Math.max(sequence, this.#handed ?? 0);
  }

  /** Forgets everything: changes may have been missed. */
  reset(): void {
    this.#handed = null;
    this.#listed = 0;
  }
}
