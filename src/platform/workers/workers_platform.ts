/** workerd (Cloudflare's) as a platform: the web's own interfaces, and WebSockets. */
import type { Platform, Upgrade } from "../platform.ts";
import { standardPlatform } from "../standard_platform.ts";

/** The end of a WebSocket that a worker keeps. */
type AcceptableSocket = WebSocket & { accept(): void };

/** What workerd adds to the web's own interfaces. */
interface WorkerGlobals {
  readonly WebSocketPair: new () => { readonly 0: WebSocket; readonly 1: AcceptableSocket };
  readonly FixedLengthStream?: new (
    length: number,
  ) => TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>;
}

/** Cloudflare sets it on every request: what a client has sent in it is gone. */
const clientAddressField = "cf-connecting-ip";

/** The platform of workerd: the web's interfaces, WebSockets, and the addresses of clients. */
export function workersPlatform(): Platform {
  return {
    ...standardPlatform(),
    name: "workerd",
    clientAddressField,
    bodyOfLength,
    upgradeWebSocket,
  };
}

/** Of any other stream it sends chunks, whatever `Content-Length` says. Who only acts as workerd has none. */
function bodyOfLength(
  body: ReadableStream<Uint8Array>,
  length: number,
): ReadableStream<Uint8Array> {
  const { FixedLengthStream } = globals();
  return FixedLengthStream === undefined ? body : body.pipeThrough(new FixedLengthStream(length));
}

function globals(): WorkerGlobals {
  return globalThis as unknown as WorkerGlobals;
}

/**
 * Takes a WebSocket over. The runtime looks after silent peers, so there is no `idleTimeout` to set. It
 * has no event for a socket that is open, which others send when the 101 has left; and no event `close`
 * after a frame that breaks the protocol, which ends a connection with `error` alone.
 */
function upgradeWebSocket(): Upgrade {
  const { WebSocketPair } = globals();
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
