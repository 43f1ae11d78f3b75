/** What a fetch fails with. */
import { STATUS_TEXT } from "@std/http/status";
import type { HTTPResponse } from "./http_response.ts";

/** The code of a fetch that got no response, as in Tornado. */
const NO_RESPONSE = 599;

/**
 * Options of {@linkcode HTTPClientError}.
 *
 * @category HTTP client
 */
export interface HTTPClientErrorOptions {
  /** What is said after `HTTP 404: `; the standard reason of the code unless given. */
  readonly message?: string;
  /** The response, if there is one. */
  readonly response?: HTTPResponse;
  /** What led to it. */
  readonly cause?: unknown;
}

/**
 * A fetch that failed (`tornado.httpclient.HTTPClientError`): the server's answer was not a success,
 * or there was none, and it is an {@linkcode HTTPNoResponseError} with the code 599, mostly one of the
 * kinds {@linkcode HTTPTimeoutError}, {@linkcode HTTPConnectError}, {@linkcode HTTPStreamClosedError},
 * {@linkcode HTTPProtocolError} and {@linkcode HTTPBodySizeError}.
 *
 * @example
 * ```ts
 * import { HTTPClientError } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new HTTPClientError(404).message, "HTTP 404: Not Found");
 * ```
 *
 * @category HTTP client
 */
export class HTTPClientError extends Error {
  /** The name of the class. */
  override readonly name: string = "HTTPClientError";
  /** The status of the response; 599 where there is none. */
  readonly code: number;
  /** The response; `undefined` where there is none. A redirect too many has one. */
  readonly response: HTTPResponse | undefined;

  /**
   * Makes the exception.
   *
   * @param code The status of the response, or 599.
   */
  constructor(code: number, options: HTTPClientErrorOptions = {}) {
    const message = options.message ?? options.response?.reason ?? STATUS_TEXT[code] ?? "Unknown";
    super(`HTTP ${code}: ${message}`, "cause" in options ? { cause: options.cause } : {});
    this.code = code;
    this.response = options.response;
  }
}

/**
 * There is no response: code 599. Most have a kind of their own.
 *
 * @category HTTP client
 */
export class HTTPNoResponseError extends HTTPClientError {
  /** The name of the class. */
  override readonly name: string = "HTTPNoResponseError";

  /**
   * Makes the exception.
   *
   * @param message What failed.
   * @param options The `cause`.
   */
  constructor(message: string, options: ErrorOptions = {}) {
    super(NO_RESPONSE, { message, ...options });
  }
}

/**
 * `requestTimeout` or `connectTimeout` has passed (`tornado.simple_httpclient.HTTPTimeoutError`).
 *
 * @category HTTP client
 */
export class HTTPTimeoutError extends HTTPNoResponseError {
  /** The name of the class. */
  override readonly name = "HTTPTimeoutError";
}

/**
 * The server was not reached: its name does not resolve, it refuses, its certificate is wrong. It has
 * seen nothing of the request.
 *
 * @category HTTP client
 */
export class HTTPConnectError extends HTTPNoResponseError {
  /** The name of the class. */
  override readonly name = "HTTPConnectError";
}

/**
 * The server closed the connection before the response was complete
 * (`tornado.simple_httpclient.HTTPStreamClosedError`).
 *
 * @category HTTP client
 */
export class HTTPStreamClosedError extends HTTPNoResponseError {
  /** The name of the class. */
  override readonly name = "HTTPStreamClosedError";
}

/**
 * What the server sent is not HTTP, breaks its rules, or does not decode.
 *
 * @category HTTP client
 */
export class HTTPProtocolError extends HTTPNoResponseError {
  /** The name of the class. */
  override readonly name = "HTTPProtocolError";
}

/**
 * The body of the response is larger than `maxBodySize`.
 *
 * @category HTTP client
 */
export class HTTPBodySizeError extends HTTPNoResponseError {
  /** The name of the class. */
  override readonly name = "HTTPBodySizeError";
}
