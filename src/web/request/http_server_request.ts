/** The request as a handler sees it. */
import { parseCookies } from "../../http/fields/cookie.ts";
import type { FieldDecoder, Fields, FieldSource } from "../../http/body/form.ts";
import { splitHostAndPort } from "../../http/target/host.ts";
import { packedHeader, unpackHeaders } from "../../http/fields/packed_headers.ts";
import { HTTPInputError } from "../../http/input_error.ts";
import type { HTTPFile } from "../../http/body/multipart.ts";
import { protocolOf, remoteIpOf, type RequestSource } from "../../server/client_address.ts";
import type { ConnectionInfo } from "../../platform/platform.ts";
import type { ServerContext } from "../../server/server_context.ts";
import type { ArgumentSource } from "./arguments.ts";
import { contextOf, type RequestContext } from "../middleware/request_context.ts";
import { type FormLimits, RequestBody } from "./request_body.ts";
import { acceptHost, malformedHost, startAfterOrigin, startOfPath } from "./request_target.ts";

/**
 * One HTTP request (`tornado.httputil.HTTPServerRequest`).
 *
 * Everything beyond the path is worked out when it is first asked for, and kept. Addresses and
 * headers that nobody looked at before a handler was done cannot be read later; read them once
 * before, if a timer or a task that outlives the handler needs them.
 */
export class HTTPServerRequest {
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
  /**
   * The response depends on the visitor's cookies: it says so to caches (RFC 9110 §12.5.5).
   *
   * @internal
   */
  cookiesRead = false;

  readonly #raw: Request;
  readonly #info: ConnectionInfo | undefined;
  readonly #context: ServerContext;
  #startedAt: number | undefined;
  /** The `Host` header; `undefined` if it was not looked at yet. */
  #host: string | null | undefined;
  #body: RequestBody | undefined;
  #cookies: Record<string, string> | undefined;
  #queryFields: FieldSource | undefined;
  #arguments: Fields | undefined;
  #remoteIp: string | undefined;
  #disconnected: AbortController | undefined;
  #onLeave: (() => void) | undefined;
  /** The header fields of a request that may outlive its response: thousands of sockets may wait. */
  #packed: string | null = null;

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
    this.#raw = raw;
    this.#info = info;
    this.#context = context;
    this.#startedAt = timed ? performance.now() : undefined;
    const url = raw.url;
    this.method = ownCopy(raw.method);
    let problem: string | null = null;
    let start = startAfterOrigin(url, context.validOrigin);
    if (start === -1 || url.indexOf("/", start + 1) !== -1) {
      const host = this.#host = this.#readHost();
      if (host !== null && !acceptHost(context, host)) problem = malformedHost(host);
      const known = start !== -1 && host !== null && problem === null &&
        context.validOrigin !== null;
      if (!known) start = startOfPath(url, problem === null ? host : null, context);
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
    this.problem = problem;
  }

  /**
   * The web `Request` beneath. Of what was not read of it before the response left, the runtime knows
   * nothing any more; {@linkcode headers} does.
   */
  get raw(): Request {
    if (this.#packed === null) this.#captureUpgrade();
    return this.#raw;
  }

  /** Who makes a WebSocket of it ends the request, and it is logged after that. */
  #captureUpgrade(): void {
    try {
      if (this.header("upgrade") !== null) this.capture();
    } catch {
      // The response has left: there is nothing to capture.
    }
  }

  get #content(): RequestBody {
    return this.#body ??= new RequestBody(this, this.#raw);
  }

  /**
   * Whether a body is still on its way.
   *
   * @internal
   */
  get receiving(): boolean {
    if (this.method === "GET" || this.method === "HEAD") return false;
    return !(this.#body?.arrived ?? this.#raw.body === null);
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

  /**
   * The header fields. Touching them costs more than {@linkcode header}, which reads one. Once the
   * response has left they are a copy, made anew each time.
   */
  get headers(): Headers {
    return this.#packed === null ? this.#raw.headers : unpackHeaders(this.#packed);
  }

  /**
   * Reads one header field.
   *
   * @param name Its name, in lower case.
   * @returns Its value, several joined with `", "`; `null` if it was not sent.
   */
  header(name: string): string | null {
    if (this.#packed !== null) return packedHeader(this.#packed, name);
    return this.#context.platform.requestHeader(this.#raw, name);
  }

  /**
   * The host that was asked for, with its port: the `Host` header, or the authority of the URL where
   * there is none, as over HTTP/2.
   *
   * @throws {HTTPInputError} If the header is malformed, which is answered with 400.
   */
  get host(): string {
    if (this.#host === undefined) this.#host = this.#readHost();
    if (this.#host === null) return new URL(this.#raw.url).host;
    if (!acceptHost(this.#context, this.#host)) {
      throw new HTTPInputError(malformedHost(this.#host));
    }
    return this.#host;
  }

  /** The runtime takes an empty header for none: so do we, or the two would see different URLs. */
  #readHost(): string | null {
    return this.header("host") || null;
  }

  /** The host without its port, in lower case. */
  get hostName(): string {
    return splitHostAndPort(this.host).name;
  }

  /**
   * The version of HTTP (`tornado.httputil.HTTPServerRequest.version`): `"HTTP/2.0"` for a request
   * that came over a connection without a `Host` field, which HTTP/2 has no use for, else
   * `"HTTP/1.1"`. The runtime tells no more, so HTTP/1.0 counts as HTTP/1.1, and a request of
   * HTTP/1.x that leaves `Host` out counts as HTTP/2. Behind a proxy it is the proxy's.
   */
  get version(): "HTTP/1.1" | "HTTP/2.0" {
    const overHttp2 = this.connection.remoteAddr !== undefined && this.header("host") === null;
    return overHttp2 ? "HTTP/2.0" : "HTTP/1.1";
  }

  /** The scheme: `"http"` or `"https"`, as a trusted proxy says where `xheaders` is on. */
  get protocol(): string {
    return protocolOf(this.#source);
  }

  /**
   * The client's address, as a trusted proxy says where `xheaders` is on. `"0.0.0.0"` for a Unix
   * socket and for a `Request` made in the process.
   */
  get remoteIp(): string {
    return this.#remoteIp ??= remoteIpOf(this.#source);
  }

  get #source(): RequestSource {
    return {
      url: this.#raw.url,
      header: (name) => this.header(name),
      connection: this.connection,
      server: this.#context,
    };
  }

  /**
   * What the middleware around the request knows of it; `null` where there is none.
   *
   * @internal
   */
  get surroundings(): RequestContext | null {
    return contextOf(this.#info);
  }

  /** The name of the request in logs; `null` unless a middleware such as `requestId` gave it one. */
  get requestId(): string | null {
    return this.surroundings?.requestId ?? null;
  }

  /** The user that a middleware such as `basicAuth` has found out; `null` if none has. */
  get user(): unknown {
    return this.surroundings?.user ?? null;
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
    return this.#cookies ??= parseCookies(this.header("cookie") ?? "");
  }

  /** The arguments of the query, every value of a name in order. */
  get queryArguments(): Readonly<Fields> {
    return this.#query.all;
  }

  get #query(): FieldSource {
    return this.#queryFields ??= this.#content.parseFields(this.query);
  }

  /**
   * The arguments of a form: `application/x-www-form-urlencoded` or `multipart/form-data`. Empty for
   * any other body.
   *
   * @throws {HTTPInputError} If the form is malformed.
   */
  get bodyArguments(): Readonly<Fields> {
    return this.#content.form.fields.all;
  }

  /**
   * The files of a `multipart/form-data` form, by field.
   *
   * @throws {HTTPInputError} If the form is malformed.
   */
  get files(): Readonly<Record<string, HTTPFile[]>> {
    return this.#content.form.files;
  }

  /** The arguments of the query, followed by those of the body. */
  get arguments(): Readonly<Fields> {
    return this.#arguments ??= merge(this.queryArguments, this.bodyArguments);
  }

  /**
   * The values of one argument. What else was sent is not decoded, and so need not be text.
   *
   * @internal
   * @throws {HTTPInputError} If one is not text, or the form is malformed.
   */
  valuesOf(name: string, source: ArgumentSource): readonly string[] {
    if (source === "query") return this.#query.get(name);
    if (source === "body") return this.#content.form.fields.get(name);
    if (this.#arguments !== undefined) return this.#arguments[name] ?? [];
    const query = this.#query.find(name);
    const body = this.#content.form.fields.find(name);
    if (body.length > 0) return query.length === 0 ? body : [...query, ...body];
    // A name that could not be read may be the one asked for.
    return query.length > 0
      ? query
      : [...this.#query.get(name), ...this.#content.form.fields.get(name)];
  }

  /**
   * The body. Empty where there is none.
   *
   * @throws {Error} In a handler that streams the body: it is not held anywhere.
   */
  get body(): Uint8Array {
    return this.#content.bytes;
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
    return this.#content.json();
  }

  /**
   * The body as it arrives, for handlers with `streamRequestBody`; of any other, the body that was
   * read. It can be read once.
   *
   * The limits of the server apply: it fails with an {@linkcode HTTPInputError} that is answered with
   * 413, 408 or 400.
   */
  get stream(): ReadableStream<Uint8Array> {
    return this.#content.stream;
  }

  /** Bytes that the body may have. */
  get maxBodySize(): number {
    return this.#content.maxSize;
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
    this.#content.maxSize = bytes;
  }

  /**
   * Is aborted when the client leaves before the response is complete. It is not aborted by a
   * response that was sent.
   */
  get signal(): AbortSignal {
    return (this.#disconnected ??= this.#watchConnection()).signal;
  }

  #watchConnection(): AbortController {
    const controller = this.#newController();
    const { signal } = this.#raw;
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
    (this.#disconnected ??= this.#newController()).abort(reason);
  }

  #newController(): AbortController {
    const controller = new AbortController();
    if (this.#onLeave !== undefined) listenOnce(controller, this.#onLeave);
    return controller;
  }

  /**
   * Is called when {@linkcode signal} is aborted, ahead of those who come later; it does not make the
   * runtime look out for the client.
   *
   * @internal
   */
  onLeave(callback: () => void): void {
    if (this.#disconnected === undefined) this.#onLeave = callback;
    else listenOnce(this.#disconnected, callback);
  }

  /**
   * Whether the client is known to be gone.
   *
   * @internal
   */
  get disconnected(): boolean {
    return this.#disconnected?.signal.aborted ?? false;
  }

  /**
   * Whether an error is the reason of {@linkcode signal}: of something that waited for the client, and
   * was told that it is gone.
   *
   * @internal
   */
  isReasonOfLeaving(error: unknown): boolean {
    const signal = this.#disconnected?.signal;
    return signal !== undefined && signal.aborted && signal.reason === error;
  }

  /**
   * The response is complete, or the connection became a WebSocket.
   *
   * @internal
   */
  answered = false;

  /**
   * What the runtime knows of the connection; where there is middleware, a `RequestContext` with all
   * that it found out.
   */
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
    return this.#content.read();
  }

  /**
   * How the form of this request is read: its limits, and the decoder of its text.
   *
   * @internal
   */
  setParsing(limits: FormLimits | undefined, decode: FieldDecoder | undefined): void {
    this.#content.limits = limits;
    this.#content.decode = decode;
  }

  /**
   * Refuses a body that nobody would decode, for those who do not read it here.
   *
   * @internal
   */
  checkTransferCoding(): void {
    this.#content.checkTransferCoding();
  }

  /**
   * Reads what could not be read once the response has left.
   *
   * @internal
   */
  capture(): void {
    try {
      this.#packed ??= this.#context.platform.packHeaders(this.#raw);
      void this.remoteIp;
    } catch {
      // It has left: what nobody has read until now is gone.
    }
    if (this.#packed !== null) this.surroundings?.keep(this.#packed);
  }

  /**
   * Keeps the query out of logs from now on, since it holds a secret, such as the code of a log-in or
   * the token of a link in a mail.
   */
  hideQuery(): void {
    hiddenQueries.add(this);
  }

  /** The URI for logs: without the query, if {@linkcode hideQuery} was called. */
  get loggedUri(): string {
    return hiddenQueries.has(this) ? `${this.path}?…` : this.uri;
  }

  /**
   * The request line and the client, for logs, and the request's name if it has one: never a header,
   * never the body.
   */
  toString(): string {
    const name = this.requestId === null ? "" : ` ${this.requestId}`;
    return `${this.method} ${this.loggedUri} (${this.#shownIp})${name}`;
  }

  /** A log must not fail because somebody else has ended the request. */
  get #shownIp(): string {
    try {
      return this.remoteIp;
    } catch {
      return "?";
    }
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

/** The runtime makes a new string every time, which is slow to compare and to look up. */
function ownCopy(method: string): string {
  return method === "GET" ? "GET" : method === "POST" ? "POST" : method;
}

function listenOnce({ signal }: AbortController, callback: () => void): void {
  signal.addEventListener("abort", callback, { once: true });
}

const SLASH = 0x2f;

/** Requests whose query is a secret. Not a field: of a thousand requests hardly one is among them. */
const hiddenQueries = new WeakSet<HTTPServerRequest>();

function merge(first: Readonly<Fields>, second: Readonly<Fields>): Fields {
  const merged: Fields = Object.assign(Object.create(null), first);
  for (const name in second) merged[name] = [...merged[name] ?? [], ...second[name] ?? []];
  return merged;
}
