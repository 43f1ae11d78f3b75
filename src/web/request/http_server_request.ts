/** The request as a handler sees it. */
import type { Fields } from "../../http/body/form.ts";
import type { HTTPFile } from "../../http/body/multipart.ts";
import { splitHostAndPort } from "../../http/target/host.ts";
import type { ConnectionInfo } from "../../platform/platform.ts";

/**
 * One HTTP request (`tornado.httputil.HTTPServerRequest`).
 *
 * Everything beyond the path is worked out when it is first asked for, and kept. Addresses and
 * headers that nobody looked at before a handler was done cannot be read later; read them once
 * before, if a timer or a task that outlives the handler needs them. Requests are made by the
 * application.
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
export abstract class HTTPServerRequest {
  /** The method, as sent: methods are case-sensitive (RFC 9110 §9.1). */
  abstract readonly method: string;
  /** The path, raw: neither decoded nor normalised, from the first `/` up to `?`. */
  abstract readonly path: string;
  /** The query, raw, without its `?`. */
  abstract readonly query: string;
  /** Why the request must not be served; `null` if it is well-formed. */
  abstract readonly problem: string | null;

  /**
   * The web `Request` beneath. Of what was not read of it before the response left, the runtime knows
   * nothing any more; {@linkcode headers} does.
   */
  abstract get raw(): Request;

  /** The path and the query, raw. */
  get uri(): string {
    return this.query === "" ? this.path : `${this.path}?${this.query}`;
  }

  /**
   * The header fields. Touching them costs more than {@linkcode header}, which reads one. Once the
   * response has left they are a copy, made anew each time.
   */
  abstract get headers(): Headers;

  /**
   * Reads one header field.
   *
   * @param name Its name, in lower case.
   * @returns Its value, several joined with `", "`; `null` if it was not sent.
   */
  abstract header(name: string): string | null;

  /**
   * The host that was asked for, with its port: the `Host` header, or the authority of the URL where
   * there is none, as over HTTP/2.
   *
   * @throws {HTTPInputError} If the header is malformed, which is answered with 400.
   */
  abstract get host(): string;

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
  abstract get protocol(): string;

  /**
   * The client's address, as a trusted proxy says where `xheaders` is on; on Workers, as
   * `CF-Connecting-IP` does. `"0.0.0.0"` for a Unix socket and for a `Request` made in the process.
   */
  abstract get remoteIp(): string;

  /** The name of the request in logs; `null` unless a middleware such as `requestId` gave it one. */
  abstract get requestId(): string | null;

  /** The user that a middleware such as `basicAuth` has found out; `null` if none has. */
  abstract get user(): unknown;

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
  abstract requestTime(): number;

  /** The cookies (RFC 6265 §4.2), the last one of a name. */
  abstract get cookies(): Readonly<Record<string, string>>;

  /** The arguments of the query, every value of a name in order. */
  abstract get queryArguments(): Readonly<Fields>;

  /**
   * The arguments of a form: `application/x-www-form-urlencoded` or `multipart/form-data`. Empty for
   * any other body.
   *
   * @throws {HTTPInputError} If the form is malformed.
   */
  abstract get bodyArguments(): Readonly<Fields>;

  /**
   * The files of a `multipart/form-data` form, by field.
   *
   * @throws {HTTPInputError} If the form is malformed.
   */
  abstract get files(): Readonly<Record<string, HTTPFile[]>>;

  /** The arguments of the query, followed by those of the body. */
  abstract get arguments(): Readonly<Fields>;

  /**
   * The body. Empty where there is none.
   *
   * @throws {Error} In a handler that streams the body: it is not held anywhere.
   */
  abstract get body(): Uint8Array;

  /** The body as text (UTF-8; what is not is replaced). */
  text(): string {
    return new TextDecoder().decode(this.body);
  }

  /**
   * The body as JSON.
   *
   * @throws {HTTPInputError} If it is not JSON in UTF-8, or if its arrays and objects are nested more than
   * 1,000 deep; which is answered with 400.
   */
  abstract json(): unknown;

  /**
   * The body as it arrives, for handlers with `streamRequestBody`; of any other, the body that was
   * read. It can be read once.
   *
   * The limits of the server apply: it fails with an {@linkcode HTTPInputError} that is answered with
   * 413, 408 or 400.
   */
  abstract get stream(): ReadableStream<Uint8Array>;

  /** Bytes that the body may have. */
  abstract get maxBodySize(): number;

  /**
   * Sets how large the body may be, for this request only: in `initialize`, or in `prepare` of a
   * handler that streams the body.
   *
   * @param bytes The limit.
   * @throws {RangeError} If it is not a number from 0.
   */
  abstract setMaxBodySize(bytes: number): void;

  /**
   * Is aborted when the client leaves before the response is complete. It is not aborted by a
   * response that was sent.
   */
  abstract get signal(): AbortSignal;

  /**
   * What the runtime knows of the connection; where there is middleware, a `RequestContext` with all
   * that it found out.
   */
  abstract get connection(): ConnectionInfo;

  /** Settles when the response has left, where the runtime tells. */
  abstract get completed(): Promise<void> | undefined;

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
    return `${this.method} ${this.loggedUri}${this.#shownIp}${name}`;
  }

  /** A log must not fail because the request is over, and nobody has asked for the address before. */
  get #shownIp(): string {
    try {
      return ` (${this.remoteIp})`;
    } catch {
      return "";
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

/** Requests whose query is a secret. Not a field: of a thousand requests hardly one is among them. */
const hiddenQueries = new WeakSet<HTTPServerRequest>();
