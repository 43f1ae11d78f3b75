/** What a WebSocket of a test can be told, and what becomes of it. */
import { checkOptions, STRING } from "../../checks/option_check.ts";
import type { WebSocketConnectOptions } from "../../websocket/client/websocket_connect.ts";

/**
 * Options of a WebSocket: those of `websocketConnect` that are not about a network, and who connects.
 *
 * @category Testing
 */
export interface TestWebSocketOptions extends
  Pick<
    WebSocketConnectOptions,
    | "headers"
    | "protocols"
    | "connectTimeout"
    | "pingInterval"
    | "pingTimeout"
    | "maxMessageSize"
    | "inboxMessages"
    | "inboxBytes"
    | "closeTimeout"
    | "reconnect"
    | "onReconnect"
    | "signal"
  > {
  /** The page that connects, as a browser says it. Default: none, as of a client that is no browser. */
  readonly origin?: string;
  /** The address that the client has; without a socket only. Default `"127.0.0.1"`. */
  readonly remoteIp?: string;
}

/**
 * What is for `websocketConnect`, which checks it, with the cookies of the client.
 *
 * @throws {TypeError} If the origin or the address is ill-typed.
 */
export function connectOptions(
  { origin, remoteIp, headers, ...rest }: TestWebSocketOptions,
  cookie: string,
): WebSocketConnectOptions {
  checkOptions({ origin, remoteIp }, { origin: STRING, remoteIp: STRING });
  const fields = new Headers(headers);
  if (origin !== undefined) fields.set("origin", origin);
  if (cookie !== "" && !fields.has("cookie")) fields.set("cookie", cookie);
  return [...fields].length === 0 ? rest : { ...rest, headers: fields };
}
