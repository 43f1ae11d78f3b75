/** The answer to requests that no route matches. */
import { HTTPError } from "./http_error.ts";
import { RequestHandler } from "./request_handler.ts";

/** Answers every request with an error page of one status (`tornado.web.ErrorHandler`). */
export class ErrorHandler extends RequestHandler {
  /** Whatever the method. */
  static override readonly supportedMethods: readonly string[] = ["*"];
  /** Nobody will read the body. */
  static override readonly streamRequestBody = true;

  #error: HTTPError = new HTTPError(404);

  /** @param args The status; 404 unless given. What the log says of it, if anything. */
  override initialize(args: { statusCode?: number; logMessage?: string }): void {
    const { statusCode = 404, logMessage } = args;
    this.#error = new HTTPError(statusCode, logMessage === undefined ? {} : { logMessage });
  }

  /** Throws the error. */
  override prepare(): void {
    throw this.#error;
  }
}
