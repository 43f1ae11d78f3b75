/** The end of a connection without a close frame. */
import type { Platform } from "../platform/platform.ts";

/** A WebSocket that can drop its own connection, which the web's cannot. */
interface TerminableSocket {
  /** Drops the connection, without a close frame. */
  terminate(): void;
}

/** Drops the connection of a socket, as far as it, or the runtime, can. */
export function dropConnection(socket: WebSocket, platform: Platform): void {
  if (isTerminable(socket)) socket.terminate();
  else platform.terminate(socket);
}

function isTerminable(socket: object): socket is TerminableSocket {
  return "terminate" in socket && typeof socket.terminate === "function";
}
