/** Connecting to a WebSocket. */
import { onAbort } from "../../concurrent/waiting/abort_listeners.ts";
import type { HTTPRequestOptions } from "../../client/http_request.ts";
import { connectionSettings } from "../../client/attempt/transports.ts";
import { openConnectionPool } from "../../platform/connection_pool.ts";
import { clientLimitsOf } from "../limits.ts";
import type { WebSocketClientLimits } from "../settings.ts";
import { checkConnectOptions } from "./connect_options.ts";
import { checkHandshake, type Handshake, openSocket, type OpenWebSocket } from "./handshake.ts";
import type { ReconnectOptions } from "./reconnection.ts";
import { KeptConnection } from "./kept_connection.ts";
import type { WebSocketClientConnection } from "./web_socket_client_connection.ts";

/**
 * Options of {@linkcode websocketConnect}. Every duration is in milliseconds. Those that are limits have
 * the defaults of the application's settings: `maxMessageSize` that of `websocketMaxMessageSize`. A silent
 * peer is pinged when half of `pingInterval` and `pingTimeout` together is over, but not by workerd.
 *
 * @category WebSockets and event streams
 */
export interface WebSocketConnectOptions extends
  WebSocketClientLimits,
  Pick<
    HTTPRequestOptions,
    | "networkInterface"
    | "proxyHost"
    | "proxyPort"
    | "proxyUsername"
    | "proxyPassword"
    | "proxyScheme"
    | "caCerts"
    | "clientCert"
    | "clientKey"
    | "unixSocket"
  > {
  /** Header fields of the handshake, such as `Authorization`, `Cookie` or `Origin`. Not on Workers. */
  readonly headers?: HeadersInit;
  /** Subprotocols to offer, in the order of preference. */
  readonly protocols?: readonly string[];
  /** Time for the handshake; 20,000 unless given, 0 for no limit. */
  readonly connectTimeout?: number;
  /** Opens a lost connection again; `true` for the usual pauses. It is not unless given. */
  readonly reconnect?: boolean | ReconnectOptions;
  /**
   * Is called when a lost connection is open again: to subscribe again to what was subscribed to.
   * What the server sent in between is lost.
   */
  readonly onReconnect?: (connection: WebSocketClientConnection) => void | PromiseLike<void>;
  /** Cancels the attempt to connect; later it closes the connection. */
  readonly signal?: AbortSignal;
}

/**
 * Opens a WebSocket (`tornado.websocket.websocket_connect`). Redirects are not followed.
 *
 * @param url A URL, `ws:` or `wss:`.
 * @returns The open connection.
 * @throws {HTTPClientError} If the server refuses, with its status; with 599 if it cannot be reached
 * (`HTTPConnectError`), hangs up (`HTTPStreamClosedError`), does not answer in time
 * (`HTTPTimeoutError`) or speaks another protocol (`HTTPProtocolError`).
 * @throws {WebSocketError} If its answer is a success, but no WebSocket, or selects a subprotocol that
 * was not offered.
 * @throws {TypeError} If the URL, a header field or a subprotocol cannot be used, or an option is
 * unknown or of the wrong type.
 * @throws {RangeError} If a number is negative or none.
 *
 * @example
 * ```ts
 * import { Application, websocketConnect, WebSocketHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Echo extends WebSocketHandler {
 *   override onMessage(message: string | Uint8Array) {
 *     this.writeMessage(message);
 *   }
 * }
 *
 * await using server = new Application([["/ws", Echo]])
 *   .listen(0, { hostname: "127.0.0.1", handleSignals: false });
 * await using connection = await websocketConnect(`ws://127.0.0.1:${server.port}/ws`);
 * connection.writeMessage("hello");
 * assertEquals(await connection.readMessage(), "hello");
 * ```
 *
 * @category WebSockets and event streams
 */
export function websocketConnect(
  url: string | URL,
  options: WebSocketConnectOptions = {},
): Promise<WebSocketClientConnection> {
  return connectThrough(undefined, url, options);
}

/**
 * As {@linkcode websocketConnect}, through a way of one's own.
 *
 * @param open Opens the socket; the runtime does unless given.
 * @internal
 */
export async function connectThrough(
  open: OpenWebSocket | undefined,
  url: string | URL,
  options: WebSocketConnectOptions,
): Promise<WebSocketClientConnection> {
  checkConnectOptions(options);
  const { headers, protocols = [], connectTimeout = 20_000, reconnect, signal } = options;
  const settings = connectionSettings(options, true);
  const limits = clientLimitsOf(options);
  const handshake: Handshake = {
    url: String(url),
    limits,
    headers: headers === undefined ? undefined : new Headers(headers),
    protocols,
    connectTimeout,
    connections: undefined,
    ...open !== undefined && { open },
  };
  checkHandshake(handshake);
  const connections = settings === null ? null : openConnectionPool(settings);
  try {
    const complete = { ...handshake, connections: connections?.init };
    const kept = {
      ...limits,
      handshake: complete,
      reconnect: reconnect === true ? {} : reconnect === false ? undefined : reconnect,
      onReconnect: options.onReconnect,
    };
    const onOpen = (socket: WebSocket) => new KeptConnection(socket, kept);
    const connection = await openSocket(complete, { onOpen, signal });
    if (signal?.aborted) connection.close();
    const stopListening = signal && onAbort(signal, () => connection.close());
    connection.closed.then(() => {
      stopListening?.();
      connections?.close();
    });
    return connection;
  } catch (error) {
    connections?.close();
    throw error;
  }
}
