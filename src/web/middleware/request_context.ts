/** What all that stands around a request knows of it. */
import type { ConnectionInfo } from "../../platform/platform.ts";
import type { HTTPErrorOptions } from "../http_error.ts";

/**
 * A request as middleware sees it: where it comes from, and what middleware has found out about it.
 *
 * There is one for each request, whatever `Request` is passed on. It goes down to the handler, whose
 * `request.connection` it is, and to mounted applications and fetch functions as their second
 * argument. So middleware of your own can leave something for handlers in a `WeakMap` under it.
 * Contexts are made by the application.
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
export abstract class RequestContext implements ConnectionInfo {
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

  /** The address of the peer: of a proxy, if there is one. */
  abstract get remoteAddr(): ConnectionInfo["remoteAddr"];

  /** Settles when the response has left. */
  abstract get completed(): Promise<void> | undefined;

  /** What Workers hand over with each request; `undefined` where the runtime has nothing. */
  abstract get environment(): object | undefined;

  /**
   * Sees to it that something is done, though the response has left: a server that shuts down waits for
   * it, and Workers do not stop it. What it rejects with is logged.
   */
  abstract waitUntil(promise: Promise<unknown>): void;

  /** The `Request` as it came in. */
  abstract get raw(): Request;

  /**
   * The client's address, as a trusted proxy says where `xheaders` is on; on Workers, as
   * `CF-Connecting-IP` does. `"0.0.0.0"` for a Unix socket and for a `Request` made in the process.
   */
  abstract get remoteIp(): string;

  /** The scheme, as a trusted proxy says where `xheaders` is on. */
  abstract get protocol(): "http" | "https";

  /**
   * The host that was asked for, with its port: the `Host` header, or the authority of the URL where
   * there is none. Nobody has checked it yet.
   */
  abstract get host(): string;

  /**
   * A header of the request as it came in; `null` if it has none. On Deno this is several times
   * cheaper than `request.headers`, which makes the runtime copy all of them.
   *
   * @param name The name, in lower case.
   */
  abstract header(name: string): string | null;

  /**
   * Answers in place of a handler, with the error page of a status and a line in the access log. Of a
   * status below 400 only the header fields are sent.
   *
   * @param status The status, from 200.
   * @param options Header fields, and what the log says of it.
   * @throws {RangeError} If the status is not an integer from 200 to 599.
   */
  abstract answer(status: number, options?: HTTPErrorOptions): Response | Promise<Response>;

  /**
   * Tells whatever still works on the request that nobody waits for it any longer: a handler's
   * `request.signal` is aborted, its `onConnectionClose` runs, and it is answered with a 503. A
   * handler that has not begun yet never will.
   */
  abstract abandon(): void;
}
