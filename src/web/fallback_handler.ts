/** The door to other frameworks. */
import type { HandlerClass } from "./handler_traits.ts";
import { isPromiseLike } from "../concurrent/coroutine/promise_like.ts";
import { checkForeignResponse } from "./response/foreign_response.ts";
import { FUNCTION } from "../checks/option_check.ts";
import { checkRouteArgs, type RouteToCheck } from "./routing/route_check.ts";
import { RequestHandler } from "./request_handler.ts";
import type { FetchFunction } from "./routing/routing.ts";

/**
 * Passes a request on to a fetch function, such as a Hono application's
 * (`tornado.web.FallbackHandler`).
 *
 * A fetch function as the target of a route is the same. What it answers is checked before it is
 * sent; what it throws is logged and answered with 500.
 *
 * @example
 * ```ts
 * import { Application, FallbackHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const fallback = () => new Response("from elsewhere");
 * const app = new Application([["/other/*", FallbackHandler, { fallback }]]);
 * const response = await app.fetch(new Request("http://localhost/other/page"));
 * assertEquals(await response.text(), "from elsewhere");
 * ```
 *
 * @category Handlers
 */
export class FallbackHandler extends RequestHandler {
  /** Whatever the method, the function answers. */
  static override readonly supportedMethods: readonly string[] = ["*"];
  /** The body is left to the function. */
  static override readonly streamRequestBody = true;

  /**
   * Checks a route to the class, or to one that derives from it.
   */
  private static checkRouteTo(target: HandlerClass, route: RouteToCheck): void {
    checkRouteArgs(target, FallbackHandler, { route, types: ROUTE_ARGS, required: "fallback" });
  }

  #fallback: FetchFunction | undefined;

  /**
   * Takes the function from the route.
   *
   * @param args `fallback` is the function.
   */
  override initialize(args: { fallback: FetchFunction }): void {
    this.#fallback = args.fallback;
  }

  /** Calls the function, and answers with its response. */
  override prepare(): Response | PromiseLike<Response> {
    const response: unknown = this.#fallback?.(this.request.raw, this.request.connection);
    return isPromiseLike(response) ? Promise.resolve(response).then(checked) : checked(response);
  }
}

const ROUTE_ARGS = { fallback: FUNCTION };

function checked(response: unknown): Response {
  checkForeignResponse(response, "; a function in a route takes the Request and returns one");
  return response;
}
