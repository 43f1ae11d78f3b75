/** The WebSocket of a Durable Object that may sleep while the socket stays open. */

/** A socket as the runtime gives it to an object. */
export type NativeSocket = Pick<WebSocket, "send" | "close" | "readyState">;

/** What watches a socket. */
export interface SocketObserver {
  /** A frame goes to the client. Whether it really goes, which it does not while the socket is revived. */
  isSent(frame: string): boolean;
}

/**
 * Looks to a server like any other WebSocket. What comes in is not an event of the runtime's socket, which
 * would be lost with the memory of the object, but is handed over by the object.
 */
export class HibernatingSocket extends EventTarget {
  /** What binary messages are. */
  binaryType = "arraybuffer";
  /** What waits is not known. */
  readonly bufferedAmount = 0;
  readonly #native: NativeSocket;
  readonly #observer: SocketObserver;
  #isOpen = false;

  /** @param native The socket of the runtime, which it has accepted. */
  constructor(native: NativeSocket, observer: SocketObserver) {
    super();
    this.#native = native;
    this.#observer = observer;
  }

  /** Of the runtime's socket. */
  get readyState(): number {
    return this.#native.readyState;
  }

  /** Tells the server that the socket is open, once. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.dispatchEvent(new Event("open"));
  }

  /** Hands a message of the client over. */
  receive(data: string | ArrayBuffer): void {
    this.open();
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  /** Tells the server that the client has left. */
  end(code: number, reason: string): void {
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason }));
  }

  /** Sends a message. */
  send(message: string | Uint8Array<ArrayBuffer>): void {
    if (typeof message === "string" && !this.#observer.isSent(message)) return;
    this.#native.send(message);
  }

  /** Sends a close frame. */
  close(code?: number, reason?: string): void {
    this.#native.close(code, reason);
  }
}
