/** A WebSocket that this side has opened. */
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

/**
 * A message: text, or bytes.
 *
 * @category WebSockets and event streams
 */
export type WebSocketMessage = string | Uint8Array;

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

/**
 * The client's end of a WebSocket (`tornado.websocket.WebSocketClientConnection`), which
 * `websocketConnect` gives.
 *
 * @example
 * ```ts
 * import {
 *   Application,
 *   type WebSocketClientConnection,
 *   websocketConnect,
 *   WebSocketHandler,
 * } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Countdown extends WebSocketHandler {
 *   override async open() {
 *     for (const number of ["3", "2", "1"]) await this.writeMessage(number);
 *     this.close(1000, "lift-off");
 *   }
 * }
 *
 * await using server = new Application([["/ws", Countdown]])
 *   .listen(0, { hostname: "127.0.0.1", handleSignals: false });
 * async function listen(connection: WebSocketClientConnection) {
 *   const heard = [];
 *   for await (const message of connection) heard.push(message);
 *   return heard;
 * }
 *
 * await using connection = await websocketConnect(`ws://127.0.0.1:${server.port}/ws`);
 * const heard = await listen(connection);
 * assertEquals(heard, ["3", "2", "1"]);
 * assertEquals([connection.closeCode, connection.closeReason], [1000, "lift-off"]);
 * ```
 *
 * @category WebSockets and event streams
 */
export class WebSocketClientConnection implements AsyncDisposable {
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
   * Made by `websocketConnect`.
   *
   * @param socket The open socket.
   * @param options How it was opened, and how it is to be kept.
   */
  constructor(socket: WebSocket, options: ConnectionOptions & { readonly handshake: Handshake }) {
    this.#options = options;
    this.#handshake = options.handshake;
    this.#inbox = new Inbox(options.inboxMessages, options.inboxBytes);
    this.#attach(socket);
  }

  /** Whether messages can be sent now: not while a lost connection is being opened again. */
  get isOpen(): boolean {
    return this.#link !== null && !this.#ending.signal.aborted;
  }

  /** The subprotocol that the server selected; `null` if none. */
  get selectedSubprotocol(): string | null {
    return this.#subprotocol;
  }

  /**
   * How the connection ended for good: `null` before, or if the peer gave no code; 1006 if it went
   * away without a close frame; 1008 or 1009 if this side ended it because too many messages waited or
   * one was too large (on the wire, a client says 4008 and 4009).
   */
  get closeCode(): number | null {
    return this.#closing?.code ?? null;
  }

  /** The reason that came with `closeCode`; `null` if there was none. */
  get closeReason(): string | null {
    return this.#closing?.reason ?? null;
  }

  /** Settles when the connection has ended for good. It never rejects. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /**
   * Waits for the next message. Messages that came before the end are still read after it.
   *
   * @returns Text or bytes; `null` when the connection has ended.
   */
  readMessage(): Promise<WebSocketMessage | null> {
    const message = this.#inbox.take();
    if (message !== undefined) return Promise.resolve(message);
    if (this.#closing !== null) return Promise.resolve(null);
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  /** Reads messages up to the end. Leaving the loop does not close the connection. */
  async *[Symbol.asyncIterator](): AsyncGenerator<WebSocketMessage, void, void> {
    for (;;) {
      const message = await this.readMessage();
      if (message === null) return;
      yield message;
    }
  }

  /**
   * Sends a message.
   *
   * @param message Text; bytes; or a plain object or an array, which is sent as JSON text.
   * @returns A promise that settles at once, unless more than 256 KiB are unsent: then when the peer
   * has taken enough of them. It rejects with a `WebSocketClosedError` when the connection is not open,
   * which may be left unhandled.
   * @throws {TypeError} If the message is anything else.
   */
  writeMessage(message: WebSocketMessage | object): Promise<void> {
    const chunk = toChunk(message);
    return this.#link !== null && this.isOpen ? this.#link.send(chunk) : refused();
  }

  /**
   * Closes the connection for good. Again, it does nothing.
   *
   * @param code 1000 unless given, or 3000 to 4999: no other may be sent by a client.
   * @param reason Why, in up to 123 bytes.
   * @throws {RangeError} If the code or the reason cannot be sent.
   */
  close(code: number = CloseCode.normal, reason: string = ""): void {
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

  /** Closes the connection and waits until it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.closed;
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
