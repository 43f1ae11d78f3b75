/** The WebSockets of Bun that this side opens, which look after their peers as those of a server do. */
import type { ClientWebSocketInit } from "../platform.ts";
import { silenceWatch, type Watched } from "./silence_watch.ts";

/** What Bun's `WebSocket` has beyond the web's. */
interface BunClientSocket extends WebSocket {
  ping(data: string): void;
  terminate(): void;
}

const SILENT = { code: 1001, reason: "No response from ping frame" };

/** Opens one. */
export function openWebSocket(url: string, init: ClientWebSocketInit): WebSocket {
  const { protocols, headers } = init;
  const socket = new WebSocket(url, {
    protocols: [...protocols],
    ...headers !== undefined && { headers },
  }) as BunClientSocket;
  return Object.assign(socket, {
    pingWhenSilent: (idleTimeout: number) => void new PeerWatch(socket, idleTimeout),
  });
}

/** Notices what comes of a peer. */
class PeerWatch implements Watched, EventListenerObject {
  silence = 0;
  readonly #socket: BunClientSocket;
  readonly #idleTimeout: number;

  constructor(socket: BunClientSocket, idleTimeout: number) {
    this.#socket = socket;
    this.#idleTimeout = idleTimeout;
    for (const type of ["message", "ping", "pong", "close"]) socket.addEventListener(type, this);
    silenceWatch(idleTimeout).add(this);
  }

  handleEvent({ type }: Event): void {
    if (type === "close") silenceWatch(this.#idleTimeout).delete(this);
    else this.silence = 0;
  }

  ping(data: string): void {
    this.#socket.ping(data);
  }

  /** Of a connection that is dropped, Bun tells 1006. */
  terminate(): void {
    this.#socket.dispatchEvent(Object.assign(new Event("close"), SILENT));
    this.#socket.terminate();
  }
}
