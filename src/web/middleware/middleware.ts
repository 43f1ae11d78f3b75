/** Functions around every request. */
import type { ConnectionInfo } from "../../platform/platform.ts";
import { isPromiseLike } from "../../concurrent/coroutine/promise_like.ts";
import { logApplicationError } from "../../log.ts";
import { checkForeignResponse, checkIsResponse } from "../response/foreign_response.ts";
import { HTTPError, type HTTPErrorOptions } from "../http_error.ts";
import type { RequestContext } from "./request_context.ts";

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
        const name = context.requestId === null ? "" : ` ${context.requestId}`;
        return internalError(`Uncaught exception in middleware: ${request.method}${name}`, error);
      });
    };
  }, core);
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

/** A middleware may have answered with anything. */
function usable(response: Response): Response {
  checkIsResponse(response, RETURN_NEXT);
  return changeable(response);
}

/** It may have put anything into the fields, too. */
function usableAndSafe(response: Response): Response {
  checkForeignResponse(response, RETURN_NEXT);
  return changeable(response);
}

const RETURN_NEXT = "; a middleware returns what next() gives, or an answer of its own";

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
