/** The WebSockets of Bun in the shape of the web's. */
import type { BunWebSocketHooks } from "../platform.ts";
import { flagOf } from "../socket_events.ts";
import type { BunSocket } from "./bun_api.ts";
import { silenceWatch } from "./silence_watch.ts";

/** The events that there are. */
type SocketEventType = "open" | "message" | "close" | "error" | "ping" | "pong";

/** As much of an event as is looked at. Those of the web cost more than a message. */
interface SocketEvent {
  readonly type: SocketEventType;
  /** Bytes come in an `ArrayBuffer`, as `attach` has asked for. */
  readonly data?: string | ArrayBuffer | Uint8Array;
  readonly code?: number;
  readonly reason?: string;
}

/** How a WebSocket is. */
export interface BunWebSocketOptions {
  /** Milliseconds of silence after which the peer is dropped; 0 for never. */
  readonly idleTimeout: number;
  /** Whether what is sent is compressed, if the peer can read that. */
  readonly compress: boolean;
}

const MESSAGE = flagOf("message");
/** The event of all messages, whose data is taken out before another one can come. */
const messageEvent: { readonly type: "message"; data: string | ArrayBuffer | Uint8Array } = {
  type: "message",
  data: "",
};

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** What Bun itself sends in a close frame, by the reason that it gives; it tells 1006 for all of them. */
const OWN_CODES: readonly (readonly [reason: RegExp, code: number])[] = [
  [/^Received (?:too big message|message that does not fit)/, 1009],
  [/^Received invalid UTF-8/, 1007],
  [/^Received /, 1002],
];
const ABNORMAL = 1006;

/**
 * One WebSocket.
 *
 * It has what is used of the web's `WebSocket`, and one listener for each event: an `EventTarget` of
 * its own would take more memory than all the rest of it.
 */
export class BunWebSocket {
  /** As of the web's: 0 to 3. */
  readyState: number = CONNECTING;
  /** See `BunWebSocketOptions`. */
  readonly idleTimeout: number;
  /** Whether what is sent is compressed, if the peer can read that. */
  readonly compresses: boolean;
  /** For how many looks of the watch nothing has come; see `silence_watch.ts`. */
  silence = 0;
  #link: BunSocket | undefined;
  #listener: EventListenerObject | undefined;
  #listened = 0;
  #code: number | undefined;
  #reason: string | undefined;

  /** @param options How it is to be. */
  constructor({ idleTimeout, compress }: BunWebSocketOptions) {
    this.idleTimeout = idleTimeout;
    this.compresses = compress;
  }

  // ---- what the library uses of it

  /** Bytes that have not left. */
  get bufferedAmount(): number {
    return this.#link?.getBufferedAmount() ?? 0;
  }

  /**
   * Has a listener told of an event.
   *
   * @throws {TypeError} If there is another listener already.
   */
  addEventListener(type: string, listener: EventListenerObject): void {
    if (this.#listener !== undefined && this.#listener !== listener) {
      throw new TypeError("Cannot listen to a WebSocket of Bun: it has a listener already");
    }
    this.#listener = listener;
    this.#listened |= flagOf(type);
  }

  /** Has a listener told of an event no longer. */
  removeEventListener(type: string, _listener: EventListenerObject): void {
    this.#listened &= ~flagOf(type);
    if (this.#listened === 0) this.#listener = undefined;
  }

  /** Sends a message; nothing when it is closed. One that Bun drops is the last: none may be missing. */
  send(message: string | Uint8Array): void {
    const sent = this.#link?.send(message, this.compresses);
    if (sent === DROPPED && message.length > 0) queueMicrotask(() => this.terminate());
  }

  /** See `PingableSocket`. */
  ping(data: string | Uint8Array = ""): void {
    this.#link?.ping(data);
  }

  /**
   * Sends a close frame, after what has not left: Bun closes at once, and keeps what is unsent of a
   * closed connection, with the connection, until its peer goes.
   */
  close(code?: number, reason?: string): void {
    if (this.readyState >= CLOSING) return;
    this.readyState = CLOSING;
    this.#code = code;
    this.#reason = reason;
    this.#closeWhenSent();
  }

  #closeWhenSent(): void {
    if (this.bufferedAmount === 0) this.#link?.close(this.#code ?? 1000, this.#reason);
  }

  /** Drops the connection. */
  terminate(): void {
    this.#link?.terminate();
  }

  // ---- what Bun reports

  /** The 101 is written, and Bun has the other end. */
  attach(link: BunSocket): void {
    link.binaryType = "uint8array";
    this.#link = link;
  }

  /** Tells that it is open. */
  opened(): void {
    if (this.#link === undefined) return this.failed();
    if (this.readyState === CONNECTING) this.readyState = OPEN;
    if (this.idleTimeout > 0) silenceWatch(this.idleTimeout).add(this);
    this.#tell({ type: "open" });
    if (this.readyState === CLOSING) this.#closeWhenSent();
  }

  /** Tells that it never opened: the client has left. */
  failed(): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.#tell({ type: "error" });
  }

  /** A message has come. */
  received(data: string | ArrayBuffer | Uint8Array): void {
    this.silence = 0;
    if ((this.#listened & MESSAGE) === 0) return;
    messageEvent.data = data;
    this.#listener?.handleEvent(messageEvent as unknown as Event);
    // Nothing keeps what was received last.
    messageEvent.data = "";
  }

  /** The peer has taken some bytes, so it is there. */
  drained(): void {
    this.silence = 0;
    if (this.readyState === CLOSING) this.#closeWhenSent();
  }

  /** A ping has come. It is no traffic that would save a ping of ours. */
  pinged(data: ArrayBuffer | Uint8Array): void {
    this.#tell({ type: "ping", data });
  }

  /** A pong has come. */
  ponged(data: ArrayBuffer | Uint8Array): void {
    this.silence = 0;
    this.#tell({ type: "pong", data });
  }

  /** The connection is gone. */
  closed(code: number, reason: string): void {
    if (this.readyState === CLOSED) return;
    const isOwn = this.readyState === CLOSING;
    this.readyState = CLOSED;
    this.#link = undefined;
    if (this.idleTimeout > 0) silenceWatch(this.idleTimeout).delete(this);
    const event = { type: "close", ...closingOf(code, reason) } as const;
    // Bun reports within the call that closes: who closes must not be told before that returns.
    if (isOwn) queueMicrotask(() => this.#tell(event));
    else this.#tell(event);
  }

  #tell(event: SocketEvent): void {
    if ((this.#listened & flagOf(event.type)) === 0) return;
    // The listener is the library's own, and looks at no more than is there.
    this.#listener?.handleEvent(event as unknown as Event);
  }
}

function closingOf(code: number, reason: string): { code: number; reason: string } {
  if (code !== ABNORMAL) return { code, reason };
  const own = OWN_CODES.find(([pattern]) => pattern.test(reason));
  return own === undefined ? { code, reason: "" } : { code: own[1], reason };
}

/** Bytes of a message that Bun can take. */
const LARGEST = 2 ** 30;

/**
 * Bytes unsent above which Bun drops what it is given. Messages stay below, by the high-water mark; what
 * could come to it are the answers to the pings of a peer that does not read.
 */
const MAX_UNSENT = 64 * 1024 * 1024;
/** What Bun tells then, and of an empty message. */
const DROPPED = 0;

/**
 * What Bun calls for the WebSockets of a server.
 *
 * @param maxMessageSize Bytes; a larger message closes with 1009.
 */
export function webSocketHooks(maxMessageSize: number): BunWebSocketHooks {
  return {
    maxPayloadLength: Math.min(maxMessageSize, LARGEST),
    idleTimeout: 0,
    sendPings: false,
    backpressureLimit: MAX_UNSENT,
    perMessageDeflate: { compress: "shared", decompress: "shared" },
    open: (link) => attach(link as BunSocket),
    message: (link, message) => socketOf(link)?.received(message),
    close: (link, code, reason) => socketOf(link)?.closed(code, reason),
    drain: (link) => socketOf(link)?.drained(),
    ping: (link, data) => socketOf(link)?.pinged(data),
    pong: (link, data) => socketOf(link)?.ponged(data),
  };
}

/** A program may have made a WebSocket of a request by itself: its messages are not for the library. */
function attach(link: BunSocket): void {
  if (link.data instanceof BunWebSocket) link.data.attach(link);
  else link.terminate();
}

/** Only what was attached is open, and has messages. */
function socketOf(link: object): BunWebSocket | undefined {
  const { data } = link as BunSocket;
  return data instanceof BunWebSocket ? data : undefined;
}
