/** One native WebSocket of a client. */
import { pingWhenSilent } from "../../platform/client_socket.ts";
import { detectPlatform } from "../../platform/platform.ts";
import { byteLength, type Chunk } from "../../web/chunk.ts";
import { CloseCode, type Closing, closingOf } from "../close_code.ts";
import { LONGEST_TIMER, silenceLimit } from "../limits.ts";
import { Outbox, type Sender, SENT } from "../outbox.ts";
import { WebSocketClosedError } from "../web_socket_error.ts";

/** Who owns a link. */
export interface LinkOwner {
  /** A message has come. */
  receive(message: Chunk): void;
  /** The link is gone. */
  lose(closing: Closing): void;
}

/** The limits of a link. */
export interface LinkLimits {
  /** Bytes of a message. */
  readonly maxMessageSize: number;
  /** Milliseconds of silence before a ping; 0 for none. */
  readonly pingInterval: number;
  /** Milliseconds that the peer has to answer it. */
  readonly pingTimeout: number;
  /** Milliseconds that the peer has to answer a close frame. */
  readonly closeTimeout: number;
}

/** Bytes unsent above which a writer waits. */
const HIGH_WATER_MARK = 256 * 1024;
/** A client may send no other codes of the protocol than 1000: these stand for them (RFC 6455 §7.4.2). */
const PRIVATE_CODES = 3000;

/** `readyState` of a socket that is open. */
const OPEN = 1;

/** Listens to an open socket, and sees to it that its end is reported once. */
export class ClientLink implements EventListenerObject, Sender {
  /** What backlogs are measured against. */
  readonly highWaterMark: number = HIGH_WATER_MARK;

  readonly #socket: WebSocket;
  readonly #owner: LinkOwner;
  readonly #limits: LinkLimits;
  #unsentAtMost = 0;
  /** While the peer reads slowly. */
  #outbox: Outbox | undefined;
  #farewell: Closing | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #isLost = false;

  /** @param socket An open socket. */
  constructor(socket: WebSocket, owner: LinkOwner, limits: LinkLimits) {
    this.#socket = socket;
    this.#owner = owner;
    this.#limits = limits;
    for (const type of ["message", "close", "error"]) socket.addEventListener(type, this);
    const silence = silenceLimit(limits);
    if (silence > 0) pingWhenSilent(socket, silence);
  }

  /** As long as for a peer that does not answer a ping. */
  get stallTimeout(): number {
    return silenceLimit(this.#limits);
  }

  /** Receives the events of the socket. */
  handleEvent(event: Event): void {
    if (event.type === "message") {
      this.#receive((event as MessageEvent<string | ArrayBuffer>).data);
    } else if (event.type === "close") {
      this.#lose(closingOf(event as CloseEvent, this.#farewell));
    } else {
      // The end is reported next; a runtime may take the event for an uncaught exception.
      event.preventDefault();
    }
  }

  /** Asks the runtime how many bytes have not left yet. Where it does not tell, as workerd, none. */
  measureUnsent(): number {
    // One that the runtime has given up says 0.
    if (this.#socket.readyState !== OPEN) {
      this.#expectEnd();
      return Infinity;
    }
    return this.#socket.bufferedAmount ?? 0;
  }

  /** Sends a message; the promise settles when there is room for more. */
  send(message: Chunk): Promise<void> {
    // No UTF-16 unit has more than three bytes in UTF-8.
    const bytes = typeof message === "string" ? message.length * 3 : message.length;
    if (this.#unsentAtMost + bytes > HIGH_WATER_MARK && !this.#hasRoom(bytes)) {
      return this.#sendSlowly(message);
    }
    this.#unsentAtMost += bytes;
    this.transmit(message);
    return SENT;
  }

  #hasRoom(bytes: number): boolean {
    if (this.#outbox !== undefined) return false;
    this.#unsentAtMost = this.measureUnsent();
    return this.#unsentAtMost + bytes <= HIGH_WATER_MARK;
  }

  #sendSlowly(message: Chunk): Promise<void> {
    const outbox = this.#outbox ??= new Outbox(this);
    outbox.flush();
    outbox.put(message);
    // What comes next must not overtake what waits.
    this.#unsentAtMost = Infinity;
    return outbox.whenDrained();
  }

  /** Hands a message to the runtime. */
  transmit(message: Chunk): void {
    // The type asks for an ArrayBuffer beneath; what is shared is copied just the same.
    this.#socket.send(message as string | Uint8Array<ArrayBuffer>);
  }

  /** The peer has taken what waited for it. */
  onDrained(): void {
    this.#outbox = undefined;
    this.#unsentAtMost = this.measureUnsent();
    if (this.#farewell !== undefined) this.#sendClose(this.#farewell);
  }

  /**
   * Sends a close frame, once.
   *
   * @param code What is reported. On the wire a code that a client must not send is 3000 higher.
   */
  close(code: number, reason: string | null = null): void {
    if (this.#farewell !== undefined || this.#isLost) return;
    this.#farewell = { code, reason };
    this.#outbox?.abandon(closedError());
    this.#sendClose(this.#farewell);
  }

  /** It comes after what waits to be sent. */
  #sendClose({ code, reason }: Closing): void {
    this.#expectEnd();
    if (this.#outbox !== undefined && this.#outbox.size > 0) return;
    this.#outbox?.discard();
    const sent = code ?? CloseCode.normal;
    const isAllowed = sent === CloseCode.normal || sent >= 3000;
    this.#socket.close(isAllowed ? sent : sent + PRIVATE_CODES, reason ?? undefined);
  }

  /** The runtime waits for a peer forever. */
  #expectEnd(): void {
    this.#deadline ??= setTimeout(
      () => this.cut(),
      Math.min(this.#limits.closeTimeout, LONGEST_TIMER),
    );
  }

  /** Drops the connection. */
  cut(): void {
    detectPlatform().terminate(this.#socket);
    this.#lose(this.#farewell ?? { code: CloseCode.abnormal, reason: null });
  }

  #receive(data: string | ArrayBuffer): void {
    if (this.#farewell !== undefined || this.#isLost) return;
    const message = typeof data === "string" ? data : new Uint8Array(data);
    if (byteLength(message) <= this.#limits.maxMessageSize) this.#owner.receive(message);
    else this.close(CloseCode.tooBig, "Message is too big");
  }

  #lose(closing: Closing): void {
    if (this.#isLost) return;
    this.#isLost = true;
    clearTimeout(this.#deadline);
    this.#outbox?.abandon(closedError());
    this.#outbox?.discard();
    this.#outbox = undefined;
    // What this side found wrong says more than the code that the peer gives back for it.
    const own = this.#farewell;
    this.#owner.lose(own === undefined || own.code === CloseCode.normal ? closing : own);
  }
}

/** What a write to a closed connection rejects with. */
export function closedError(): WebSocketClosedError {
  return new WebSocketClosedError("Cannot writeMessage(): the WebSocket is closed");
}
