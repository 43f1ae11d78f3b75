/** The exceptions that end a request. */
import { StreamClosedError as ClosedError } from "../net/iostream/stream_errors.ts";
import { ANYTHING, checkOptions, OBJECT, type OptionType, STRING } from "../checks/option_check.ts";
import { shown } from "../checks/shown.ts";
import { reasonPhrase } from "../http/status_text.ts";

/**
 * What an {@linkcode HTTPError} may carry besides its status.
 *
 * @category Handlers
 */
export interface HTTPErrorOptions {
  /** What the log says of it. Clients never see it. */
  logMessage?: string;
  /** The reason that the error page shows in place of the standard one. */
  reason?: string;
  /** Header fields of the error response, such as `WWW-Authenticate` or `Retry-After`. */
  headers?: Readonly<Record<string, string>>;
  /** What led to it. */
  cause?: unknown;
}

/**
 * An exception that is answered with an error response of its status (`tornado.web.HTTPError`).
 *
 * @example
 * ```ts
 * import { HTTPError, RequestHandler } from "@gustnado/gustnado";
 *
 * class Story extends RequestHandler {
 *   override get(id: string) {
 *     throw new HTTPError(404, { logMessage: `No story ${id}` });
 *   }
 * }
 * ```
 *
 * @category Handlers
 */
export class HTTPError extends Error {
  /** The name of the class. */
  override readonly name: string = "HTTPError";
  /** The status of the response: 400 to 599, or any other from 200 but 205. */
  readonly status: number;
  /** What the log says of it, if anything. */
  readonly logMessage: string | undefined;
  /** The reason that the error page shows, if not the standard one. */
  readonly reason: string | undefined;
  /** Header fields of the error response. */
  readonly headers: Readonly<Record<string, string>>;

  /**
   * Makes the exception, to be thrown.
   *
   * @param status The status of the response; 500 unless given.
   * @throws {RangeError} If the status is not an integer from 200 to 599, or 205.
   * @throws {TypeError} If an option is unknown or ill-typed.
   */
  constructor(status: number = 500, options: HTTPErrorOptions = {}) {
    checkErrorOptions(status, options);
    const { logMessage, reason, headers = {}, cause } = options;
    const summary = `HTTP ${status}: ${reason ?? reasonPhrase(status)}`;
    super(logMessage === undefined ? summary : `${summary} (${logMessage})`, { cause });
    checkStatus(status);
    this.status = status;
    this.logMessage = logMessage;
    this.reason = reason;
    this.headers = headers;
  }
}

/**
 * The types of {@linkcode HTTPErrorOptions}.
 *
 * @internal
 */
export const HTTP_ERROR_OPTIONS: Readonly<Record<keyof HTTPErrorOptions, OptionType>> = {
  logMessage: STRING,
  reason: STRING,
  headers: OBJECT,
  cause: ANYTHING,
};

/** Python's Tornado takes the message as the second argument. */
function checkErrorOptions(status: number, options: unknown): void {
  if (typeof options === "object" && options !== null) {
    return checkOptions(options, HTTP_ERROR_OPTIONS, "option of HTTPError");
  }
  const text = typeof options === "string" ? JSON.stringify(options) : "…";
  throw new TypeError(
    `Cannot use ${typeof options} as the options of an HTTPError: write ` +
      `new HTTPError(${status}, { logMessage: ${text} }), which the log says, or ` +
      "{ reason }, which the error page shows",
  );
}

/**
 * A required argument was not sent: 400 (`tornado.web.MissingArgumentError`).
 *
 * @example
 * ```ts
 * import { Application, MissingArgumentError, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Search extends RequestHandler {
 *   override get() {
 *     this.write(`You look for ${this.getArgument("q")}`);
 *   }
 *
 *   override writeError(_status: number, { error }: { error?: unknown }) {
 *     this.finish(error instanceof MissingArgumentError ? `Say "${error.argName}"` : "Sorry");
 *   }
 * }
 *
 * const app = new Application([["/search", Search]]);
 * const response = await app.fetch(new Request("http://localhost/search"));
 * assertEquals([response.status, await response.text()], [400, 'Say "q"']);
 * ```
 *
 * @category Handlers
 */
export class MissingArgumentError extends HTTPError {
  /** The name of the class. */
  override readonly name: string = "MissingArgumentError";
  /** The name of the argument. */
  readonly argName: string;

  /**
   * Makes the exception.
   *
   * @param argName The name of the argument.
   * @param options `hint` is what the log says of the way out.
   */
  constructor(argName: string, options: { hint?: string | undefined } = {}) {
    const { hint } = options;
    super(400, {
      logMessage: `Missing argument ${argName}${hint === undefined ? "" : `: ${hint}`}`,
    });
    this.argName = argName;
  }
}

/**
 * Ends a request without an error: what was written is sent (`tornado.web.Finish`).
 *
 * Throw it from anywhere in a handler, at any depth.
 *
 * @example
 * ```ts
 * import { Application, Finish, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Stock extends RequestHandler {
 *   override prepare() {
 *     if (this.request.headers.has("If-None-Match")) {
 *       this.setStatus(304);
 *       throw new Finish();
 *     }
 *   }
 *
 *   override get() {
 *     this.write({ hats: 3 });
 *   }
 * }
 *
 * const app = new Application([["/stock", Stock]]);
 * const headers = { "If-None-Match": '"1"' };
 * const response = await app.fetch(new Request("http://localhost/stock", { headers }));
 * assertEquals([response.status, await response.text()], [304, ""]);
 * ```
 *
 * @category Handlers
 */
export class Finish extends Error {
  /** The name of the class. */
  override readonly name = "Finish";
  /** What is written before the response ends, if anything. */
  readonly chunk: unknown;

  /**
   * Makes the exception, to be thrown.
   *
   * @param chunk As the argument of `RequestHandler.finish`.
   */
  constructor(chunk?: unknown) {
    super("Finish");
    this.chunk = chunk;
  }
}

/**
 * The client closed the connection while a response was being streamed to it: what an `IOStream`
 * fails with, too.
 */
export class StreamClosedError extends ClosedError {
  /** Makes the exception; the `cause` is what the runtime said. */
  constructor(options: ErrorOptions = {}) {
    super("Cannot write to the response: the client closed the connection", options.cause);
  }
}

/** Whether a response of this status has no body by definition (RFC 9110 §15.3.5, §15.4.5). */
export function hasNoBody(status: number): boolean {
  return status === 204 || status === 304;
}

/**
 * A 205 has to say that its body is empty (RFC 9110 §15.3.6), which the runtime keeps to itself:
 * clients would wait for a body until they give up.
 */
export const RESET_CONTENT: string =
  "205 is sent without its end, for which clients would wait; use 204";

/**
 * @throws {TypeError} If `status` is no number.
 * @throws {RangeError} If it cannot be the status of a final response.
 */
export function checkStatus(status: number): void {
  if (Number.isInteger(status) && status >= 200 && status <= 599 && status !== 205) return;
  const isNumber = typeof status === "number";
  const reason = !isNumber
    ? "expected a number from 200 to 599"
    : status === 205
    ? RESET_CONTENT
    : "it must be an integer from 200 to 599";
  const Kind = isNumber ? RangeError : TypeError;
  throw new Kind(`Cannot use ${shown(status)} as the status of a response: ${reason}`);
}
