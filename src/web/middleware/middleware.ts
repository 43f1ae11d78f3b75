/** Functions around every request. */
import { excerpt } from "../../http/excerpt.ts";
import { dropUnsafeFields } from "../../http/fields/field.ts";
import type { ConnectionInfo, Platform } from "../../platform/platform.ts";
import { isPromiseLike } from "../../concurrent/coroutine/promise_like.ts";
import { generalLog, logApplicationError } from "../../log.ts";
import { checkForeignResponse, checkIsResponse, noUpgrade } from "../response/foreign_response.ts";
import { HTTPError, type HTTPErrorOptions } from "../http_error.ts";
import type { RequestContext } from "./request_context.ts";
import type { OpenWork } from "../../server/open_work.ts";
import type { OpenWorkList } from "../../server/server_context.ts";

/**
 * Continues with the next middleware, and in the end with the application.
 *
 * It never throws and its promise never rejects: what fails further in is logged and answered with
 * 500, an `HTTPError` with its own status, so that header fields can be set on that as well. They can
 * be set on every response that it gives, that of a WebSocket included.
 *
 * @category Middleware
 */
export type Next = (request?: Request) => Response | Promise<Response>;

/**
 * Stands around every request, WebSocket upgrades included: it may look at the request, pass on
 * another one, answer itself, or change the response.
 *
 * The third argument knows the client as the server believes it, reads single headers cheaply, answers
 * with an error page of the application, and goes down to handlers; see {@linkcode RequestContext}.
 *
 * What it throws is a 500, an `HTTPError` the error page of its status.
 *
 * A WebSocket can only be taken over from the request that came in: pass that one on.
 *
 * @example
 * ```ts
 * import { Application, type Middleware, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const poweredBy: Middleware = async (_request, next) => {
 *   const response = await next();
 *   response.headers.set("X-Powered-By", "wind");
 *   return response;
 * };
 *
 * class Main extends RequestHandler {
 *   override get() {
 *     this.write("ok");
 *   }
 * }
 *
 * const app = new Application([["/", Main]], { middleware: [poweredBy] });
 * const response = await app.fetch(new Request("http://localhost/"));
 * assertEquals(response.headers.get("X-Powered-By"), "wind");
 * ```
 *
 * @category Middleware
 */
export type Middleware = (
  request: Request,
  next: Next,
  context: RequestContext,
) => Response | PromiseLike<Response>;

/** What a request goes through: all of an application, or what is left of it. */
export type Dispatch = (
  request: Request,
  info: ConnectionInfo | undefined,
) => Response | Promise<Response>;

/** Puts middleware around `inner`, the first one outermost. */
export function compose(
  middleware: readonly Middleware[],
  inner: Dispatch,
): (request: Request, context: RequestContext) => Response | Promise<Response> {
  const core: Continuation = (request, context) => mapResponse(inner(request, context), changeable);
  return middleware.reduceRight<Continuation>((rest, layer, index) => {
    const outer = middleware[index - 1];
    const check = ownMiddleware.has(layer) || (outer !== undefined && !ownMiddleware.has(outer))
      ? usable
      : usableAndSafe;
    return (request, context) => {
      const next: Next = (replaced = request) => rest(replaced, context);
      return guard(() => layer(request, next, context), check, (error) => {
        if (error instanceof HTTPError) return context.answer(error.status, optionsOf(error));
        // Those of the library have no name of their own.
        const isNamed = layer.name !== "" && !ownMiddleware.has(layer);
        const name = isNamed ? layer.name : `number ${index + 1}`;
        return internalError(
          `Uncaught exception in middleware ${name}: ${describe(request, context)}`,
          error,
        );
      });
    };
  }, core);
}

/** The query may hold a secret. */
function describe({ method, url }: Request, { requestId }: RequestContext): string {
  const path = excerpt(URL.parse(url)?.pathname ?? "");
  return `${method} ${path}${requestId === null ? "" : ` ${requestId}`}`;
}

/** The middleware that the library has made itself. */
const ownMiddleware = new WeakSet<Middleware>();

/**
 * Marks a middleware that sets no header field but such as cannot harm the runtime: looking through
 * all fields of a response costs more than setting them. The others are looked through where they
 * end, by those that are further out.
 */
export function setsSafeFields(middleware: Middleware): Middleware {
  ownMiddleware.add(middleware);
  return middleware;
}

/** What is left of the way to the handler. It never fails. */
type Continuation = (request: Request, context: RequestContext) => Response | Promise<Response>;

/**
 * Changes a response, at once if it is there.
 *
 * @param change What it is passed to.
 */
export function mapResponse(
  response: Response | Promise<Response>,
  change: (response: Response) => Response,
): Response | Promise<Response> {
  return response instanceof Promise ? response.then(change) : change(response);
}

/** A middleware that fails is answered all the same, which those around it get to see. */
function guard(
  run: () => Response | PromiseLike<Response>,
  check: (response: Response) => Response,
  fail: (error: unknown) => Response | Promise<Response>,
): Response | Promise<Response> {
  try {
    const response = run();
    // Not only promises are awaited: so are those of other libraries.
    return isPromiseLike(response)
      ? Promise.resolve(response).then(check).catch(fail)
      : check(response);
  } catch (error) {
    return fail(error);
  }
}

function optionsOf({ headers, logMessage, reason }: HTTPError): HTTPErrorOptions {
  return {
    headers,
    ...(logMessage === undefined ? {} : { logMessage }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** The last resort: an exception that no handler could answer. */
export function internalError(message: string, error: unknown): Response {
  logApplicationError(message, error);
  return new Response("Internal Server Error", { status: 500 });
}

/** The answer while an application starts, and when it ends. */
export function unavailable(): Response {
  return new Response("Service Unavailable", { status: 503 });
}

/**
 * The response of a request that may have become a WebSocket: if a middleware put another one in place
 * of its 101, the runtime would stop the whole server for it; and a 101 of no upgrade has no end.
 */
export function checkUpgrade(
  raw: Request,
  response: Response,
  { kept, platform }: { kept: Response | undefined; platform: Platform },
): Response {
  if (kept === undefined) {
    if (response.status !== 101 || platform.isUpgrade(raw, response)) return response;
    return internalError("Cannot answer for a middleware", noUpgrade());
  }
  if (kept === response) return response;
  generalLog()?.error(
    "Cannot replace the response of a WebSocket: a middleware has to return the one it got",
  );
  dropUnsafeFields(kept.headers);
  return kept;
}

/** A middleware may have answered with anything. */
function usable(response: Response): Response {
  checkIsResponse(response, wayOut(response));
  return changeable(response);
}

/** It may have put anything into the fields, too. */
function usableAndSafe(response: Response): Response {
  checkForeignResponse(response, wayOut(response));
  return changeable(response);
}

/** What to say where there is no response. */
function wayOut(response: unknown): string {
  return typeof response === "function"
    ? "; what makes a middleware has to be called"
    : "; a middleware returns what next() gives, or an answer of its own";
}

/**
 * A response whose header fields can be set, which those of `Response.redirect()` and `fetch()`
 * cannot.
 */
function changeable(response: Response): Response {
  try {
    response.headers.delete(ABSENT);
    return response;
  } catch {
    return new Response(response.body, response);
  }
}

/** A field that no response has: taking it away tells whether fields can be changed. */
const ABSENT = "x-gustnado-absent";

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
      this.#resolve(unavailable());
    }, 0);
  }
}
