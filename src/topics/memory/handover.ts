import { logApplicationError } from "../../log.ts";

/**
 * Hands things over one after the other, at once. What comes while one is being handed over comes after
 * it: a subscriber that publishes as it gets a message must not have the others get both turned round.
 */
export class Handover<T> {
  readonly #take: (item: T) => void;
  readonly #waiting: T[] = [];
  #busy = false;

  /** @param take Gets the things. */
  constructor(take: (item: T) => void) {
    this.#take = take;
  }

  /** Hands a thing over, and whatever comes meanwhile; or leaves that to the call that is under way. */
  push(item: T): void {
    this.#waiting.push(item);
    if (this.#busy) return;
    this.#busy = true;
    // Taking them from the front one by one would cost the square of what came meanwhile.
    for (let at = 0; at < this.#waiting.length; at++) this.#give(this.#waiting[at]);
    this.#waiting.length = 0;
    this.#busy = false;
  }

  #give(item: T | undefined): void {
    try {
      if (item !== undefined) this.#take(item);
    } catch (error) {
      logApplicationError("Exception in what a broker handed over", error);
    }
  }
}
