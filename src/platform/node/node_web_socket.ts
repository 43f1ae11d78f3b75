/** A WebSocket of `ws`, with the members of the web's that the library uses. */
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { FrameHolder, FrameWebSocket, UpgradeOptions } from "../platform.ts";
import { flagOf } from "../socket_events.ts";
import type { WsSocket } from "./node_upgrade.ts";
import { type SilenceWatch, silenceWatch } from "./silence_watch.ts";
import { type Deflating, sharedFrame } from "./web_socket_frame.ts";
import { unmaskByWords } from "./word_mask.ts";

/** Where a socket of `ws` has ours. */
export const owner: unique symbol = Symbol("owner");

/** What the library's listeners look at in an event. */
interface SocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
}

interface Listener {
  handleEvent(event: SocketEvent): void;
}

/** Of a connection that ended without a close frame: the number that Deno has for it. */
const NO_FRAME = 0;
const TOO_BIG = 1009;
const GOING_AWAY = 1001;
/** Milliseconds in which a last frame may leave, and a peer close the connection by itself. */
const LAST_GRACE = 500;

/**
 * The socket. What is sent goes to the connection directly, as a frame in one piece, which a message to
 * many has made once; everything else is done by `ws`.
 */
export class NodeWebSocket implements FrameWebSocket {
  /** How it is to be: forgotten once it is open. */
  options: UpgradeOptions | undefined;
  readonly #stream: Duplex;
  #ws: WsSocket | undefined;
  #deflating: Deflating | undefined;
  #failed = false;
  /** The engine gives the connection up: its timer, which ends it. */
  #ending: ReturnType<typeof setTimeout> | undefined;
  #told = false;
  /** The library listens with one object, to some events. */
  #listener: Listener | undefined;
  #listened = 0;
  /** Who pings it when it is silent. */
  #watch: SilenceWatch | undefined;
  /** Where it is listed while it is open. */
  #open: Set<NodeWebSocket> | undefined;
  /** For the watch: what had come at its last look, and for how many looks nothing has. */
  heard = 0;
  silent = 0;

  constructor(stream: Duplex, options: UpgradeOptions) {
    this.#stream = stream;
    this.options = options;
  }

  /** The same, for those who want a `WebSocket`. */
  asWebSocket(): WebSocket {
    return this as unknown as WebSocket;
  }

  /** See `WebSocket`. */
  get readyState(): number {
    return this.#ws?.readyState ?? (this.#failed ? 3 : 0);
  }

  /** See `WebSocket`. */
  get bufferedAmount(): number {
    return this.#stream.writableLength;
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listener = listener;
    this.#listened |= flagOf(type);
  }

  removeEventListener(type: string): void {
    this.#listened &= ~flagOf(type);
  }

  send(message: string | Uint8Array, shared?: FrameHolder): void {
    if (this.#ws?.readyState !== 1) return;
    this.#stream.write(sharedFrame(message, shared, this.#deflating));
  }

  close(code?: number, reason?: string): void {
    this.#ws?.close(code, reason);
  }

  ping(data?: string | Uint8Array): void {
    if (this.#ws?.readyState === 1) this.#ws.ping(data);
  }

  /** Drops the connection, also one whose peer does not read. */
  terminate(): void {
    // A last frame may still be on its way.
    if (this.#ending !== undefined) return;
    this.#destroy();
  }

  #destroy(): void {
    const stream = this.#stream;
    if (isResettable(stream)) stream.resetAndDestroy();
    else stream.destroy();
  }

  /** Bytes that have come over the connection. */
  get bytesRead(): number {
    return (this.#stream as Socket).bytesRead ?? 0;
  }

  // ---- what the upgrade tells

  /**
   * The 101 has left.
   *
   * @param extensions Those that were agreed on.
   * @param open Where it is listed while it is open.
   */
  open(ws: WsSocket, extensions: string, open: Set<NodeWebSocket>): void {
    this.#ws = ws;
    this.#open = open;
    open.add(this);
    const { compression, idleTimeout = 0 } = this.options ?? {};
    this.options = undefined;
    if (compression !== undefined && extensions !== "") {
      this.#deflating = { ...compression, windowBits: windowBitsOf(extensions) };
    }
    ws[owner] = this;
    unmaskByWords(ws);
    ws.on("message", onMessage as never);
    ws.on("close", onClose as never);
    ws.on("error", onError as never);
    if (this.#listensTo("ping")) ws.on("ping", onPing as never);
    if (this.#listensTo("pong")) ws.on("pong", onPong as never);
    this.#stream.on("finish", onFinish);
    if (idleTimeout > 0) this.#watch = silenceWatch(idleTimeout);
    this.#watch?.add(this);
    this.dispatch({ type: "open" });
  }

  /** There will be no socket. */
  fail(): void {
    if (this.#ws !== undefined) return;
    this.#failed = true;
    this.dispatch({ type: "error" });
  }

  /** `ws` has closed because of what the peer has sent. */
  broken(code: number): void {
    this.#endSoon();
    this.closed(code, "");
  }

  /** The peer is silent: it is told so, as Deno does, for the case that it hears. */
  lose(): void {
    this.#ws?.close(GOING_AWAY, "No response from ping frame");
    this.#endSoon();
    this.closed(GOING_AWAY, "No response from ping frame");
  }

  /** The server stops: who has not answered in a moment is dropped. */
  leave(): void {
    this.#ws?.close(GOING_AWAY);
    this.#endSoon();
  }

  #endSoon(): void {
    lingering.add(this.#stream);
    this.#ending ??= setTimeout(() => this.#destroy(), LAST_GRACE);
  }

  /** The stream is gone. */
  gone(code: number, reason: string): void {
    clearTimeout(this.#ending);
    this.#open?.delete(this);
    this.closed(code === 1006 ? NO_FRAME : code, reason);
  }

  /** The connection is over, as far as the listeners are to know. */
  closed(code: number, reason: string): void {
    if (this.#told) return;
    this.#told = true;
    this.#watch?.delete(this);
    this.dispatch({ type: "close", code, reason });
  }

  dispatch(event: SocketEvent): void {
    if (this.#listensTo(event.type)) this.#listener?.handleEvent(event);
  }

  #listensTo(type: string): boolean {
    return (this.#listened & flagOf(type)) !== 0;
  }
}

/** Connections whose peer may close them, for a moment: what it still sends would lose a last frame. */
const lingering = new WeakSet<Duplex>();

/** Both sides have said that it is over: it is the server that closes (RFC 6455 §7.1.1). */
function onFinish(this: Duplex): void {
  if (!lingering.has(this)) this.destroy();
}

// The functions are those of all sockets: a closure for each would take memory.

interface Bytes extends Uint8Array {
  toString(): string;
}

/** `ws` has looked for what is no UTF-8 already. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** Bytes above which the decoder is the faster one: on Deno by far. */
const LONG = 256;

function onMessage(this: WsSocket, bytes: Bytes, isBinary: boolean): void {
  this[owner]?.dispatch({
    type: "message",
    data: isBinary ? new Uint8Array(bytes) : textOf(bytes),
  });
}

function textOf(bytes: Bytes): string {
  return bytes.length > LONG ? decoder.decode(bytes) : bytes.toString();
}

function onClose(this: WsSocket, code: number, reason: Bytes): void {
  this[owner]?.gone(code, reason.toString());
}

function onError(this: WsSocket, error: { readonly code?: string }): void {
  const { code = "" } = error;
  // That of the connection itself is followed by its end.
  if (/^E[A-Z]+$/.test(code)) return;
  this[owner]?.broken(/_MESSAGE_LENGTH$/.test(code) ? TOO_BIG : NO_FRAME);
}

function onPing(this: WsSocket, data: Uint8Array): void {
  this[owner]?.dispatch({ type: "ping", data: new Uint8Array(data).buffer });
}

function onPong(this: WsSocket, data: Uint8Array): void {
  this[owner]?.dispatch({ type: "pong", data: new Uint8Array(data).buffer });
}

function windowBitsOf(extensions: string): number {
  return Number(/server_max_window_bits=(\d+)/.exec(extensions)?.[1] ?? 15);
}

function isResettable(stream: Duplex): stream is Socket {
  // That of TLS has the method, and it does nothing of use.
  return "resetAndDestroy" in stream && !("encrypted" in stream);
}
