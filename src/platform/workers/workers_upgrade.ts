/** How workerd takes a WebSocket over. */
import type { Upgrade } from "../platform.ts";

/** The end of a WebSocket that a worker keeps. */
type AcceptableSocket = WebSocket & { accept(): void };

/** What workerd adds to the web's own interfaces. */
interface WorkerGlobals {
  readonly WebSocketPair: new () => { readonly 0: WebSocket; readonly 1: AcceptableSocket };
}

/**
 * Takes a WebSocket over. The runtime looks after silent peers, so there is no `idleTimeout` to set. It
 * has no event for a socket that is open, which others send when the 101 has left; and no event `close`
 * after a frame that breaks the protocol, which ends a connection with `error` alone.
 */
export function upgradeWebSocket(): Upgrade {
  const { WebSocketPair } = globalThis as unknown as WorkerGlobals;
  const { 0: webSocket, 1: socket } = new WebSocketPair();
  socket.binaryType = "arraybuffer";
  socket.addEventListener("error", () => {
    socket.dispatchEvent(new CloseEvent("close", { code: 1006 }));
  });
  setTimeout(() => {
    socket.accept();
    socket.dispatchEvent(new Event("open"));
  }, 0);
  const init: ResponseInit & { webSocket: WebSocket } = { status: 101, webSocket };
  return { socket, response: new Response(null, init) };
}
