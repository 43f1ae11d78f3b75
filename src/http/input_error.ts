/**
 * Statuses that a request can be refused with before an application sees it.
 *
 * @category Requests and responses
 */
export type HTTPInputStatus = 400 | 408 | 413 | 415;

/** Options of {@linkcode HTTPInputError}. */
export interface HTTPInputErrorOptions extends ErrorOptions {
  /** The status to answer with. Default 400. */
  readonly status?: HTTPInputStatus;
}

/**
 * A request that cannot be read: malformed (400), too slow (408), too large (413) or in a coding
 * that is not understood (415). Tornado's `httputil.HTTPInputError`.
 *
 * The message names what was wrong and is safe to log: whatever it quotes of the request is short
 * and printable.
 *
 * @example
 * ```ts
 * import { HTTPInputError } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * // The status for what went wrong with a request.
 * function statusOf(error: unknown): number {
 *   return error instanceof HTTPInputError ? error.status : 500;
 * }
 *
 * const tooLarge = new HTTPInputError("The body is larger than 1 MiB", { status: 413 });
 * assertEquals([statusOf(tooLarge), statusOf(new TypeError())], [413, 500]);
 * ```
 *
 * @category Requests and responses
 */
export class HTTPInputError extends Error {
  /** The class name, for logs. */
  override readonly name = "HTTPInputError";

  /** The status to answer with. */
  readonly status: HTTPInputStatus;

  /**
   * Makes an error that becomes a response.
   *
   * @param message What was wrong. It must be safe to log.
   * @param options The status, and the error that led to this one.
   */
  constructor(message: string, options: HTTPInputErrorOptions = {}) {
    super(message, options);
    this.status = options.status ?? 400;
  }
}
