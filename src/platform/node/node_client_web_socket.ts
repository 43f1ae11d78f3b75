/** A WebSocket that this side opens by the package `ws`, in the shape of the web's. */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { LONGEST_DELAY } from "../timer.ts";
import type { ClientWebSocketInit } from "../platform.ts";
import type { WsSocket } from "./node_upgrade.ts";
import { silenceWatch } from "./silence_watch.ts";

interface WsClient extends WsSocket {
  readonly bufferedAmount: number;
  binaryType: string;
  send(message: string | Uint8Array): void;
}

interface WsModule {
  readonly WebSocket: new (
    url: string,
    protocols: readonly string[],
    options: Readonly<Record<string, unknown>>,
  ) => WsClient;
}

/** How a connection has ended. */
interface End {
  readonly code: number;
  readonly reason: string;
}

const CONNECTING = 0;
const CLOSED = 3;
const ABNORMAL = 1006;
const TOO_BIG: End = { code: 1009, reason: "Message is too big" };
const SILENT: End = { code: 1001, reason: "No response from ping frame" };
const PROTOCOL = "sec-websocket-protocol";

/** The socket. `ws` is loaded with the first one, so it opens a little later than it is made. */
export class NodeClientWebSocket extends EventTarget {
  /** As of the web's; bytes are always an `ArrayBuffer`. */
  binaryType = "arraybuffer";
  /** The subprotocol that the server has selected; empty if none. */
  protocol = "";
  #ws: WsClient | undefined;
  #stream: Socket | undefined;
  #idleTimeout = 0;
  /** What this side has found wrong. */
  #fault: End | undefined;
  #isOver = false;
  /** For the watch: what had come at its last look, and for how many looks nothing has. */
  heard = 0;
  silent = 0;

  /** Begins the handshake. */
  constructor(url: string, init: ClientWebSocketInit) {
    super();
    this.#connect(url, init).catch((error) => this.#fail(error));
  }

  /** The same, for those who want a `WebSocket`. */
  asWebSocket(): WebSocket {
    return this as unknown as WebSocket;
  }

  /** See `WebSocket`. */
  get readyState(): number {
    return this.#isOver ? CLOSED : this.#ws?.readyState ?? CONNECTING;
  }

  /** See `WebSocket`. */
  get bufferedAmount(): number {
    return this.#ws?.bufferedAmount ?? 0;
  }

  /** See `WebSocket`. */
  send(message: string | Uint8Array): void {
    this.#ws?.send(message);
  }

  /** See `WebSocket`. */
  close(code?: number, reason?: string): void {
    if (this.#ws !== undefined) this.#ws.close(code, reason);
    else this.#fail(new Error("The WebSocket was closed before it was open"));
  }

  /** Drops the connection. */
  terminate(): void {
    this.#ws?.terminate();
  }

  // ---- what the watch asks and tells

  /**
   * Pings the peer when it has been silent for half of a time, and closes with 1001 when it has been
   * for all of it.
   *
   * @param idleTimeout Milliseconds.
   */
  pingWhenSilent(idleTimeout: number): void {
    if (this.#isOver) return;
    this.#idleTimeout = idleTimeout;
    silenceWatch(idleTimeout).add(this);
  }

  /** Bytes that have come over the connection. */
  get bytesRead(): number {
    return this.#stream?.bytesRead ?? 0;
  }

  ping(): void {
    if (this.#ws?.readyState === 1) this.#ws.ping();
  }

  /** The peer is told, for the case that it hears. */
  lose(): void {
    this.#ws?.close(SILENT.code, SILENT.reason);
    this.#end(SILENT);
    this.#stream?.destroySoon();
  }

  // ---- what `ws` tells

  async #connect(url: string, init: ClientWebSocketInit): Promise<void> {
    const { WebSocket } = await import("ws") as unknown as WsModule;
    if (this.#isOver) return;
    const [place = ""] = url.split("#");
    const ws = new WebSocket(place, [], this.#options(init));
    this.#ws = ws;
    ws.binaryType = "arraybuffer";
    ws.on("upgrade", (response: IncomingMessage) => this.#select(response));
    ws.on("open", () => this.dispatchEvent(new Event("open")));
    ws.on("message", (data: ArrayBuffer | Uint8Array, isBinary: boolean) => {
      this.dispatchEvent(new MessageEvent("message", { data: isBinary ? data : String(data) }));
    });
    ws.on("error", (error: Error & { readonly code?: string }) => {
      if (error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") this.#fault ??= TOO_BIG;
      this.#report(error);
    });
    ws.on("close", (code: number, reason: Uint8Array) => {
      this.#end(this.#fault ?? { code, reason: String(reason) });
    });
  }

  #options({ protocols, headers, limits }: ClientWebSocketInit): Readonly<Record<string, unknown>> {
    const { maxMessageSize = 0, closeTimeout = LONGEST_DELAY } = limits ?? {};
    return {
      headers: {
        ...Object.fromEntries(headers ?? []),
        // A server may select none, which `ws` would not have; what else it selects, the caller judges.
        ...protocols.length > 0 && { [PROTOCOL]: protocols.join(", ") },
      },
      maxPayload: Math.min(maxMessageSize, Number.MAX_SAFE_INTEGER),
      closeTimeout: Math.min(closeTimeout, LONGEST_DELAY),
      perMessageDeflate: false,
      finishRequest: (request: ClientRequest) => {
        request.on("information", ({ statusCode }) => {
          if (statusCode === 101) request.destroy(new Error("Invalid Upgrade header"));
        });
        request.end();
      },
    };
  }

  #select({ headers, socket }: IncomingMessage): void {
    this.#stream = socket;
    this.protocol = String(headers[PROTOCOL] ?? "");
    delete headers[PROTOCOL];
  }

  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#report(error);
    this.#end({ code: ABNORMAL, reason: "" });
  }

  #report(error: Error): void {
    const { message } = error;
    const event = new Event("error", { cancelable: true });
    this.dispatchEvent(Object.assign(event, { message, error }));
  }

  #end(end: End): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#idleTimeout > 0) silenceWatch(this.#idleTimeout).delete(this);
    this.dispatchEvent(Object.assign(new Event("close"), end));
  }
}
