/** Notes the rejections and errors that nobody handles, which would end the process. */
export class Unhandled implements Disposable {
  /** What nobody handled. */
  readonly reasons: unknown[] = [];
  readonly #note = (event: PromiseRejectionEvent | ErrorEvent) => {
    event.preventDefault();
    this.reasons.push(event instanceof ErrorEvent ? event.error : event.reason);
  };

  /** Listens from now on. */
  constructor() {
    globalThis.addEventListener("unhandledrejection", this.#note);
    globalThis.addEventListener("error", this.#note);
  }

  /** Leaves everything as it was. */
  [Symbol.dispose](): void {
    globalThis.removeEventListener("unhandledrejection", this.#note);
    globalThis.removeEventListener("error", this.#note);
  }
}
