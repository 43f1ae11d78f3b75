import type { OpenWork, OpenWorkList } from "../../server/open_work.ts";

/**
 * The answer of middleware that has not come yet. If it never does, a server that stops answers with
 * 503 when the time for goodbyes is over, and so can end.
 */
export class PendingAnswer implements OpenWork {
  openIn: OpenWorkList | undefined;
  previousOpen: OpenWork | undefined;
  nextOpen: OpenWork | undefined;
  /** What the client gets. */
  readonly response: Promise<Response>;
  readonly #resolve: (response: Response) => void;
  #cut = false;

  /**
   * Waits for an answer.
   *
   * @param answer What middleware gave.
   * @param open What the server waits for.
   */
  constructor(answer: Promise<Response>, open: OpenWorkList) {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    this.response = promise;
    this.#resolve = resolve;
    open.add(this);
    answer.then((response) => this.#settle(response), (error) => {
      this.openIn?.delete(this);
      reject(error);
    });
  }

  #settle(response: Response): void {
    this.openIn?.delete(this);
    if (this.#cut) response.body?.cancel().catch(() => {});
    else this.#resolve(response);
  }

  /** Whoever makes the answer is told by itself. */
  goAway(): void {}

  /** A handler that is cut as well has a turn of the loop for its own answer. */
  cut(): void {
    setTimeout(() => {
      if (this.openIn === undefined) return;
      this.openIn.delete(this);
      this.#cut = true;
      this.#resolve(new Response("Service Unavailable", { status: 503 }));
    }, 0);
  }
}
