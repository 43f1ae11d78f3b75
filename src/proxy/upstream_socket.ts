/** The WebSocket to the server behind. */
import { HTTPClientError, HTTPTimeoutError } from "../client/client_error.ts";
import { HTTPError } from "../web/http_error.ts";
import { WebSocketError } from "../websocket/web_socket_error.ts";
import { type Handshake, openSocket } from "../websocket/client/handshake.ts";
import { KeptConnection } from "../websocket/client/kept_connection.ts";
import type { WebSocketClientConnection } from "../websocket/client/web_socket_client_connection.ts";
import { CloseCode } from "../websocket/close_code.ts";
import { clientLimitsOf } from "../websocket/limits.ts";
import type { WebSocketClientLimits } from "../websocket/settings.ts";

/** How it is opened. */
export interface UpstreamSocketOptions extends Omit<Handshake, "limits"> {
  /** What it is bounded by. */
  readonly limits: WebSocketClientLimits;
  /** Cancels the attempt. */
  readonly signal: AbortSignal;
}

/**
 * Opens a WebSocket to the server behind.
 *
 * @throws {HTTPError} The status with which it refuses; 502 if it cannot be reached or speaks another
 *   protocol; 504 if it does not answer in time.
 */
export async function openUpstreamSocket(
  { signal, ...options }: UpstreamSocketOptions,
): Promise<WebSocketClientConnection> {
  const limits = clientLimitsOf(options.limits);
  const handshake: Handshake = { ...options, limits };
  const kept = {
    ...limits,
    handshake,
    reconnect: undefined,
    onReconnect: undefined,
  };
  try {
    return await openSocket(handshake, {
      onOpen: (socket) => new KeptConnection(socket, kept),
      signal,
    });
  } catch (error) {
    throw signal.aborted ? signal.reason : toHTTPError(error);
  }
}

function toHTTPError(cause: unknown): unknown {
  const logMessage = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof HTTPTimeoutError) return new HTTPError(504, { logMessage, cause });
  if (cause instanceof WebSocketError) return new HTTPError(502, { logMessage, cause });
  if (!(cause instanceof HTTPClientError)) return cause;
  const isRefusal = cause.code >= 400 && cause.code < 599;
  return isRefusal
    ? new HTTPError(cause.code, { cause })
    : new HTTPError(502, { logMessage, cause });
}

/**
 * Closes the WebSocket to the server behind as the client has closed its own. A client may send 1000
 * and the codes from 3000 only: any other goes as itself and 3000, 1001 as 4001.
 *
 * @param code The client's; `null` if it gave none.
 * @param reason The client's.
 */
export function closeUpstream(
  connection: WebSocketClientConnection,
  code: number | null,
  reason: string | null,
): void {
  const sendable = code === null || code === CloseCode.normal || code >= 3000;
  connection.close(sendable ? code ?? CloseCode.normal : code + 3000, reason ?? "");
}

/**
 * The code with which the client's WebSocket is closed when that of the server behind has ended.
 *
 * @param code The code there; `null` if there was none.
 */
export function codeForClient(code: number | null): number {
  if (code === null) return CloseCode.normal;
  const sendable = code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014 ||
    code >= 3000 && code <= 4999;
  // There is a code for it, 1014, which not every client takes for one.
  return sendable ? code : CloseCode.internalError;
}
