/** Connecting to a WebSocket. */
import type { HTTPRequestOptions } from "../../client/http_request.ts";
import { connectionSettings } from "../../client/attempt/transports.ts";
import { openConnectionPool } from "../../platform/connection_pool.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { checkConnectOptions } from "./connect_options.ts";
import { checkHandshake, type Handshake, openSocket } from "./handshake.ts";
import type { ReconnectOptions } from "./reconnection.ts";
import { WebSocketClientConnection } from "./web_socket_client_connection.ts";

/** Options of {@linkcode websocketConnect}. Every duration is in milliseconds. */
export interface WebSocketConnectOptions extends
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
  /** Header fields of the handshake, such as `Authorization`, `Cookie` or `Origin`. Deno only. */
  readonly headers?: HeadersInit;
  /** Subprotocols to offer, in the order of preference. */
  readonly protocols?: readonly string[];
  /** Time for the handshake; 20,000 unless given, 0 for no limit. */
  readonly connectTimeout?: number;
  /** Silence after which the peer is pinged; 30,000 unless given, 0 for never. Deno only. */
  readonly pingInterval?: number;
  /**
   * Time above 0 for the peer to answer a ping, or the connection ends; `pingInterval` unless given.
   * Deno takes the sum of both: it pings when half of it is over.
   */
  readonly pingTimeout?: number;
  /** Bytes of a message, 10 MiB unless given; a larger one ends the connection. */
  readonly maxMessageSize?: number;
  /** Messages that may wait to be read, 1,024 unless given; one more ends the connection. */
  readonly inboxMessages?: number;
  /** Bytes that they may have together, 16 MiB unless given; more ends the connection. */
  readonly inboxBytes?: number;
  /** Time for the peer to answer a close frame; 5,000 unless given. */
  readonly closeTimeout?: number;
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
 */
export async function websocketConnect(
  url: string | URL,
  options: WebSocketConnectOptions = {},
): Promise<WebSocketClientConnection> {
  checkConnectOptions(options);
  const { headers, protocols = [], connectTimeout = 20_000, reconnect, signal } = options;
  const settings = connectionSettings(options, true);
  const handshake: Handshake = {
    url: String(url),
    headers: headers === undefined ? undefined : new Headers(headers),
    protocols,
    connectTimeout,
    connections: undefined,
  };
  checkHandshake(handshake);
  const limits = limitsOf(options);
  const connections = settings === null ? null : openConnectionPool(settings);
  try {
    const complete = { ...handshake, connections: connections?.init };
    const kept = {
      ...DEFAULT_LIMITS,
      ...limits,
      handshake: complete,
      reconnect: reconnect === true ? {} : reconnect === false ? undefined : reconnect,
      onReconnect: options.onReconnect,
    };
    const onOpen = (socket: WebSocket) => new WebSocketClientConnection(socket, kept);
    const connection = await openSocket(complete, { onOpen, signal });
    const close = () => connection.close();
    signal?.addEventListener("abort", close, { once: true });
    connection.closed.then(() => {
      signal?.removeEventListener("abort", close);
      connections?.close();
    });
    return connection;
  } catch (error) {
    connections?.close();
    throw error;
  }
}

const LIMITS = [
  "pingInterval",
  "pingTimeout",
  "maxMessageSize",
  "inboxMessages",
  "inboxBytes",
  "closeTimeout",
] as const;

type ClientLimits = Partial<Record<typeof LIMITS[number], number>>;

function limitsOf(options: WebSocketConnectOptions): ClientLimits {
  const { pingInterval } = options;
  const limits: ClientLimits = pingInterval === undefined ? {} : { pingTimeout: pingInterval };
  for (const name of LIMITS) {
    const value = options[name];
    if (value !== undefined) limits[name] = value;
  }
  return limits;
}
