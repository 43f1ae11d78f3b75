/** The answer to requests that no route matches. */
import type { HandlerClass } from "./handler_traits.ts";
import type { OptionType } from "../checks/option_check.ts";
import { checkRouteArgs, type RouteToCheck } from "./routing/route_check.ts";
import { HTTP_ERROR_OPTIONS, HTTPError, type HTTPErrorOptions } from "./http_error.ts";
import { RequestHandler } from "./request_handler.ts";

/**
 * Answers every request with an error page of one status (`tornado.web.ErrorHandler`).
 *
 * @example
 * ```ts
 * import { Application, ErrorHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const app = new Application([
 *   ["/old-shop/*", ErrorHandler, { statusCode: 410, reason: "The shop has closed" }],
 * ]);
 * const response = await app.fetch(new Request("http://localhost/old-shop/hats"));
 * assertEquals(response.status, 410);
 * ```
 *
 * @category Handlers
 */
export class ErrorHandler extends RequestHandler {
  /** Whatever the method. */
  static override readonly supportedMethods: readonly string[] = ["*"];
  /** Nobody will read the body. */
  static override readonly streamRequestBody = true;

  /**
   * Checks a route to the class, or to one that derives from it.
   */
  private static checkRouteTo(target: HandlerClass, route: RouteToCheck): void {
    checkRouteArgs(target, ErrorHandler, { route, types: ROUTE_ARGS });
  }

  #error: HTTPError = new HTTPError(404);

  /**
   * Takes the error from the route.
   *
   * @param args `statusCode` is the status, 404 unless given; `headers` are fields of the response,
   *   and `logMessage` is what the log says of it.
   */
  override initialize(args: { statusCode?: number } & HTTPErrorOptions): void {
    const { statusCode = 404, ...options } = args;
    this.#error = new HTTPError(statusCode, options);
  }

  /** Answers with the error, whether or not a token came along. */
  override checkXsrfCookie(): void {}

  /** Throws the error. */
  override prepare(): void {
    throw this.#error;
  }
}

const STATUS: OptionType = {
  name: "an integer from 200 to 599",
  test: (value) => Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599,
};

const ROUTE_ARGS = { statusCode: STATUS, ...HTTP_ERROR_OPTIONS };
