/** The handler that passes requests on to another server. */
import type { HandlerClass } from "../web/handler_traits.ts";
import { BOOLEAN, type OptionType, SECRET, SIZE, STRING } from "../checks/option_check.ts";
import { checkFieldName, checkFieldValue, hasMember } from "../http/fields/field.ts";
import { type ConnectionPool, openConnectionPool } from "../platform/connection_pool.ts";
import type { Application } from "../web/application.ts";
import { HTTPError } from "../web/http_error.ts";
import { checkRouteArgs, type RouteToCheck } from "../web/routing/route_check.ts";
import type { WebSocketClientConnection } from "../websocket/client/web_socket_client_connection.ts";
import { WebSocketHandler } from "../websocket/web_socket_handler.ts";
import { requestFields } from "./forwarded_fields.ts";
import { RelayedRequest } from "./relayed_request.ts";
import { closeUpstream, codeForClient, openUpstreamSocket } from "./upstream_socket.ts";
import { UpstreamUrl } from "./upstream_url.ts";

/**
 * What a route hands to a {@linkcode ProxyHandler}.
 *
 * @category Handlers
 */
export interface ProxyOptions {
  /**
   * The server behind, such as `"http://127.0.0.1:3000"`. A path in it comes before that of every
   * request.
   */
  readonly target: string;
  /** What the path of a request loses at its beginning, such as `"/api"`. Default `""`: nothing. */
  readonly stripPrefix?: string;
  /** Header fields that every request is passed on with, such as a key. They are not sent to clients. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Milliseconds for which the server behind may be silent: before its response, which is answered with
   * 504, and within it, which cuts it. 0 for no limit. Default 60,000.
   */
  readonly timeout?: number;
  /** Bytes that the body of a request may have; more is 413. Default: the server's `maxBodySize`. */
  readonly maxBodySize?: number;
  /**
   * Pass the `Host` on as it came, so that the server behind makes the right links, and takes a page of
   * this host for one of its own. Set it to `false` for a server that goes by its own name. Default
   * `true`, where the runtime can: on Deno.
   */
  readonly preserveHost?: boolean;
}

const FIELDS: OptionType = {
  ...SECRET,
  name: "an object of header fields",
  test: (value) =>
    typeof value === "object" && value !== null && Object.entries(value).every(isField),
};
const ROUTE_ARGS: Readonly<Record<keyof ProxyOptions, OptionType>> = {
  target: STRING,
  stripPrefix: STRING,
  headers: FIELDS,
  timeout: SIZE,
  maxBodySize: SIZE,
  preserveHost: BOOLEAN,
};

const TIMEOUT = 60_000;

/**
 * Passes requests on to another server, and its responses back: a reverse proxy for HTTP and
 * WebSockets.
 *
 * Bodies are streamed both ways, each at the pace of whoever reads it. The server behind is asked not to
 * compress: the way to it is short, and the runtime would decode it. What is compressed stays so.
 * Fields of one connection are left out (RFC 9110 §7.6.1). The server behind learns of the client from
 * `X-Forwarded-For`, `X-Forwarded-Host`, `X-Forwarded-Proto` and `X-Real-Ip`: what the client says in
 * these itself is dropped, unless `xheaders` says that a proxy in front is trusted. A `Location` that
 * leads to the target leads to this server instead.
 *
 * If the server behind cannot be reached or breaks off, the answer is 502, if it is silent 504. A path
 * that a server could read as leading out of the target, such as one with `..%2f`, is 400. Tokens
 * against cross-site request forgery are left to the server behind.
 *
 * WebSockets keep their subprotocols and close codes; a code that a client may not send goes to the
 * server behind as itself and 3000: 1001 as 4001. `checkOrigin` lets pages of this host in, as of any
 * `WebSocketHandler`.
 *
 * @typeParam App The application's class.
 *
 * @example
 * ```ts
 * import { Application, ProxyHandler, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Hello extends RequestHandler {
 *   override get(name: string) {
 *     this.write(`Hello, ${name}`);
 *   }
 * }
 *
 * const options = { hostname: "127.0.0.1", handleSignals: false };
 * await using behind = new Application([["/hello/:name", Hello]]).listen(0, options);
 * const target = `http://127.0.0.1:${behind.port}`;
 * const app = new Application([["/api/*", ProxyHandler, { target, stripPrefix: "/api" }]]);
 * await using server = app.listen(0, options);
 * const response = await fetch(`http://127.0.0.1:${server.port}/api/hello/world`);
 * assertEquals(await response.text(), "Hello, world");
 * ```
 *
 * @category Handlers
 */
// deno-lint-ignore no-explicit-any -- as RequestHandler
export class ProxyHandler<App extends Application = any> extends WebSocketHandler<App> {
  /** Whatever the method, the server behind answers. */
  static override readonly supportedMethods: readonly string[] = ["*", "GET"];
  /** The body is passed on as it arrives. */
  static override readonly streamRequestBody = true;

  /**
   * Checks a route to the class, or to one that derives from it.
   */
  private static checkRouteTo(target: HandlerClass, route: RouteToCheck): void {
    checkRouteArgs(target, ProxyHandler, { route, types: ROUTE_ARGS, required: "target" });
    if (isProxyRoute(route)) new UpstreamUrl(route.args);
  }

  #options: ProxyOptions = { target: "" };
  #upstream: UpstreamUrl | undefined;
  #connection: WebSocketClientConnection | undefined;

  /**
   * Takes the target from the route.
   *
   * @param options Where requests go, and how.
   * @throws {TypeError} If the target is no URL of a server.
   */
  override initialize(options: ProxyOptions): void {
    this.#options = options;
    this.#upstream = upstreamOf(options);
    if (options.maxBodySize !== undefined) this.request.setMaxBodySize(options.maxBodySize);
  }

  /** Nothing is checked: the server behind knows its own tokens. */
  override checkXsrfCookie(): void | PromiseLike<void> {}

  /**
   * Passes the request on, unless it asks for a WebSocket, which `get` opens.
   *
   * @returns The response.
   * @throws {HTTPError} The promise rejects with 400 for a path that leads elsewhere, 405 for a method
   *   that cannot be passed on, 502 or 504 if there is no response.
   */
  override prepare(): void | Response | PromiseLike<void | Response> {
    if (hasMember(this.request.header("upgrade"), "websocket")) return;
    return this.#relay();
  }

  #relay(): Promise<Response> {
    const { request } = this;
    // The runtime does not send these.
    if (/^(?:CONNECT|TRACE|TRACK)$/i.test(request.method)) throw new HTTPError(405);
    const { timeout = TIMEOUT } = this.#options;
    return new RelayedRequest(request, {
      upstream: this.#known,
      url: this.#url(),
      headers: this.#fields(),
      timeout: timeout === 0 ? Infinity : timeout,
      connections: this.#pool?.init,
    }).send();
  }

  // ---- WebSockets

  /**
   * Opens the WebSocket to the server behind, which selects.
   *
   * @param offered What the client offers.
   * @returns What the server behind has selected.
   * @throws {HTTPError} The promise rejects with the status with which that refuses, 502 or 504.
   */
  override async selectSubprotocol(offered: string[]): Promise<string | null> {
    const { maxMessageSize, pingInterval, pingTimeout, inboxMessages, inboxBytes, closeTimeout } =
      this;
    this.#connection = await openUpstreamSocket({
      url: this.#url().replace(/^http/, "ws"),
      headers: this.#fields(),
      protocols: offered,
      connections: this.#pool?.init,
      connectTimeout: this.#options.timeout ?? TIMEOUT,
      limits: {
        maxMessageSize,
        pingInterval,
        pingTimeout,
        inboxMessages,
        inboxBytes,
        closeTimeout,
      },
      signal: this.request.signal,
    });
    // Who has left meanwhile has had the last hook that would close it.
    if (this.finished) this.#end();
    return this.#connection.selectedSubprotocol;
  }

  /** What comes from the server behind goes to the client. */
  override open(): void | PromiseLike<void> {
    // Messages of the client do not wait for those of the server.
    void this.#pump();
  }

  /** What comes from the client goes to the server behind. */
  override async onMessage(message: string | Uint8Array): Promise<void> {
    try {
      await this.#connection?.writeMessage(message);
    } catch {
      // It has closed: the client learns of that by itself.
    }
  }

  /** The client has closed, or has gone. */
  override onClose(): void | PromiseLike<void> {
    this.#end();
  }

  /** If the client has left before its upgrade, nobody else would close the other side. */
  override onFinish(): void | PromiseLike<void> {
    if (this.getStatus() !== 101) this.#end();
  }

  async #pump(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    try {
      for await (const message of connection) await this.writeMessage(message);
      this.close(codeForClient(connection.closeCode), connection.closeReason ?? "");
    } catch {
      // The client has gone, which closes the other side in onClose().
    }
  }

  #end(): void {
    if (this.#connection === undefined) return;
    closeUpstream(this.#connection, this.closeCode, this.closeReason);
  }

  // ---- where to, and with what

  get #known(): UpstreamUrl {
    return this.#upstream ??= upstreamOf(this.#options);
  }

  #url(): string {
    const url = this.#known.of(this.request.path, this.request.query);
    if (url !== null) return url;
    throw new HTTPError(400, { logMessage: "The path cannot be passed on: it may lead elsewhere" });
  }

  #fields(): Headers {
    return requestFields(this.request, {
      own: this.#options.headers ?? {},
      preserveHost: this.#preservesHost,
    });
  }

  get #preservesHost(): boolean {
    return this.#options.preserveHost ?? this.application.platform.name === "Deno";
  }

  get #pool(): ConnectionPool | undefined {
    return this.#preservesHost ? poolOf(this.application) : undefined;
  }
}

/** Connections that may carry another host, by application: they are closed when it ends. */
const pools = new WeakMap<Application, ConnectionPool>();

function poolOf(application: Application): ConnectionPool {
  const known = pools.get(application);
  if (known !== undefined) return known;
  const pool = openConnectionPool({ ownHost: true });
  pools.set(application, pool);
  application.onShutdown(() => {
    pools.delete(application);
    pool.close();
  });
  return pool;
}

/** Routes are few, and each hands over the same object every time. */
const upstreams = new WeakMap<ProxyOptions, UpstreamUrl>();

function upstreamOf(options: ProxyOptions): UpstreamUrl {
  const known = upstreams.get(options);
  if (known !== undefined) return known;
  const upstream = new UpstreamUrl(options);
  upstreams.set(options, upstream);
  return upstream;
}

function isProxyRoute(
  route: RouteToCheck,
): route is RouteToCheck & { readonly args: ProxyOptions } {
  return "target" in route.args && typeof route.args.target === "string";
}

function isField([name, value]: readonly [string, unknown]): boolean {
  if (typeof value !== "string") return false;
  try {
    checkFieldName(name);
    checkFieldValue(name, value);
    return true;
  } catch {
    return false;
  }
}
