import { excerpt } from "./excerpt.ts";

/**
 * Statuses that a request can be refused with before an application sees it.
 *
 * @category Requests and responses
 */
export type HTTPInputStatus = 400 | 408 | 413 | 415;

/**
 * Options of {@linkcode HTTPInputError}.
 *
 * @category Requests and responses
 */
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

let lenient: TextDecoder | undefined;
let strict: TextDecoder | undefined;

/**
 * Decodes bytes as strict UTF-8. A byte order mark is a character like any other.
 *
 * @param bytes The bytes.
 * @param what What they are, for the message: `argument "name"`.
 * @throws {HTTPInputError} (400) If they are not UTF-8. The message quotes at most 40 of them.
 */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  // The lenient decoder is three times as fast, and what it cannot read leaves a mark.
  const text = (lenient ??= new TextDecoder("utf-8", { ignoreBOM: true })).decode(bytes);
  if (!text.includes("\ufffd")) return text;
  try {
    return (strict ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })).decode(bytes);
  } catch (cause) {
    throw new HTTPInputError(`Invalid unicode in ${what}: ${excerpt(bytes)}`, { cause });
  }
}

/**
 * Arrays and objects that may stand in each other in what a client sends. A megabyte of `[` is read in a
 * second, and written again in several: what is in the process waits all that time.
 */
export const MOST_NESTED = 1_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const [ARRAY, ARRAY_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Whether text that may be JSON is nested deeper than {@linkcode MOST_NESTED}. */
export function isNestedTooDeep(json: string): boolean {
  if (json.length <= MOST_NESTED) return false;
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfString(json, at);
    else if (code === ARRAY || code === OBJECT) depth++;
    else if (code === ARRAY_END || code === OBJECT_END) depth--;
    if (depth > MOST_NESTED) return true;
  }
  return false;
}

/** Where the string ends that begins here; the end of the text, if it does not. */
function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
  }
  return json.length;
}
