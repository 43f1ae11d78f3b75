/** One native WebSocket of a client. */
import { dropConnection } from "../socket_end.ts";
import { LONGEST_DELAY } from "../../platform/timer.ts";
import { pingWhenSilent } from "../../platform/client_web_socket.ts";
import { detectPlatform } from "../../platform/platform.ts";
import { type Chunk, isLongerThan } from "../../http/body/chunk.ts";
import { CloseCode, type Closing, closingOf } from "../close_code.ts";
import { DEFAULT_LIMITS, silenceLimit } from "../limits.ts";
import { SocketWriter } from "../socket_writer.ts";

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

/** What an application may leave unsent is for it to see to: a writer is only made to wait. */
const WRITER_LIMITS = {
  highWaterMark: DEFAULT_LIMITS.highWaterMark,
  maxBufferedBytes: Infinity,
  onSlow: "wait",
} as const;
/** A client may send no other codes of the protocol than 1000: these stand for them (RFC 6455 §7.4.2). */
const PRIVATE_CODES = 3000;

/** Listens to an open socket, and sees to it that its end is reported once. */
export class ClientLink extends SocketWriter implements EventListenerObject {
  readonly #socket: WebSocket;
  readonly #owner: LinkOwner;
  readonly #limits: LinkLimits;
  #farewell: Closing | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #isLost = false;

  /** @param socket An open socket. */
  constructor(socket: WebSocket, owner: LinkOwner, limits: LinkLimits) {
    const { pingInterval, pingTimeout } = limits;
    super(socket, { ...WRITER_LIMITS, pingInterval, pingTimeout });
    this.#socket = socket;
    this.#owner = owner;
    this.#limits = limits;
    for (const type of ["message", "close", "error"]) socket.addEventListener(type, this);
    const silence = silenceLimit(limits);
    if (silence > 0) pingWhenSilent(socket, silence);
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

  /** Sends a message; the promise settles when there is room for more. */
  send(message: Chunk): Promise<void> {
    return this.write(message);
  }

  /**
   * Sends a close frame, once.
   *
   * @param code What is reported. On the wire a code that a client must not send is 3000 higher.
   */
  close(code: number, reason: string | null = null): void {
    if (this.#farewell !== undefined || this.#isLost) return;
    this.#farewell = { code, reason };
    this.abandonWrites();
    const isAllowed = code === CloseCode.normal || code >= 3000;
    this.writeClose(isAllowed ? code : code + PRIVATE_CODES, reason ?? undefined);
  }

  /** The runtime waits for a peer forever. */
  protected override expectEnd(): void {
    this.#deadline ??= setTimeout(
      () => this.cut(),
      Math.min(this.#limits.closeTimeout, LONGEST_DELAY),
    );
  }

  /** It never has: how much is unsent is for those who write to see to. */
  protected override onSlowPeer(): void {}

  /** Drops the connection. */
  override cut(): void {
    dropConnection(this.#socket, detectPlatform());
    this.#lose(this.#farewell ?? { code: CloseCode.abnormal, reason: null });
  }

  #receive(data: string | ArrayBuffer): void {
    if (this.#farewell !== undefined || this.#isLost) return;
    const message = typeof data === "string" ? data : new Uint8Array(data);
    if (!isLongerThan(message, this.#limits.maxMessageSize)) this.#owner.receive(message);
    else this.close(CloseCode.tooBig, "Message is too big");
  }

  #lose(closing: Closing): void {
    if (this.#isLost) return;
    this.#isLost = true;
    clearTimeout(this.#deadline);
    this.discardWrites();
    // What this side found wrong says more than the code that the peer gives back for it.
    const own = this.#farewell;
    this.#owner.lose(own === undefined || own.code === CloseCode.normal ? closing : own);
  }
}
