/** What a fetch gives. */
import { BOOLEAN, checkOptions } from "../checks/option_check.ts";
import { parseContentType } from "../http/fields/content_type.ts";
import { HTTPClientError, HTTPProtocolError } from "./client_error.ts";
import type { HTTPRequest } from "./http_request.ts";

/**
 * Where the time of a fetch went, in milliseconds.
 *
 * @category HTTP client
 */
export interface TimeInfo {
  /** Waiting for a place among `maxClients` and `maxClientsPerHost`. */
  readonly queue: number;
  /** From then to the head of the final response: connecting and redirects are in it. */
  readonly firstByte: number;
  /** From the call of `fetch` to the end of the body, without earlier attempts. */
  readonly total: number;
}

const TEXT_TYPES = { lossy: BOOLEAN };

/**
 * What a response is made from.
 *
 * @category HTTP client
 */
export interface HTTPResponseParts {
  /** The request as it was made. */
  readonly request: HTTPRequest;
  /** The status. */
  readonly code: number;
  /** Its reason. */
  readonly reason: string;
  /** The header fields. */
  readonly headers: Headers;
  /** The body. */
  readonly body: Uint8Array;
  /** The URL that answered. */
  readonly effectiveUrl: string;
  /** Milliseconds since the epoch. */
  readonly startTime: number;
  /** Where the time went. */
  readonly timeInfo: TimeInfo;
}

/**
 * A response with its body (`tornado.httpclient.HTTPResponse`).
 *
 * @example
 * ```ts
 * import { AsyncHTTPClient, type HTTPResponse } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * using client = new AsyncHTTPClient({
 *   fetch: () => Promise.resolve(Response.json({ city: "Paris" })),
 * });
 * const response: HTTPResponse = await client.fetch("http://localhost/weather");
 * assertEquals([response.code, response.reason], [200, "OK"]);
 * assertEquals(response.headers.get("content-type"), "application/json");
 * assertEquals(response.json(), { city: "Paris" });
 * ```
 *
 * @category HTTP client
 */
export class HTTPResponse {
  /** The request as it was made, also after redirects. */
  readonly request: HTTPRequest;
  /** The status. */
  readonly code: number;
  /** The standard reason of the status; HTTP/2 sends none, and the runtime keeps none. */
  readonly reason: string;
  /**
   * The header fields. Of a body that was decoded, `Content-Encoding` is found as
   * `X-Consumed-Content-Encoding`, and `Content-Length` is gone.
   */
  readonly headers: Headers;
  /** The body; empty where a `streamingCallback` has got it. */
  readonly body: Uint8Array;
  /** The URL that answered, after redirects, without fragment and credentials. */
  readonly effectiveUrl: string;
  /** When the request began, in milliseconds since the epoch. */
  readonly startTime: number;
  /** Where the time went. */
  readonly timeInfo: TimeInfo;
  #error: HTTPClientError | null | undefined;

  /**
   * Made by `AsyncHTTPClient`; tests may make their own.
   *
   * @param parts All its fields.
   */
  constructor(parts: HTTPResponseParts) {
    this.request = parts.request;
    this.code = parts.code;
    this.reason = parts.reason;
    this.headers = parts.headers;
    this.body = parts.body;
    this.effectiveUrl = parts.effectiveUrl;
    this.startTime = parts.startTime;
    this.timeInfo = parts.timeInfo;
  }

  /** What `rethrow()` throws; `null` for a status of 200 to 299. */
  get error(): HTTPClientError | null {
    if (this.#error === undefined) {
      const isSuccess = this.code >= 200 && this.code < 300;
      this.#error = isSuccess ? null : new HTTPClientError(this.code, { response: this });
    }
    return this.#error;
  }

  /** Milliseconds from leaving the queue to the end of the body. */
  get requestTime(): number {
    return this.timeInfo.total - this.timeInfo.queue;
  }

  /** Throws `error`, if there is one. */
  rethrow(): void {
    if (this.error !== null) throw this.error;
  }

  /**
   * The body as text, in the charset of `Content-Type`, UTF-8 unless it names one.
   *
   * @param options `lossy` puts U+FFFD in the place of bytes that do not decode, where it is true.
   * @throws {HTTPProtocolError} If the body does not decode, or the charset is unknown.
   * @throws {TypeError} If an option is unknown or ill-typed.
   */
  text(options: { readonly lossy?: boolean } = {}): string {
    checkOptions(options, TEXT_TYPES, "option of text()");
    const contentType = this.headers.get("content-type");
    const charset = contentType === null
      ? undefined
      : parseContentType(contentType).parameters.charset;
    try {
      return new TextDecoder(charset, { fatal: options.lossy !== true }).decode(this.body);
    } catch (cause) {
      const message = `Cannot decode the body as ${charset ?? "utf-8"}; text({ lossy: true }) can`;
      throw new HTTPProtocolError(message, { cause });
    }
  }

  /**
   * The body, read as JSON.
   *
   * @throws {SyntaxError} If it is none.
   * @throws {HTTPProtocolError} If it is not even text.
   */
  json(): unknown {
    return JSON.parse(this.text());
  }
}
