/** Workers of Cloudflare's kind (workerd) as a platform. */
import type { Platform, Upgrade } from "./platform.ts";
import { standardPlatform } from "./standard.ts";

/** The end of a WebSocket that a worker keeps. */
type AcceptableSocket = WebSocket & { accept(): void };

/** What workerd adds to the web's own interfaces. */
interface WorkerGlobals {
  readonly WebSocketPair: new () => { readonly 0: WebSocket; readonly 1: AcceptableSocket };
}

/** Whether this is such a runtime. */
export function isWorkers(): boolean {
  return "WebSocketPair" in globalThis;
}

/** The platform of workerd: the web's interfaces, and WebSockets. */
export function workersPlatform(): Platform {
  return { ...standardPlatform(), name: "workerd", upgradeWebSocket };
}

/**
 * Takes a WebSocket over. The runtime looks after silent peers, so there is no `idleTimeout` to set;
 * and it has no event for a socket that is open, which others send when the 101 has left.
 */
function upgradeWebSocket(): Upgrade {
  const { WebSocketPair } = globalThis as unknown as WorkerGlobals;
  const { 0: webSocket, 1: socket } = new WebSocketPair();
  socket.binaryType = "arraybuffer";
  setTimeout(() => {
    socket.accept();
    socket.dispatchEvent(new Event("open"));
  }, 0);
  const init: ResponseInit & { webSocket: WebSocket } = { status: 101, webSocket };
  return { socket, response: new Response(null, init) };
}
