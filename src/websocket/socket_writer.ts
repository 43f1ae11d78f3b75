/** The half of a connection that sends. */
import type { Chunk } from "../http/body/chunk.ts";
import { silenceLimit } from "./limits.ts";
import type { FrameWebSocket } from "../platform/platform.ts";
import { MAX_IN_FLIGHT, Outbox, type Sender, SENT } from "./outbox.ts";
import type { WebSocketLimits } from "./settings.ts";
import type { SharedMessage } from "../topics/shared_message.ts";
import { WebSocketClosedError } from "./web_socket_error.ts";

/** The limits of what is sent. */
export type WriterLimits = Pick<
  WebSocketLimits,
  "highWaterMark" | "maxBufferedBytes" | "onSlow" | "pingInterval" | "pingTimeout"
>;

/** `readyState` of a native socket that is open. */
const OPEN = 1;

/**
 * Sends through a native socket, which the server's and the client's connections have in common. While
 * the peer reads, a message costs a call of the runtime and two additions; an outbox is there only
 * while it does not.
 */
export abstract class SocketWriter implements Sender {
  // What every message needs comes first, so that it shares a line of the processor's cache.
  readonly #socket: WebSocket;
  readonly #limits: WriterLimits;
  /** At least as much as is unsent: the runtime is asked only when it matters. */
  #unsent = 0;
  #inFlight = 0;
  #outbox: Outbox | undefined;
  /** The close frame, while messages wait before it. */
  #farewell: { readonly code: number; readonly reason: string | undefined } | undefined;

  constructor(socket: WebSocket, limits: WriterLimits) {
    this.#socket = socket;
    this.#limits = limits;
  }

  /** Drops the connection. */
  abstract cut(): void;
  /** The end has to come within some time: nothing more is sent. */
  protected abstract expectEnd(): void;
  /** The peer has more unsent than it may. */
  protected abstract onSlowPeer(): void;

  /**
   * Sends a message over an open connection.
   *
   * @param shared What gives the message to keep, if it goes to many.
   */
  protected write(message: Chunk, shared?: SharedMessage): Promise<void> {
    // No UTF-16 unit has more than three bytes in UTF-8.
    const bytes = typeof message === "string" ? message.length * 3 : message.length;
    if (this.#outbox !== undefined || !this.#hasRoom(bytes) && !this.#hasRoomByNow(bytes)) {
      return this.#writeSlowly(message, shared);
    }
    this.transmit(message, bytes, shared);
    return SENT;
  }

  #hasRoom(bytes: number): boolean {
    return this.#unsent + bytes <= this.#limits.highWaterMark && this.#inFlight < MAX_IN_FLIGHT;
  }

  #hasRoomByNow(bytes: number): boolean {
    this.measure();
    return this.#hasRoom(bytes);
  }

  #writeSlowly(message: Chunk, shared: SharedMessage | undefined): Promise<void> {
    const outbox = this.#outbox ??= new Outbox(this);
    outbox.flush();
    const { onSlow, maxBufferedBytes } = this.#limits;
    if (onSlow === "wait" || outbox.unsent <= maxBufferedBytes) outbox.put(message, shared);
    else if (onSlow === "close") {
      this.onSlowPeer();
      return refused();
    }
    return outbox.settle();
  }

  /** Sends a close frame, after what waits to be sent. */
  protected writeClose(code: number, reason: string | undefined): void {
    this.#farewell = { code, reason };
    this.expectEnd();
    if (this.#outbox === undefined || this.#outbox.size === 0) this.#sendClose(code, reason);
  }

  #sendClose(code: number, reason: string | undefined): void {
    this.#outbox?.discard();
    this.#socket.close(code, reason);
  }

  /** Nobody may wait for room any longer. */
  protected abandonWrites(): void {
    this.#outbox?.abandon(closedError());
  }

  /** Drops what waits: the connection is gone. */
  protected discardWrites(): void {
    this.#outbox?.abandon(closedError());
    this.#outbox?.discard();
    this.#outbox = undefined;
  }

  // ---- what the outbox asks and tells

  /** See `WebSocketLimits`. */
  get highWaterMark(): number {
    return this.#limits.highWaterMark;
  }

  /** As long as for a peer that does not answer a ping. */
  get stallTimeout(): number {
    return silenceLimit(this.#limits);
  }

  /** See `Sender`. */
  get unsent(): number {
    return this.#unsent;
  }

  /** See `Sender`. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Asks the runtime how much has not left yet. Where it does not tell, as workerd, nothing. */
  measure(): void {
    const before = this.#unsent;
    // A socket that the runtime has given up says 0.
    this.#unsent = this.#socket.readyState === OPEN ? this.#socket.bufferedAmount ?? 0 : Infinity;
    if (this.#unsent === Infinity) this.expectEnd();
    // Messages have left as bytes have: one by one, they are not counted.
    else this.#inFlight = before === 0 ? 0 : Math.ceil(this.#inFlight * this.#unsent / before);
  }

  /** Hands a message to the runtime. */
  transmit(message: Chunk, bytes: number, shared?: SharedMessage): void {
    // A native socket looks at the message only.
    (this.#socket as unknown as FrameWebSocket).send(message, shared);
    this.#unsent += bytes;
    this.#inFlight++;
  }

  /** Nothing waits any more. */
  onDrained(): void {
    this.#outbox = undefined;
    if (this.#farewell !== undefined) this.#sendClose(this.#farewell.code, this.#farewell.reason);
  }
}

function closedError(): WebSocketClosedError {
  return new WebSocketClosedError("Cannot writeMessage(): the WebSocket is closed");
}

/** A rejection that need not be awaited: a peer that leaves must not end the process. */
export function refused(): Promise<void> {
  const rejected = Promise.reject(closedError());
  rejected.catch(() => {});
  return rejected;
}
