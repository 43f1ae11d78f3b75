/** A WebSocket without a network: two ends, and a line in each direction. */
import { byteLength, type Chunk } from "../../http/body/chunk.ts";
import { type Frame, MemoryLine } from "./memory_line.ts";

/** `readyState` of a native socket. */
const State = { connecting: 0, open: 1, closing: 2, closed: 3 } as const;
/** What a runtime says of a connection that ended without a close frame. */
const ABNORMAL = 1006;
/** What a runtime says of a close frame without a code. */
const NO_STATUS = 1005;
const GOING_AWAY = 1001;

/**
 * One end. To what listens it is a native WebSocket (WHATWG WebSockets): the same events, the same
 * order, messages as text or `ArrayBuffer`.
 */
export class MemoryWebSocket extends EventTarget {
  /** As of a native one: 0 is connecting, 1 open, 2 closing, 3 closed. */
  readyState: number = State.connecting;
  /** As of a native one; bytes are always an `ArrayBuffer`. */
  binaryType = "arraybuffer";
  /** The subprotocol that the server has selected; empty if none. */
  protocol = "";
  /** Milliseconds after which this end drops a peer that does not read, 0 for never. */
  readonly #patience: number;
  readonly #incoming: MemoryLine = new MemoryLine((frame) => this.#receive(frame));
  #peer: MemoryWebSocket | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;

  /** @param patience As the `idleTimeout` of a platform; 0 unless given. */
  constructor(patience: number = 0) {
    super();
    this.#patience = patience;
  }

  /** Connects two ends. */
  static connect(server: MemoryWebSocket, client: MemoryWebSocket): void {
    server.#peer = client;
    client.#peer = server;
    // What the server sends when it is open comes after the client's own opening.
    client.#incoming.put({ type: "open" });
    server.#incoming.put({ type: "open" });
  }

  /** Bytes that the peer has not taken. */
  get bufferedAmount(): number {
    return this.#peer === undefined ? 0 : this.#peer.#incoming.unread;
  }

  /** As of a native one. */
  send(message: Chunk): void {
    if (this.readyState === State.connecting) {
      throw new DOMException("Cannot send: the WebSocket is not open yet", "InvalidStateError");
    }
    if (this.readyState !== State.open) return;
    // A native one sends UTF-8, which has no lone surrogates.
    const data = typeof message === "string" ? message.toWellFormed() : copyOf(message);
    this.#put({ type: "message", data, bytes: byteLength(message) });
  }

  /** As of a native one: what was sent before arrives before. */
  close(code: number = NO_STATUS, reason: string = ""): void {
    if (this.readyState >= State.closing) return;
    if (this.readyState === State.connecting) return this.terminate();
    this.readyState = State.closing;
    this.#put({ type: "close", code, reason });
  }

  /** Drops the connection, without a close frame. */
  terminate(): void {
    if (this.readyState === State.closed) return;
    this.#put({ type: "end" });
    this.#end(ABNORMAL, "");
  }

  /** Stops to read, as a client that hangs: it does not answer pings either. */
  pause(): void {
    this.#incoming.pause();
    if (this.#peer !== undefined) this.#peer.#loseSight();
  }

  /** Reads on. */
  resume(): void {
    if (this.#peer !== undefined) this.#peer.#regain();
    this.#incoming.resume();
  }

  /** The handshake has failed. */
  fail(error: Error): void {
    this.readyState = State.closed;
    const { message } = error;
    this.dispatchEvent(Object.assign(new Event("error"), { message, error }));
  }

  #put(frame: Frame): void {
    if (this.#peer !== undefined) this.#peer.#incoming.put(frame);
  }

  #receive(frame: Frame): void {
    if (this.readyState === State.closed) return;
    if (frame.type === "open") return this.#open();
    if (frame.type === "end") return this.#end(ABNORMAL, "");
    if (frame.type === "close") {
      this.close(frame.code, frame.reason);
      return this.#end(frame.code, frame.reason);
    }
    if (this.readyState !== State.open) return;
    this.dispatchEvent(new MessageEvent("message", { data: frame.data }));
  }

  #open(): void {
    if (this.readyState !== State.connecting) return;
    this.readyState = State.open;
    this.dispatchEvent(new Event("open"));
  }

  #end(code: number, reason: string): void {
    this.readyState = State.closed;
    this.#regain();
    this.#incoming.clear();
    const wasClean = code !== ABNORMAL;
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason, wasClean }));
  }

  /** The peer answers nothing any more. */
  #loseSight(): void {
    if (this.#patience === 0 || this.readyState === State.closed) return;
    this.#silence ??= setTimeout(() => {
      this.#put({ type: "end" });
      this.#end(GOING_AWAY, "No response from ping frame.");
    }, this.#patience);
  }

  #regain(): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }
}

function copyOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
