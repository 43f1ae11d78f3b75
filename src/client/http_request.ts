/** What a fetch asks for. */
import { checkOptions } from "../checks/option_check.ts";
import { withDefaults } from "../checks/option_defaults.ts";
import { excerpt } from "../http/excerpt.ts";
import { checkFieldValue, isToken } from "../http/fields/field.ts";
import { formatHttpDate } from "../http/fields/http_date.ts";
import { REQUEST_TYPES } from "./option_types.ts";
import { checkRetry, type RetryOptions } from "./attempt/retry.ts";

/**
 * Sends a chunk of a request body; settles when the connection has taken it. It rejects when the fetch
 * is over, or its producer has returned, which is logged.
 *
 * @category HTTP client
 */
export type BodyWriter = (chunk: Uint8Array | string) => Promise<void>;

/**
 * A body: text is sent as UTF-8; a stream can be sent once, so that it ends redirects and retries.
 *
 * @category HTTP client
 */
export type RequestBody =
  | string
  | Uint8Array
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>;

/**
 * What can be said of a request besides its URL. Every duration is in milliseconds.
 *
 * Whatever a callback does, `requestTimeout` and `signal` end the fetch. What it throws or rejects with
 * is what the fetch rejects with. The promise of a `headerCallback`, `uploadProgress` or
 * `downloadProgress` is not waited for, and one that rejects after the end is logged.
 *
 * @category HTTP client
 */
export interface HTTPRequestOptions {
  /** The method; `"GET"` unless given. */
  readonly method?: string;
  /** Header fields. */
  readonly headers?: HeadersInit;
  /**
   * The body. POST, PUT and PATCH must have one, perhaps `""`; the others must not. Without a
   * `Content-Type` that of POST is `application/x-www-form-urlencoded`.
   */
  readonly body?: RequestBody | null;
  /**
   * A value to be sent as JSON, in place of `body`: what `JSON.stringify` takes, when the request is
   * made. The `Content-Type` is `application/json` unless one is given.
   */
  readonly json?: unknown;
  /**
   * Writes the body piece by piece, in place of `body`. It is called anew for every attempt. Browsers
   * send such a body over HTTP/2 only.
   */
  readonly bodyProducer?: (write: BodyWriter) => void | PromiseLike<void>;
  /** The user for HTTP authentication; that of the URL counts where none is given. */
  readonly authUsername?: string;
  /** The password. */
  readonly authPassword?: string;
  /** `"basic"` (RFC 7617) unless given, or `"digest"` (RFC 7616). */
  readonly authMode?: "basic" | "digest";
  /**
   * Time to the first sign of the server: no runtime tells when a connection stands, so what is
   * measured ends with the head of the response, or with the first piece of a streamed body that is
   * taken. 0, the default, leaves it to `requestTimeout`.
   */
  readonly connectTimeout?: number;
  /** Time for one attempt: queue, connecting, redirects and body; 20,000 unless given, 0 for no end. */
  readonly requestTimeout?: number;
  /** Sent as `If-Modified-Since`; a number is milliseconds since the epoch. */
  readonly ifModifiedSince?: Date | number;
  /** Whether to follow redirects; true unless given. */
  readonly followRedirects?: boolean;
  /** How many redirects to follow; 5 unless given. The one after that is an error with its status. */
  readonly maxRedirects?: number;
  /** The `User-Agent` field; the runtime's own unless given. */
  readonly userAgent?: string;
  /**
   * Whether the server may compress, in which case the runtime decodes; true unless given. With
   * false it is asked not to, and what it compresses nevertheless is left as it is.
   */
  readonly decompressResponse?: boolean;
  /** The largest body in bytes, after decoding; the client's `maxBodySize` unless given. */
  readonly maxBodySize?: number;
  /**
   * Gets the body of the final response piece by piece; the next is read when its promise settles.
   * With `retry`, the body of a status that is tried again stays in the response.
   */
  readonly streamingCallback?: (chunk: Uint8Array) => void | PromiseLike<void>;
  /**
   * Gets the head of the final response line by line: a status line, `Name: value` for every field
   * and an empty line, each with its CRLF.
   */
  readonly headerCallback?: (line: string) => void;
  /**
   * Is told how many bytes of the body have been taken, and how many there are (`null` if unknown).
   * The body is then sent in chunked coding.
   */
  readonly uploadProgress?: (sent: number, total: number | null) => void;
  /** Is told how many decoded bytes have come, and how many are due (`null` if unknown). */
  readonly downloadProgress?: (received: number, total: number | null) => void;
  /** The local address to connect from. Deno only. */
  readonly networkInterface?: string;
  /** The host of a proxy. Deno only. */
  readonly proxyHost?: string;
  /** The port of the proxy. */
  readonly proxyPort?: number;
  /** The user at the proxy. */
  readonly proxyUsername?: string;
  /** The password at the proxy. */
  readonly proxyPassword?: string;
  /** How to speak to the proxy; `"http"` unless given. */
  readonly proxyScheme?: "http" | "https" | "socks5" | "socks5h";
  /** Certificate authorities to trust besides the runtime's own, in PEM form. Deno only. */
  readonly caCerts?: readonly string[];
  /** The client's certificate chain in PEM form, with `clientKey`. Deno only. */
  readonly clientCert?: string;
  /** The client's private key in PEM form. */
  readonly clientKey?: string;
  /** The path of a Unix socket to connect to, whatever the URL says. Deno only. */
  readonly unixSocket?: string;
  /** Lets any method through, with a body or without. What `fetch` itself forbids stays so. */
  readonly allowNonstandardMethods?: boolean;
  /** Cancels the fetch, which rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Whether and how to try again; never unless given. A number is that of the tries in all. */
  readonly retry?: number | RetryOptions;
}

const METHODS_WITH_BODY = new Set(["POST", "PUT", "PATCH"]);
const METHODS_WITHOUT_BODY = new Set(["GET", "HEAD", "DELETE", "OPTIONS"]);
/** Methods that `fetch` refuses (WHATWG Fetch §2.2.1). */
const FORBIDDEN_METHODS = new Set(["CONNECT", "TRACE", "TRACK"]);
/** What says nothing has not to be checked either. */
export const NO_OPTIONS: HTTPRequestOptions = {};
const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";

/**
 * A request that can be fetched (`tornado.httpclient.HTTPRequest`), as often as one likes.
 *
 * @example
 * ```ts
 * import { HTTPRequest } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const request = new HTTPRequest("http://localhost/", { method: "POST", body: "a=1" });
 * assertEquals(request.method, "POST");
 * ```
 *
 * @category HTTP client
 */
export class HTTPRequest {
  /** The URL. */
  readonly url: string;
  /** What else was said. */
  readonly options: HTTPRequestOptions;
  readonly #json: string | null;

  /**
   * Makes a request.
   *
   * @param url An absolute URL, `http:` or `https:`.
   * @throws {TypeError} If the method has to have a body and has none, or the other way round, if a
   * header field, the method or `json` cannot be sent, or if an option is unknown or ill-typed. One
   * that is `undefined` is not given.
   * @throws {RangeError} If a number is out of its range.
   */
  constructor(url: string | URL, options: HTTPRequestOptions = NO_OPTIONS) {
    this.url = typeof url === "string" ? url : url.href;
    this.options = options;
    this.#json = options.json === undefined ? null : toJson(options.json);
    if (options === NO_OPTIONS) return;
    checkRequestOptions(options);
    if (options.method !== undefined || hasBody(options)) checkMethod(this.method, options);
  }

  /**
   * The same request with some options changed.
   *
   * @param options What to change. What is `undefined` stays as it is.
   */
  with(options: HTTPRequestOptions): HTTPRequest {
    return new HTTPRequest(this.url, withDefaults(this.options, options));
  }

  /** The method; `"GET"` unless another was given. */
  get method(): string {
    return this.options.method ?? "GET";
  }

  /** The body, unless there is none or a `bodyProducer` writes it. */
  get body(): RequestBody | null {
    return this.options.body ?? this.#json;
  }

  /** The header fields as they were given; each call gives a copy. */
  get headers(): Headers {
    return new Headers(this.options.headers);
  }
}

/**
 * The fields that a request is sent with: those that were given, and those that its options add.
 *
 * @returns `undefined` if there are none: a single field adds a tenth to what a fetch costs.
 */
export function fieldsToSend(request: HTTPRequest): Headers | undefined {
  const { headers, userAgent, decompressResponse, ifModifiedSince, json } = request.options;
  const isPlain = headers === undefined && userAgent === undefined &&
    decompressResponse !== false &&
    ifModifiedSince === undefined && json === undefined && request.method !== "POST";
  if (isPlain) return undefined;
  const fields = request.headers;
  if (userAgent !== undefined) setMissing(fields, "user-agent", userAgent);
  if (json !== undefined) setMissing(fields, "content-type", JSON_TYPE);
  if (request.method === "POST") setMissing(fields, "content-type", FORM);
  if (decompressResponse === false) setMissing(fields, "accept-encoding", "identity");
  if (ifModifiedSince !== undefined) {
    fields.set("if-modified-since", formatHttpDate(ifModifiedSince));
  }
  return fields;
}

function setMissing(fields: Headers, name: string, value: string): void {
  if (!fields.has(name)) fields.set(name, value);
}

function hasBody(options: HTTPRequestOptions): boolean {
  return bodiesOf(options).length > 0;
}

/** The names of the options that give a body. */
function bodiesOf({ body, bodyProducer, json }: HTTPRequestOptions): string[] {
  const bodies = { body: body ?? undefined, json, bodyProducer };
  return Object.entries(bodies).flatMap(([name, value]) => value === undefined ? [] : [name]);
}

/** @throws {TypeError} If it cannot be JSON; the message shows nothing of it. */
function toJson(value: unknown): string {
  let reason = `a ${typeof value} is no JSON`;
  try {
    const json: string | undefined = JSON.stringify(value);
    if (json !== undefined) return json;
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  throw new TypeError(`Cannot send the option "json" of a request: ${reason}`);
}

function checkMethod(method: string, options: HTTPRequestOptions): void {
  if (!isToken(method) || FORBIDDEN_METHODS.has(method.toUpperCase())) {
    throw new TypeError(`Cannot send a request with the method ${excerpt(method)}`);
  }
  const bodies = bodiesOf(options);
  if (bodies.length > 1) {
    throw new TypeError(
      `Cannot send both ${bodies.join(" and ")} with ${method}; give one of them`,
    );
  }
  const given = bodies.length > 0;
  if (given && (method === "GET" || method === "HEAD")) {
    throw new TypeError(`Cannot send a body with ${method}; use another method`);
  }
  if (options.allowNonstandardMethods === true) return;
  if (given ? METHODS_WITH_BODY.has(method) : METHODS_WITHOUT_BODY.has(method)) return;
  const known = METHODS_WITH_BODY.has(method) || METHODS_WITHOUT_BODY.has(method);
  const problem = !known
    ? "the method is not standard"
    : given
    ? "it has a body"
    : "it has no body";
  throw new TypeError(
    `Cannot send ${excerpt(method)}: ${problem}; set allowNonstandardMethods to do so`,
  );
}

/**
 * Checks the options of a request, but for what depends on its method.
 *
 * @throws {TypeError} If one is unknown, ill-typed or cannot be sent.
 * @throws {RangeError} If a number is out of its range.
 */
export function checkRequestOptions(options: HTTPRequestOptions): void {
  checkOptions(options, REQUEST_TYPES, "option of a request");
  const { retry, userAgent, headers } = options;
  if (retry !== undefined) checkRetry(retry);
  if (userAgent !== undefined) checkFieldValue("user-agent", userAgent);
  if (headers === undefined) return;
  for (const [name, value] of new Headers(headers)) checkFieldValue(name, value);
}
