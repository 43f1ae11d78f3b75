/** WebSockets that this side opens. */
import { UnsupportedFeatureError } from "./standard.ts";

/** What a WebSocket is opened with, besides its URL. */
export interface ClientWebSocketInit {
  /** The subprotocols that are offered. */
  readonly protocols: readonly string[];
  /** Header fields of the handshake. */
  readonly headers: Headers | undefined;
  /** What `ConnectionPool.init` has, if anything. */
  readonly connections: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Opens a WebSocket; its events tell what becomes of it.
 *
 * @throws {UnsupportedFeatureError} If the runtime takes no header fields.
 */
export function openClientWebSocket(url: string, init: ClientWebSocketInit): WebSocket {
  const { protocols, headers, connections } = init;
  if (headers === undefined && connections === undefined) return new WebSocket(url, [...protocols]);
  if (!("Deno" in globalThis)) {
    throw new UnsupportedFeatureError("header fields of a WebSocket handshake", "Deno");
  }
  return new WebSocket(url, {
    protocols: [...protocols],
    ...headers !== undefined && { headers },
    ...connections,
  });
}

/**
 * Has the runtime ping a peer that is silent, and close with 1001 when it stays so, each after half of
 * the time. The runtime does so for the sockets of a server and only lacks a public way to ask for it
 * here: where it is not found, nothing happens.
 *
 * @param socket An open socket.
 * @param idleTimeout Milliseconds.
 */
export function pingWhenSilent(socket: WebSocket, idleTimeout: number): void {
  const hidden = socket as unknown as Record<symbol, unknown>;
  const duration = symbolOf(socket, "[[idleTimeout]]");
  const start = symbolOf(Object.getPrototypeOf(socket), "[[serverHandleIdleTimeout]]");
  if (duration === undefined || start === undefined) return;
  const method = hidden[start];
  if (typeof method !== "function") return;
  hidden[duration] = idleTimeout / 1000;
  method.call(socket);
}

function symbolOf(object: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(object).find((symbol) => symbol.description === description);
}
