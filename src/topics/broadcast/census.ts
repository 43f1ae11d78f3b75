import { within } from "../../concurrent/coroutine/promise_like.ts";

/** Milliseconds that the answers have at least: what the last leader did may be on its way. */
const LEAST = 50;
/** And at most: one that is busy, or ended with the last leader, does not answer. */
const MOST = 500;

/** One that keeps something, after so many operations. */
export interface Candidate {
  readonly from: string;
  readonly applied: number;
}

/** Who of the others has carried out the most operations. */
export class Census {
  readonly #answers = new Map<string, Candidate>();
  #voters: readonly string[] = [];
  readonly #ended: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  #complete: PromiseWithResolvers<void> = Promise.withResolvers<void>();

  /** Takes an answer. Returns whether it was one. */
  take(from: string, { applied }: Record<string, unknown>): boolean {
    if (typeof applied !== "number" || Number.isNaN(applied)) return false;
    if (!this.#voters.includes(from)) return true;
    this.#answers.set(from, { from, applied });
    if (this.#answers.size >= this.#voters.length) this.#complete.resolve();
    return true;
  }

  /**
   * Waits for the answers.
   *
   * @param voters Whose.
   * @returns The one that has the most; `null` if nobody has anything.
   */
  async count(voters: readonly string[]): Promise<Candidate | null> {
    this.#voters = voters;
    this.#answers.clear();
    this.#complete = Promise.withResolvers<void>();
    await within(this.#ended.promise, LEAST);
    if (voters.length > 0) await within(this.#complete.promise, MOST - LEAST);
    const [best] = [...this.#answers.values()].sort((one, other) => other.applied - one.applied);
    return best === undefined || best.applied < 0 ? null : best;
  }

  /** Ends a wait. */
  end(): void {
    this.#ended.resolve();
    this.#complete.resolve();
  }
}
