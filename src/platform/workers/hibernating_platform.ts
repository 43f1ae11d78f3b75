/** workerd as the platform of a Durable Object whose sockets outlast its sleep. */
import type { Platform } from "../platform.ts";
import type { HibernatingSocket } from "./hibernating_socket.ts";
import { workersPlatform } from "./workers_platform.ts";

/** What workerd adds to the web's own interfaces. */
interface WorkerGlobals {
  readonly WebSocketPair: new () => { readonly 0: WebSocket; readonly 1: WebSocket };
}

/** Where sockets come from. */
export interface SocketSource {
  /** The socket of a request that was answered before the object slept. */
  revived(request: Request): HibernatingSocket | undefined;
  /** Takes a socket over. */
  accept(socket: WebSocket, request: Request): HibernatingSocket;
}

/** Makes it. */
export function hibernatingPlatform(source: SocketSource): Platform {
  return {
    ...workersPlatform(),
    upgradeWebSocket(request) {
      const { WebSocketPair } = globalThis as unknown as WorkerGlobals;
      const { 0: webSocket, 1: native } = new WebSocketPair();
      const init: ResponseInit & { webSocket: WebSocket } = { status: 101, webSocket };
      const response = new Response(null, init);
      const revived = source.revived(request);
      const socket = revived ?? source.accept(native, request);
      // One that is revived is opened by the object.
      if (revived === undefined) setTimeout(() => socket.open(), 0);
      return { socket: asWebSocket(socket), response };
    },
  };
}

/** The 101 of another worker, as one of this one: fields of what came by `fetch` cannot be set. */
export function ownUpgrade(response: Response): Response {
  const { webSocket } = response as Response & { readonly webSocket?: WebSocket | null };
  if (response.status !== 101 || !webSocket) return response;
  const init: ResponseInit & { webSocket: WebSocket } = {
    status: 101,
    headers: response.headers,
    webSocket,
  };
  return new Response(null, init);
}

/** It has what servers use of one. */
function asWebSocket(socket: HibernatingSocket): WebSocket {
  return socket as unknown as WebSocket;
}
