/** What all that stands around a request knows of it. */
import { protocolOf, remoteIpOf, type RequestSource } from "../../server/client_address.ts";
import { packedHeader } from "../../http/fields/packed_headers.ts";
import type { ServerContext } from "../../server/server_context.ts";
import type { ConnectionInfo } from "../../platform/platform.ts";
import { checkStatus, type HTTPErrorOptions } from "../http_error.ts";

/** Something that can be told that nobody waits for it any longer. */
export interface Abandonable {
  /** Somebody else has decided: the client gets this status, and work should stop. */
  abandon(status: number): void;
}

/** Answers a request with an error page of the application. */
export type ErrorResponder = (
  context: RequestContext,
  error: { readonly statusCode: number } & HTTPErrorOptions,
) => Response | Promise<Response>;

/**
 * A request as middleware sees it: where it comes from, and what middleware has found out about it.
 *
 * There is one for each request, whatever `Request` is passed on. It goes down to the handler, whose
 * `request.connection` it is, and to mounted applications and fetch functions as their second
 * argument. So middleware of your own can leave something for handlers in a `WeakMap` under it.
 *
 * @example
 * ```ts
 * import { Application, type Middleware, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const tenants = new WeakMap<object, string>();
 * const tenant: Middleware = (_request, next, context) => {
 *   tenants.set(context, context.header("x-tenant") ?? "nobody");
 *   return next();
 * };
 *
 * class Main extends RequestHandler {
 *   override get() {
 *     this.write(`Hello, ${tenants.get(this.request.connection)}`);
 *   }
 * }
 *
 * const app = new Application([["/", Main]], { middleware: [tenant] });
 * const request = new Request("http://localhost/", { headers: { "X-Tenant": "Dorothy" } });
 * assertEquals(await (await app.fetch(request)).text(), "Hello, Dorothy");
 * ```
 */
export class RequestContext implements ConnectionInfo {
  /**
   * The name of the request in logs; `null` unless there is one. The middleware `requestId` sets it.
   */
  requestId: string | null = null;
  /**
   * The user; `null` if it is not known. Middleware such as `basicAuth` sets it, and
   * `RequestHandler.getCurrentUser` gives it back unless it is overridden.
   */
  user: unknown = null;
  /**
   * What scripts and styles of the page must carry in their attribute `nonce`; `""` if they need none.
   * The middleware `securityHeaders` sets it.
   */
  cspNonce: string = "";

  readonly #raw: Request;
  readonly #connection: ConnectionInfo;
  readonly #server: ServerContext;
  readonly #respond: ErrorResponder;
  #running: Set<Abandonable> | undefined;
  #remoteIp: string | undefined;
  #abandoned = false;
  /** The header fields, once they could no longer be read from the request. */
  #packed: string | undefined;

  /**
   * Contexts are made by the application.
   *
   * @internal
   */
  constructor(
    request: { readonly raw: Request; readonly connection: ConnectionInfo },
    server: ServerContext,
    respond: ErrorResponder,
  ) {
    this.#raw = request.raw;
    this.#connection = request.connection;
    this.#server = server;
    this.#respond = respond;
  }

  /** The address of the peer: of a proxy, if there is one. */
  get remoteAddr(): ConnectionInfo["remoteAddr"] {
    return this.#connection.remoteAddr;
  }

  /** Settles when the response has left. */
  get completed(): Promise<void> | undefined {
    return this.#connection.completed;
  }

  /** The `Request` as it came in. */
  get raw(): Request {
    return this.#raw;
  }

  /**
   * The client's address, as a trusted proxy says where `xheaders` is on. `"0.0.0.0"` for a Unix
   * socket and for a `Request` made in the process.
   */
  get remoteIp(): string {
    return this.#remoteIp ??= remoteIpOf(this.#source);
  }

  /** The scheme, as a trusted proxy says where `xheaders` is on. */
  get protocol(): "http" | "https" {
    return protocolOf(this.#source);
  }

  /**
   * The host that was asked for, with its port: the `Host` header, or the authority of the URL where
   * there is none. Nobody has checked it yet.
   */
  get host(): string {
    return this.header("host") || new URL(this.#raw.url).host;
  }

  get #source(): RequestSource {
    return {
      url: this.#raw.url,
      header: (name) => this.header(name),
      connection: this.#connection,
      server: this.#server,
    };
  }

  /**
   * A header of the request as it came in; `null` if it has none. On Deno this is several times
   * cheaper than `request.headers`, which makes the runtime copy all of them.
   *
   * @param name The name, in lower case.
   */
  header(name: string): string | null {
    if (this.#packed !== undefined) return packedHeader(this.#packed, name);
    return this.#server.platform.requestHeader(this.#raw, name);
  }

  /**
   * Answers in place of a handler, with the error page of a status and a line in the access log. Of a
   * status below 400 only the header fields are sent.
   *
   * @param status The status, from 200.
   * @param options Header fields, and what the log says of it.
   * @throws {RangeError} If the status is not an integer from 200 to 599.
   */
  answer(status: number, options: HTTPErrorOptions = {}): Response | Promise<Response> {
    checkStatus(status);
    return this.#respond(this, { statusCode: status, ...options });
  }

  /**
   * Tells whatever still works on the request that nobody waits for it any longer: a handler's
   * `request.signal` is aborted, its `onConnectionClose` runs, and it is answered with a 503. A
   * handler that has not begun yet never will.
   */
  abandon(): void {
    this.#abandoned = true;
    for (const work of this.#running ?? []) work.abandon(503);
  }

  /**
   * Whether {@linkcode abandon} was called.
   *
   * @internal
   */
  get abandoned(): boolean {
    return this.#abandoned;
  }

  /**
   * Keeps what could not be read once the response has left.
   *
   * @internal
   * @param packed The header fields.
   */
  keep(packed: string): void {
    this.#packed = packed;
    void this.remoteIp;
  }

  /**
   * Something works on the request from now on, until it has answered.
   *
   * @internal
   */
  attach(work: Abandonable): void {
    (this.#running ??= new Set()).add(work);
  }

  /**
   * It has answered.
   *
   * @internal
   */
  detach(work: Abandonable): void {
    this.#running?.delete(work);
  }
}

/** The context of a request, where middleware stands around it. */
export function contextOf(connection: ConnectionInfo | undefined): RequestContext | null {
  return connection instanceof RequestContext ? connection : null;
}
