/** How long a request may take to be answered. */
import { DeadlineList } from "../../concurrent/waiting/deadline_list.ts";
import { excerpt } from "../../http/excerpt.ts";
import { generalLog } from "../../log.ts";
import { type Middleware, setsSafeFields } from "./middleware.ts";
import type { RequestContext } from "./request_context.ts";

/**
 * Answers 503 (RFC 9110 §15.6.4) when a response has not begun after a while, with a warning in the
 * log. 504 would blame a server behind this one.
 *
 * What works on the request learns of it: a handler's `request.signal` is aborted and its
 * `onConnectionClose` runs, so that it can stop; what it does later goes nowhere and breaks nothing. A
 * fetch function cannot be told, and works on in vain.
 *
 * Only the wait for the beginning is limited: a response that streams, an event stream and a
 * WebSocket may then take as long as they like. A request that is answered at once sets no timer.
 *
 * @param ms Milliseconds until then, above 0.
 * @throws {TypeError | RangeError} If that is not a number of milliseconds above 0.
 *
 * @example
 * ```ts
 * import { Application, gen, RequestHandler, timeout } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Slow extends RequestHandler {
 *   override async get() {
 *     const { signal } = this.request;
 *     await gen.sleep(60_000, { signal });
 *   }
 * }
 *
 * const app = new Application([["/", Slow]], { middleware: [timeout(20)] });
 * assertEquals((await app.fetch(new Request("http://localhost/"))).status, 503);
 * ```
 *
 * @category Middleware
 */
export function timeout(ms: number): Middleware {
  if (typeof ms !== "number") {
    throw new TypeError(`Cannot use ${typeof ms} as a timeout: expected milliseconds`);
  }
  if (!(ms > 0)) {
    throw new RangeError(`Cannot use a timeout of ${ms} milliseconds: it must be above 0`);
  }
  const waiting = new DeadlineList<Answer>((answer) => answer.giveUp(ms));
  return setsSafeFields((request, next, context) => {
    const response = next();
    if (!(response instanceof Promise)) return response;
    return new Promise((resolve) => {
      const answer = new Answer(request, context, resolve);
      const deadline = waiting.add(ms, answer);
      response.then((response) => {
        waiting.remove(deadline);
        answer.settle(response);
      });
    });
  });
}

/** The answer to one request: the one of the application, or, when it takes too long, ours. */
class Answer {
  readonly #request: Request;
  readonly #context: RequestContext;
  readonly #resolve: (response: Response) => void;
  #settled = false;
  #lastTurn: ReturnType<typeof setTimeout> | undefined;

  constructor(
    request: Request,
    context: RequestContext,
    resolve: (response: Response) => void,
  ) {
    this.#request = request;
    this.#context = context;
    this.#resolve = resolve;
  }

  /** The application has answered. */
  settle(response: Response): void {
    clearTimeout(this.#lastTurn);
    if (this.#settled) {
      // Nobody will read it, and whoever writes it must not wait for that.
      response.body?.cancel().catch(() => {});
      return;
    }
    this.#settled = true;
    this.#resolve(response);
  }

  /** The time is up. */
  giveUp(ms: number): void {
    const { method, url } = this.#request;
    const { requestId } = this.#context;
    // The query may hold a secret.
    const path = excerpt(URL.parse(url)?.pathname ?? "");
    const name = requestId === null ? "" : ` ${requestId}`;
    generalLog()?.warn("Gave up {request} after {ms} ms without a response", {
      request: `${method} ${path}${name}`,
      ms,
    });
    // A handler answers with its error page now. Whatever else there is to wait for gets one turn of
    // the loop to pass it on.
    this.#context.abandon();
    this.#lastTurn = setTimeout(() => this.#answerPlainly(), 0);
  }

  #answerPlainly(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#resolve(new Response("Service Unavailable", { status: 503 }));
  }
}
