/** WebSockets that this side opens. */
import { type ClientWebSocketInit, detectPlatform } from "./platform.ts";
import { UnsupportedFeatureError } from "./unsupported_feature_error.ts";

/**
 * Opens a WebSocket; its events tell what becomes of it.
 *
 * @throws {UnsupportedFeatureError} If the runtime takes no header fields.
 */
export function openClientWebSocket(url: string, init: ClientWebSocketInit): WebSocket {
  const { protocols, headers, connections } = init;
  const opened = detectPlatform().openWebSocket?.(url, init);
  if (opened !== undefined) return opened;
  if (typeof WebSocket === "undefined") {
    throw new UnsupportedFeatureError("WebSockets that this side opens", "Deno, Node or Bun");
  }
  if (headers === undefined && connections === undefined) return new WebSocket(url, [...protocols]);
  if (!("Deno" in globalThis)) {
    throw new UnsupportedFeatureError(
      "header fields of a WebSocket handshake",
      "Deno, Node or Bun",
    );
  }
  return new WebSocket(url, {
    protocols: [...protocols],
    ...headers !== undefined && { headers },
    ...connections,
  });
}

/** A WebSocket that looks after its peer by itself. */
interface WatchfulSocket {
  /** See the function of this name. */
  pingWhenSilent(idleTimeout: number): void;
}

/**
 * Has a peer pinged that is silent, and closes with 1001 when it stays so, each after half of the time.
 * Deno does so for the sockets of a server and only lacks a public way to ask for it here: where it is
 * not found, nothing happens.
 *
 * @param socket An open socket.
 * @param idleTimeout Milliseconds.
 */
export function pingWhenSilent(socket: WebSocket, idleTimeout: number): void {
  if (isWatchful(socket)) return socket.pingWhenSilent(idleTimeout);
  const hidden = socket as unknown as Record<symbol, unknown>;
  const duration = symbolOf(socket, "[[idleTimeout]]");
  const start = symbolOf(Object.getPrototypeOf(socket), "[[serverHandleIdleTimeout]]");
  if (duration === undefined || start === undefined) return;
  const method = hidden[start];
  if (typeof method !== "function") return;
  hidden[duration] = idleTimeout / 1000;
  method.call(socket);
}

function isWatchful(socket: object): socket is WatchfulSocket {
  return "pingWhenSilent" in socket;
}

function symbolOf(object: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(object).find((symbol) => symbol.description === description);
}
