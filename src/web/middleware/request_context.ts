/** What all that stands around a request knows of it. */
import type { ConnectionInfo } from "../../platform/platform.ts";
import { checkStatus, type HTTPErrorOptions } from "../http_error.ts";
import type { IncomingRequest } from "../request/incoming_request.ts";

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
 * import {
 *   Application,
 *   type Middleware,
 *   type RequestContext,
 *   RequestHandler,
 * } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const tenants = new WeakMap<object, string>();
 * const tenant: Middleware = (_request, next, context: RequestContext) => {
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
 *
 * @category Middleware
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

  /** @internal */
  protected readonly incoming: IncomingRequest;
  /** @internal */
  protected isAbandoned = false;
  readonly #respond: ErrorResponder;
  /** What works on the request, and would have to stop. */
  #running: Set<Abandonable> | undefined;

  /**
   * Contexts are made by the application.
   *
   * @internal
   */
  constructor(incoming: IncomingRequest, respond: ErrorResponder) {
    this.incoming = incoming;
    this.#respond = respond;
  }

  /** The address of the peer: of a proxy, if there is one. */
  get remoteAddr(): ConnectionInfo["remoteAddr"] {
    return this.incoming.connection?.remoteAddr;
  }

  /** Settles when the response has left. */
  get completed(): Promise<void> | undefined {
    return this.incoming.connection?.completed;
  }

  /** The `Request` as it came in. */
  get raw(): Request {
    return this.incoming.raw;
  }

  /**
   * The client's address, as a trusted proxy says where `xheaders` is on. `"0.0.0.0"` for a Unix
   * socket and for a `Request` made in the process.
   */
  get remoteIp(): string {
    return this.incoming.remoteIp;
  }

  /** The scheme, as a trusted proxy says where `xheaders` is on. */
  get protocol(): "http" | "https" {
    return this.incoming.protocol;
  }

  /**
   * The host that was asked for, with its port: the `Host` header, or the authority of the URL where
   * there is none. Nobody has checked it yet.
   */
  get host(): string {
    return this.incoming.host;
  }

  /**
   * A header of the request as it came in; `null` if it has none. On Deno this is several times
   * cheaper than `request.headers`, which makes the runtime copy all of them.
   *
   * @param name The name, in lower case.
   */
  header(name: string): string | null {
    return this.incoming.header(name);
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
    this.isAbandoned = true;
    for (const work of this.#running ?? []) work.abandon(503);
  }

  /** @internal */
  protected attach(work: Abandonable): void {
    (this.#running ??= new Set()).add(work);
  }

  /** @internal */
  protected detach(work: Abandonable): void {
    this.#running?.delete(work);
  }
}
