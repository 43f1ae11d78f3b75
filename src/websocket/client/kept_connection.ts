/** A WebSocket that this side has opened, and opens again where it may. */
import { pause } from "../../client/attempt/retry.ts";
import { HTTPClientError } from "../../client/client_error.ts";
import { logApplicationError } from "../../log.ts";
import { type Chunk, toChunk } from "../../http/body/chunk.ts";
import { checkClose, CloseCode, type Closing } from "../close_code.ts";
import { Inbox } from "../inbox.ts";
import { refused } from "../socket_writer.ts";
import { ClientLink, type LinkLimits, type LinkOwner } from "./client_link.ts";
import { type Handshake, openSocket } from "./handshake.ts";
import { reconnectDelay, type ReconnectOptions } from "./reconnection.ts";
import {
  WebSocketClientConnection,
  type WebSocketMessage,
} from "./web_socket_client_connection.ts";

/** What a connection does besides being read. */
export interface ConnectionOptions extends LinkLimits {
  /** Messages that may wait to be read. */
  readonly inboxMessages: number;
  /** Bytes that they may have together. */
  readonly inboxBytes: number;
  /** Whether and how a lost connection is opened again. */
  readonly reconnect: ReconnectOptions | undefined;
  /** Is called when it was. */
  readonly onReconnect:
    | ((connection: WebSocketClientConnection) => void | PromiseLike<void>)
    | undefined;
}

/** Statuses that may pass: what else a server refuses with, it will refuse with again. */
const PASSING = new Set([408, 425, 429]);

/** What every {@linkcode WebSocketClientConnection} is in truth. */
export class KeptConnection extends WebSocketClientConnection {
  readonly #handshake: Handshake;
  readonly #options: ConnectionOptions;
  readonly #inbox: Inbox;
  readonly #readers: ((message: WebSocketMessage | null) => void)[] = [];
  readonly #closed = Promise.withResolvers<void>();
  readonly #ending = new AbortController();
  #link: ClientLink | null = null;
  #closing: Closing | null = null;
  #subprotocol: string | null = null;

  /**
   * @param socket The open socket.
   * @param options How it was opened, and how it is to be kept.
   */
  constructor(socket: WebSocket, options: ConnectionOptions & { readonly handshake: Handshake }) {
    super();
    this.#options = options;
    this.#handshake = options.handshake;
    this.#inbox = new Inbox(options.inboxMessages, options.inboxBytes);
    this.#attach(socket);
  }

  override get isOpen(): boolean {
    return this.#link !== null && !this.#ending.signal.aborted;
  }

  override get selectedSubprotocol(): string | null {
    return this.#subprotocol;
  }

  override get closeCode(): number | null {
    return this.#closing?.code ?? null;
  }

  override get closeReason(): string | null {
    return this.#closing?.reason ?? null;
  }

  override get closed(): Promise<void> {
    return this.#closed.promise;
  }

  override readMessage(): Promise<WebSocketMessage | null> {
    const message = this.#inbox.take();
    if (message !== undefined) return Promise.resolve(message);
    if (this.#closing !== null) return Promise.resolve(null);
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  override writeMessage(message: WebSocketMessage | object): Promise<void> {
    const chunk = toChunk(message);
    return this.#link !== null && this.isOpen ? this.#link.send(chunk) : refused();
  }

  override close(code: number = CloseCode.normal, reason: string = ""): void {
    checkClose(code, reason);
    if (code !== CloseCode.normal && code < 3000) {
      throw new RangeError(
        `Cannot close() with code ${code}: a client may send 1000, or 3000 to 4999`,
      );
    }
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    const closing = { code, reason: reason === "" ? null : reason };
    if (this.#link === null) this.#finish(closing);
    else this.#link.close(code, closing.reason);
  }

  #attach(socket: WebSocket): void {
    this.#subprotocol = socket.protocol || null;
    const owner: LinkOwner = {
      receive: (message) => this.#receive(message),
      lose: (closing) => this.#lose(closing),
    };
    this.#link = new ClientLink(socket, owner, this.#options);
  }

  #receive(message: Chunk): void {
    const reader = this.#readers.shift();
    if (reader !== undefined) return reader(message);
    if (this.#inbox.put(message)) return;
    this.#ending.abort();
    this.#link?.close(CloseCode.policy, "Too many messages");
  }

  #lose(closing: Closing): void {
    this.#link = null;
    const { reconnect } = this.#options;
    const isFinal = this.#ending.signal.aborted || closing.code === CloseCode.normal ||
      closing.code === CloseCode.tooBig;
    if (reconnect === undefined || isFinal) return this.#finish(closing);
    this.#reconnect(reconnect).then((succeeded) => {
      if (!succeeded) this.#finish(closing);
    });
  }

  /** Never rejects: `false` stands for a connection that does not come back. */
  async #reconnect(options: ReconnectOptions): Promise<boolean> {
    const { signal } = this.#ending;
    for (let attempt = 1;; attempt++) {
      const delay = reconnectDelay(options, attempt);
      if (delay === null) return false;
      try {
        await pause(delay, signal);
        await openSocket(this.#handshake, { onOpen: (socket) => this.#resume(socket), signal });
        return true;
      } catch (error) {
        if (signal.aborted || isRefusal(error)) return false;
      }
    }
  }

  #resume(socket: WebSocket): void {
    this.#attach(socket);
    const { onReconnect } = this.#options;
    if (onReconnect === undefined) return;
    new Promise<void>((resolve) => resolve(onReconnect(this)))
      .catch((error) => logApplicationError("Exception in onReconnect", error));
  }

  #finish(closing: Closing): void {
    if (this.#closing !== null) return;
    this.#closing = closing;
    this.#ending.abort();
    for (const reader of this.#readers.splice(0)) reader(null);
    this.#closed.resolve();
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof HTTPClientError && error.code >= 400 && error.code < 500 &&
    !PASSING.has(error.code);
}
