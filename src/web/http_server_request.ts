/** The request as a handler sees it. */
import { type BodyLimits, decodeBody, limitedStream, readBody } from "../http/body.ts";
import { forwardedClient, forwardedProtocol } from "../http/client_address.ts";
import { parseContentType } from "../http/content_type.ts";
import { parseCookies } from "../http/cookie.ts";
import { excerpt } from "../http/excerpt.ts";
import { type Fields, parseUrlEncoded } from "../http/form.ts";
import { isValidHost, splitHostAndPort } from "../http/host.ts";
import { HTTPInputError } from "../http/input_error.ts";
import { type HTTPFile, type MultipartLimits, parseMultipart } from "../http/multipart.ts";
import { decodeUtf8 } from "../http/utf8.ts";
import type { ConnectionInfo } from "../platform/platform.ts";
import type { ServerContext } from "../http/server_context.ts";

/** Turns the bytes of an argument into text; see `RequestHandler.decodeArgument`. */
export type ArgumentDecoder = (value: Uint8Array, name: string | undefined) => string;

/** What is worked out when it is first asked for. Most requests are never asked for most of it. */
interface Worked {
  maxBodySize?: number;
  body?: Uint8Array;
  stream?: ReadableStream<Uint8Array>;
  cookies?: Record<string, string>;
  queryArguments?: Fields;
  form?: { fields: Fields; files: Record<string, HTTPFile[]> };
  arguments?: Fields;
  remoteIp?: string;
  disconnected?: AbortController;
  limits?: MultipartLimits & { maxArguments?: number };
  decode?: ArgumentDecoder | undefined;
}

const NO_BYTES: Uint8Array = new Uint8Array(0);

/**
 * One HTTP request (`tornado.httputil.HTTPServerRequest`).
 *
 * Everything beyond the path is worked out when it is first asked for, and kept. Addresses and
 * headers that nobody looked at before a handler was done cannot be read later; read them once
 * before, if a timer or a task that outlives the handler needs them.
 */
export class HTTPServerRequest {
  /** The web `Request` beneath. */
  readonly raw: Request;
  /** The method, as sent: methods are case-sensitive (RFC 9110 §9.1). */
  readonly method: string;
  /** The path, raw: neither decoded nor normalised, from the first `/` up to `?`. */
  readonly path: string;
  /** The query, raw, without its `?`. */
  readonly query: string;
  /** Why the request must not be served; `null` if it is well-formed. */
  readonly problem: string | null;
  /**
   * The body is given in chunks, not read beforehand.
   *
   * @internal
   */
  streamed = false;

  readonly #info: ConnectionInfo | undefined;
  readonly #context: ServerContext;
  #startedAt: number | undefined;
  #host: string | null;
  /** What was worked out, once something was. */
  #worked: Worked | undefined;

  /**
   * Requests are made by the application.
   *
   * @internal
   * @param raw The web `Request`.
   * @param info What the runtime knows of the connection.
   * @param context The server it came in on.
   * @param timed Read the clock: somebody will ask for the request time.
   */
  constructor(
    raw: Request,
    info: ConnectionInfo | undefined,
    context: ServerContext,
    timed = false,
  ) {
    this.raw = raw;
    this.#info = info;
    this.#context = context;
    this.#startedAt = timed ? performance.now() : undefined;
    const url = raw.url;
    this.method = raw.method;
    const host = context.platform.requestHeader(raw, "host");
    this.#host = host;
    const authority = url.indexOf("://") + 3;
    let problem: string | null = null;
    let start: number;
    if (host !== null && (host === context.validHost || acceptHost(context, host))) {
      // The text of Host stands in the URL as the client sent it, so only a valid Host tells where
      // the path begins. A target in the absolute form has an authority of its own.
      start = authority + host.length;
      if (!url.startsWith(host, authority) || url.charCodeAt(start) !== SLASH) {
        start = endOfAuthority(url, authority);
      }
    } else {
      if (host !== null) problem = `Malformed Host header ${excerpt(host)}`;
      start = endOfAuthority(url, authority);
    }
    let end = url.indexOf("#", start);
    if (end === -1) end = url.length;
    const mark = url.indexOf("?", start);
    if (mark !== -1 && mark < end) {
      this.query = url.slice(mark + 1, end);
      end = mark;
    } else {
      this.query = "";
    }
    this.path = url.charCodeAt(start) === SLASH ? url.slice(start, end) : "/";
    if (problem === null && this.method !== "GET" && this.method !== "HEAD") {
      problem = transferProblem(this);
    }
    this.problem = problem;
  }

  get #lazy(): Worked {
    return this.#worked ??= {};
  }

  /**
   * The server that the request came in on.
   *
   * @internal
   */
  get context(): ServerContext {
    return this.#context;
  }

  /** The path and the query, raw. */
  get uri(): string {
    return this.query === "" ? this.path : `${this.path}?${this.query}`;
  }

  /** The header fields. Touching them costs more than {@linkcode header}, which reads one. */
  get headers(): Headers {
    return this.raw.headers;
  }

  /**
   * Reads one header field.
   *
   * @param name Its name, in lower case.
   * @returns Its value, several joined with `", "`; `null` if it was not sent.
   */
  header(name: string): string | null {
    return this.#context.platform.requestHeader(this.raw, name);
  }

  /**
   * The host that was asked for, with its port: the `Host` header, or the authority of the URL where
   * there is none, as over HTTP/2.
   */
  get host(): string {
    return this.#host ??= new URL(this.raw.url).host;
  }

  /** The host without its port, in lower case. */
  get hostName(): string {
    return splitHostAndPort(this.host).name;
  }

  /** The scheme: `"http"` or `"https"`, as a trusted proxy says where `xheaders` is on. */
  get protocol(): string {
    const { xheaders, protocol } = this.#context;
    if (protocol !== undefined) return protocol;
    const forwarded = xheaders
      ? forwardedProtocol(this.header("x-scheme"), this.header("x-forwarded-proto"))
      : null;
    return forwarded ?? (this.raw.url.startsWith("https:") ? "https" : "http");
  }

  /**
   * The client's address, as a trusted proxy says where `xheaders` is on. `"0.0.0.0"` for a Unix
   * socket and for a `Request` made in the process.
   */
  get remoteIp(): string {
    return this.#lazy.remoteIp ??= this.#findRemoteIp();
  }

  #findRemoteIp(): string {
    if (this.#context.xheaders) {
      const forwardedFor = this.header("x-forwarded-for");
      const realIp = this.header("x-real-ip");
      const client = forwardedClient({ forwardedFor, realIp }, this.#context.trusted);
      if (client !== null) return client;
    }
    return this.#info?.remoteAddr?.hostname ?? "0.0.0.0";
  }

  /** The whole URL: scheme, host, path and query. */
  fullUrl(): string {
    return `${this.protocol}://${this.host}${this.uri}`;
  }

  /**
   * Milliseconds since the request arrived.
   *
   * The clock is read at arrival where somebody will want it: if access is logged, if the handler's
   * class has an `onFinish`, or once this was called. So the very first call may give 0.
   */
  requestTime(): number {
    if (this.#startedAt === undefined) {
      this.#context.timed = true;
      this.#startedAt = performance.now();
    }
    return performance.now() - this.#startedAt;
  }

  /** The cookies (RFC 6265 §4.2), the last one of a name. */
  get cookies(): Readonly<Record<string, string>> {
    return this.#lazy.cookies ??= parseCookies(this.header("cookie") ?? "");
  }

  /** The arguments of the query, every value of a name in order. */
  get queryArguments(): Readonly<Fields> {
    return this.#lazy.queryArguments ??= this.#parseFields(this.query);
  }

  /**
   * The arguments of a form: `application/x-www-form-urlencoded` or `multipart/form-data`. Empty for
   * any other body.
   *
   * @throws {HTTPInputError} If the form is malformed.
   */
  get bodyArguments(): Readonly<Fields> {
    return (this.#lazy.form ??= this.#parseForm()).fields;
  }

  /**
   * The files of a `multipart/form-data` form, by field.
   *
   * @throws {HTTPInputError} If the form is malformed.
   */
  get files(): Readonly<Record<string, HTTPFile[]>> {
    return (this.#lazy.form ??= this.#parseForm()).files;
  }

  /** The arguments of the query, followed by those of the body. */
  get arguments(): Readonly<Fields> {
    return this.#lazy.arguments ??= merge(this.queryArguments, this.bodyArguments);
  }

  /**
   * The body. Empty where there is none.
   *
   * @throws {Error} In a handler that streams the body: it is not held anywhere.
   */
  get body(): Uint8Array {
    if (this.#lazy.body !== undefined) return this.#lazy.body;
    if (this.streamed) {
      throw new Error(
        "Cannot read request.body: the handler has streamRequestBody; use request.stream",
      );
    }
    return NO_BYTES;
  }

  /** The body as text (UTF-8; what is not is replaced). */
  text(): string {
    return new TextDecoder().decode(this.body);
  }

  /**
   * The body as JSON.
   *
   * @throws {HTTPInputError} If it is not JSON in UTF-8, which is answered with 400.
   */
  json(): unknown {
    try {
      const text = decodeUtf8(this.body, "the JSON body");
      // A byte order mark may be ignored (RFC 8259 §8.1).
      return JSON.parse(text.startsWith("\ufeff") ? text.slice(1) : text);
    } catch (cause) {
      throw new HTTPInputError("Malformed JSON body", { cause });
    }
  }

  /**
   * The body as it arrives, for handlers with `streamRequestBody`; of any other, the body that was
   * read. It can be read once.
   *
   * The limits of the server apply: it fails with an {@linkcode HTTPInputError} that is answered with
   * 413, 408 or 400.
   */
  get stream(): ReadableStream<Uint8Array> {
    return this.#lazy.stream ??= this.#openStream();
  }

  #openStream(): ReadableStream<Uint8Array> {
    if (this.#lazy.body !== undefined || this.raw.body === null) {
      return streamOf(this.#lazy.body ?? NO_BYTES);
    }
    this.#checkDeclaredLength();
    return this.#read(this.raw.body, limitedStream);
  }

  /** Bytes that the body may have. */
  get maxBodySize(): number {
    return this.#lazy.maxBodySize ?? this.#context.maxBodySize;
  }

  /**
   * Sets how large the body may be, for this request only: in `initialize`, or in `prepare` of a
   * handler that streams the body.
   *
   * @param bytes The limit.
   * @throws {RangeError} If it is not a number from 0.
   */
  setMaxBodySize(bytes: number): void {
    if (!(bytes >= 0)) {
      throw new RangeError(`Cannot set the largest body to ${bytes} bytes: it must be at least 0`);
    }
    this.#lazy.maxBodySize = bytes;
  }

  /**
   * Is aborted when the client leaves before the response is complete. It is not aborted by a
   * response that was sent.
   */
  get signal(): AbortSignal {
    return (this.#lazy.disconnected ??= this.#watchConnection()).signal;
  }

  #watchConnection(): AbortController {
    const controller = new AbortController();
    const { signal } = this.raw;
    if (signal.aborted) controller.abort(signal.reason);
    signal.addEventListener("abort", () => {
      if (!this.answered) controller.abort(signal.reason);
    }, { once: true });
    return controller;
  }

  /**
   * The client is gone, or has been given up.
   *
   * @internal
   */
  disconnect(reason: unknown): void {
    (this.#lazy.disconnected ??= new AbortController()).abort(reason);
  }

  /**
   * The response is complete, or the connection became a WebSocket.
   *
   * @internal
   */
  answered = false;

  /** What the runtime knows of the connection. */
  get connection(): ConnectionInfo {
    return this.#info ?? {};
  }

  /** Settles when the response has left, where the runtime tells. */
  get completed(): Promise<void> | undefined {
    return this.#info?.completed;
  }

  /**
   * Reads the body before the handler runs.
   *
   * @internal
   * @returns A promise where the body is still on its way.
   */
  readBody(): Promise<void> | undefined {
    if (this.#lazy.body !== undefined) return undefined;
    const { raw } = this;
    const encoded = this.#context.decompressRequest && this.header("content-encoding") !== null;
    const held = encoded ? null : this.#context.platform.bufferedBody(raw);
    if (held !== null) {
      if (held.length > this.maxBodySize) throw tooLarge(this.maxBodySize);
      this.#lazy.body = held;
      return undefined;
    }
    this.#checkDeclaredLength();
    if (raw.body === null) return undefined;
    return this.#read(raw.body, readBody).then((body) => {
      this.#lazy.body = body;
    });
  }

  #read<T>(
    body: ReadableStream<Uint8Array>,
    read: (body: ReadableStream<Uint8Array>, limits: BodyLimits) => T,
  ): T {
    const encoding = this.#context.decompressRequest ? this.header("content-encoding") : null;
    const limits = { maxSize: this.maxBodySize, timeout: this.#context.bodyTimeout };
    return encoding === null
      // While a body is on its way, the runtime's own signal says nothing of a client that leaves.
      ? read(body, { ...limits, onBroken: (cause) => this.disconnect(cause) })
      : read(decodeBody(body, encoding), limits);
  }

  #checkDeclaredLength(): void {
    const declared = Number(this.header("content-length") ?? 0);
    if (declared > this.maxBodySize) throw tooLarge(this.maxBodySize);
  }

  /**
   * How the form of this request is read: its limits, and the decoder of its text.
   *
   * @internal
   */
  setParsing(
    limits: MultipartLimits & { maxArguments?: number },
    decode: ArgumentDecoder | undefined,
  ): void {
    this.#lazy.limits = limits;
    this.#lazy.decode = decode;
  }

  /**
   * Reads what could not be read once the response has left.
   *
   * @internal
   */
  capture(): void {
    void this.raw.headers;
    void this.remoteIp;
  }

  #parseFields(source: string | Uint8Array): Fields {
    const { limits, decode } = this.#lazy;
    return parseUrlEncoded(source, { maxFields: limits?.maxArguments, decode });
  }

  #parseForm(): { fields: Fields; files: Record<string, HTTPFile[]> } {
    const header = this.streamed ? null : this.header("content-type");
    const none = { fields: Object.create(null), files: Object.create(null) };
    if (header === null) return none;
    const { type } = parseContentType(header);
    const urlEncoded = type === "application/x-www-form-urlencoded";
    if (!urlEncoded && type !== "multipart/form-data") return none;
    const encoding = this.header("content-encoding");
    if (encoding !== null && !this.#context.decompressRequest) {
      throw new HTTPInputError(`Unsupported Content-Encoding: ${JSON.stringify(encoding)}`);
    }
    return urlEncoded
      ? { fields: this.#parseFields(this.body), files: none.files }
      : parseMultipart(header, this.body, { ...this.#lazy.limits, decode: this.#lazy.decode });
  }

  /** The request line and the client, for logs: never a header, never the body. */
  toString(): string {
    return `${this.method} ${this.uri} (${this.remoteIp})`;
  }

  /** As {@linkcode toString}: a request that is serialised does not give its headers away. */
  toJSON(): string {
    return this.toString();
  }

  static {
    // What consoles and loggers show in place of the fields, behind which the headers are.
    for (const inspect of ["Deno.customInspect", "nodejs.util.inspect.custom"]) {
      Object.defineProperty(this.prototype, Symbol.for(inspect), {
        value: this.prototype.toString,
      });
    }
  }
}

const SLASH = 0x2f;

function endOfAuthority(url: string, start: number): number {
  const length = url.slice(start).search(/[/?#]/);
  return length === -1 ? url.length : start + length;
}

function acceptHost(context: ServerContext, host: string): boolean {
  if (!isValidHost(host)) return false;
  context.validHost = host;
  return true;
}

/** A body may only come plain or chunked: anything else is read differently by proxies. */
function transferProblem(request: HTTPServerRequest): string | null {
  const coding = request.header("transfer-encoding");
  if (coding === null || coding.toLowerCase() === "chunked") return null;
  return `Unsupported Transfer-Encoding ${excerpt(coding)}`;
}

function tooLarge(limit: number): HTTPInputError {
  return new HTTPInputError(`Request body is larger than ${limit} bytes`, { status: 413 });
}

function merge(first: Readonly<Fields>, second: Readonly<Fields>): Fields {
  const merged: Fields = Object.assign(Object.create(null), first);
  for (const name in second) merged[name] = [...merged[name] ?? [], ...second[name] ?? []];
  return merged;
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}
