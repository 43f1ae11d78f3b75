/** The request as a handler sees it. */
import { parseCookies } from "../../http/fields/cookie.ts";
import type { Fields, FieldSource } from "../../http/body/form.ts";
import { splitHostAndPort } from "../../http/target/host.ts";
import { HTTPInputError } from "../../http/input_error.ts";
import type { HTTPFile } from "../../http/body/multipart.ts";
import type { ConnectionInfo } from "../../platform/platform.ts";
import { RequestContext } from "../middleware/request_context.ts";
import type { ArgumentSource } from "./arguments.ts";
import { ClientSignal } from "./client_signal.ts";
import type { IncomingRequest } from "./incoming_request.ts";
import { RequestBody } from "./request_body.ts";
import { acceptHost, malformedHost, startAfterOrigin, startOfPath } from "./request_target.ts";

/**
 * One HTTP request (`tornado.httputil.HTTPServerRequest`).
 *
 * Everything beyond the path is worked out when it is first asked for, and kept. Addresses and
 * headers that nobody looked at before a handler was done cannot be read later; read them once
 * before, if a timer or a task that outlives the handler needs them.
 *
 * @example
 * ```ts
 * import { Application, type HTTPServerRequest, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * function summary(request: HTTPServerRequest) {
 *   const { method, path, hostName, cookies, queryArguments } = request;
 *   return { method, path, hostName, cookies, queryArguments, json: request.json() };
 * }
 *
 * class Show extends RequestHandler {
 *   override post() {
 *     this.write(summary(this.request));
 *   }
 * }
 *
 * const app = new Application([["/show", Show]]);
 * const response = await app.fetch(
 *   new Request("http://example.com/show?tag=a&tag=b", {
 *     method: "POST",
 *     headers: { "Content-Type": "application/json", Cookie: "theme=dark" },
 *     body: '{"hats":3}',
 *   }),
 * );
 * assertEquals(await response.json(), {
 *   method: "POST",
 *   path: "/show",
 *   hostName: "example.com",
 *   cookies: { theme: "dark" },
 *   queryArguments: { tag: ["a", "b"] },
 *   json: { hats: 3 },
 * });
 * ```
 *
 * @category Requests and responses
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
  /** @internal */
  protected readonly incoming: IncomingRequest;
  /**
   * What the runtime knows of the connection, or the context of the middleware.
   *
   * @internal
   */
  protected readonly info: ConnectionInfo | undefined;
  /**
   * The response is complete, or the connection became a WebSocket.
   *
   * @internal
   */
  protected isAnswered = false;
  /** @internal */
  protected readsCookies = false;

  #startedAt: number | undefined;
  #body: RequestBody | undefined;
  #client: ClientSignal | undefined;
  #cookies: Record<string, string> | undefined;
  #queryFields: FieldSource | undefined;
  #arguments: Fields | undefined;

  /**
   * Requests are made by the application.
   *
   * @internal
   * @param timed Read the clock: somebody will ask for the request time.
   */
  constructor(incoming: IncomingRequest, info: ConnectionInfo | undefined, timed: boolean) {
    this.incoming = incoming;
    this.info = info;
    this.#startedAt = timed ? performance.now() : undefined;
    const { raw, server } = incoming;
    const url = raw.url;
    this.method = ownCopy(raw.method);
    let problem: string | null = null;
    let start = startAfterOrigin(url, server.validOrigin);
    if (start === -1 || url.indexOf("/", start + 1) !== -1) {
      const host = incoming.hostField;
      if (host !== null && !acceptHost(server, host)) problem = malformedHost(host);
      const known = start !== -1 && host !== null && problem === null &&
        server.validOrigin !== null;
      if (!known) start = startOfPath(url, problem === null ? host : null, server);
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
    this.incoming.captureUpgrade();
    return this.incoming.raw;
  }

  /** @internal */
  protected get content(): RequestBody {
    return this.#body ??= new RequestBody(this.incoming, (cause) => this.client.abort(cause));
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
    return this.incoming.headers;
  }

  /**
   * Reads one header field.
   *
   * @param name Its name, in lower case.
   * @returns Its value, several joined with `", "`; `null` if it was not sent.
   */
  header(name: string): string | null {
    return this.incoming.header(name);
  }

  /**
   * The host that was asked for, with its port: the `Host` header, or the authority of the URL where
   * there is none, as over HTTP/2.
   *
   * @throws {HTTPInputError} If the header is malformed, which is answered with 400.
   */
  get host(): string {
    const { hostField, server } = this.incoming;
    if (hostField !== null && !acceptHost(server, hostField)) {
      throw new HTTPInputError(malformedHost(hostField));
    }
    return this.incoming.host;
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
    return this.incoming.protocol;
  }

  /**
   * The client's address, as a trusted proxy says where `xheaders` is on. `"0.0.0.0"` for a Unix
   * socket and for a `Request` made in the process.
   */
  get remoteIp(): string {
    return this.incoming.remoteIp;
  }

  get #context(): RequestContext | null {
    return this.info instanceof RequestContext ? this.info : null;
  }

  /** The name of the request in logs; `null` unless a middleware such as `requestId` gave it one. */
  get requestId(): string | null {
    return this.#context?.requestId ?? null;
  }

  /** The user that a middleware such as `basicAuth` has found out; `null` if none has. */
  get user(): unknown {
    return this.#context?.user ?? null;
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
      this.incoming.server.timed = true;
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
    return this.#queryFields ??= this.content.parseFields(this.query);
  }

  /**
   * The arguments of a form: `application/x-www-form-urlencoded` or `multipart/form-data`. Empty for
   * any other body.
   *
   * @throws {HTTPInputError} If the form is malformed.
   */
  get bodyArguments(): Readonly<Fields> {
    return this.content.form.fields.all;
  }

  /**
   * The files of a `multipart/form-data` form, by field.
   *
   * @throws {HTTPInputError} If the form is malformed.
   */
  get files(): Readonly<Record<string, HTTPFile[]>> {
    return this.content.form.files;
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
  protected valuesOf(name: string, source: ArgumentSource): readonly string[] {
    if (source === "query") return this.#query.get(name);
    if (source === "body") return this.content.form.fields.get(name);
    if (this.#arguments !== undefined) return this.#arguments[name] ?? [];
    const query = this.#query.find(name);
    const body = this.content.form.fields.find(name);
    if (body.length > 0) return query.length === 0 ? body : [...query, ...body];
    // A name that could not be read may be the one asked for.
    return query.length > 0
      ? query
      : [...this.#query.get(name), ...this.content.form.fields.get(name)];
  }

  /**
   * The body. Empty where there is none.
   *
   * @throws {Error} In a handler that streams the body: it is not held anywhere.
   */
  get body(): Uint8Array {
    return this.content.bytes;
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
    return this.content.json();
  }

  /**
   * The body as it arrives, for handlers with `streamRequestBody`; of any other, the body that was
   * read. It can be read once.
   *
   * The limits of the server apply: it fails with an {@linkcode HTTPInputError} that is answered with
   * 413, 408 or 400.
   */
  get stream(): ReadableStream<Uint8Array> {
    return this.content.stream;
  }

  /** Bytes that the body may have. */
  get maxBodySize(): number {
    return this.content.maxSize;
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
    this.content.maxSize = bytes;
  }

  /**
   * Is aborted when the client leaves before the response is complete. It is not aborted by a
   * response that was sent.
   */
  get signal(): AbortSignal {
    return this.client.signal;
  }

  /** @internal */
  protected get client(): ClientSignal {
    return this.#client ??= new ClientSignal(this.incoming.raw, () => this.isAnswered);
  }

  /**
   * What the runtime knows of the connection; where there is middleware, a `RequestContext` with all
   * that it found out.
   */
  get connection(): ConnectionInfo {
    return this.info ?? {};
  }

  /** Settles when the response has left, where the runtime tells. */
  get completed(): Promise<void> | undefined {
    return this.info?.completed;
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

const SLASH = 0x2f;

/** Requests whose query is a secret. Not a field: of a thousand requests hardly one is among them. */
const hiddenQueries = new WeakSet<HTTPServerRequest>();

function merge(first: Readonly<Fields>, second: Readonly<Fields>): Fields {
  const merged: Fields = Object.assign(Object.create(null), first);
  for (const name in second) merged[name] = [...merged[name] ?? [], ...second[name] ?? []];
  return merged;
}
