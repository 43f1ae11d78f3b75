/** The answer to requests that no route matches. */
import { HTTPError, type HTTPErrorOptions } from "./http_error.ts";
import { RequestHandler } from "./request_handler.ts";

/** Answers every request with an error page of one status (`tornado.web.ErrorHandler`). */
export class ErrorHandler extends RequestHandler {
  /** Whatever the method. */
  static override readonly supportedMethods: readonly string[] = ["*"];
  /** Nobody will read the body. */
  static override readonly streamRequestBody = true;

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
