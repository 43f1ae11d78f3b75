/** Whether the client of a request waits for its response. */

/** The signal of a request, made when somebody asks for it, or when the client has left. */
export class ClientSignal {
  readonly #raw: Request;
  readonly #isAnswered: () => boolean;
  #controller: AbortController | undefined;
  #onLeave: (() => void) | undefined;

  /** @param isAnswered Whether the response is complete: what the runtime says then is no news. */
  constructor(raw: Request, isAnswered: () => boolean) {
    this.#raw = raw;
    this.#isAnswered = isAnswered;
  }

  /** See `HTTPServerRequest.signal`. From now on the runtime looks out for the client. */
  get signal(): AbortSignal {
    return (this.#controller ??= this.#watch()).signal;
  }

  #watch(): AbortController {
    const controller = this.#newController();
    const { signal } = this.#raw;
    if (signal.aborted) controller.abort(signal.reason);
    signal.addEventListener("abort", () => {
      if (!this.#isAnswered()) controller.abort(signal.reason);
    }, { once: true });
    return controller;
  }

  #newController(): AbortController {
    const controller = new AbortController();
    if (this.#onLeave !== undefined) listenOnce(controller, this.#onLeave);
    return controller;
  }

  /** The client is gone, or has been given up. */
  abort(reason: unknown): void {
    (this.#controller ??= this.#newController()).abort(reason);
  }

  /**
   * Is called when the signal is aborted, ahead of those who come later; it does not make the runtime
   * look out for the client.
   */
  onLeave(callback: () => void): void {
    if (this.#controller === undefined) this.#onLeave = callback;
    else listenOnce(this.#controller, callback);
  }

  /** Whether the client is known to be gone. */
  get aborted(): boolean {
    return this.#controller?.signal.aborted ?? false;
  }

  /** Whether an error is what the signal was aborted with. */
  isReason(error: unknown): boolean {
    const signal = this.#controller?.signal;
    return signal !== undefined && signal.aborted && signal.reason === error;
  }
}

function listenOnce({ signal }: AbortController, callback: () => void): void {
  signal.addEventListener("abort", callback, { once: true });
}
