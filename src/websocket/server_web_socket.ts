/** One native WebSocket and what becomes of it. */
import { dropConnection } from "./socket_end.ts";
import type { OpenWork } from "../server/open_work.ts";
import type { OpenWorkList } from "../server/server_context.ts";
import { type Chunk, isLongerThan } from "../http/body/chunk.ts";
import { isPromiseLike } from "../concurrent/coroutine/promise_like.ts";
import type { Exchange } from "../web/exchange.ts";
import { CloseCode, type Closing, closingOf, type Farewells } from "./close_code.ts";
import { type EngineHooks, isPingable } from "./engine_features.ts";
import { Inbox } from "./inbox.ts";
import type { WebSocketLimits } from "./settings.ts";
import { SENT } from "./outbox.ts";
import type { SharedMessage } from "../topics/shared_message.ts";
import { refused, SocketWriter } from "./socket_writer.ts";
import type { Subscriber } from "../topics/topics.ts";
import { WebSocketClosedError } from "./web_socket_error.ts";

/** What a connection calls: the hooks of a `WebSocketHandler`. */
export interface ServerWebSocketHooks {
  readonly pathArgs: readonly (string | undefined)[];
  open(...pathArgs: (string | undefined)[]): unknown;
  onMessage(message: Chunk): unknown;
  onClose(): unknown;
}

/** What is called with the pings and pongs of the peer. */
export type PingHooks = Pick<EngineHooks, "onPing" | "onPong">;

/**
 * - `connecting`: the 101 is on its way.
 * - `open`: messages go both ways.
 * - `closing`: this side has sent a close frame; nothing is delivered any more.
 * - `draining`: the peer is gone, and the last that it sent is being delivered.
 * - `closed`: `onClose` was called.
 */
type State = "connecting" | "open" | "closing" | "draining" | "closed";

/** What a message event has: the web gives bytes in an `ArrayBuffer`, Bun and Node as they are. */
type Received = string | ArrayBuffer | Uint8Array;

/** Until the socket is open. An open one reports its end, whatever became of it. */
const OPENING_EVENTS = ["open", "error"] as const;
const EVENTS = ["message", "close"] as const;
/** Where the runtime shows them, and somebody looks. */
const PING_EVENTS = ["ping", "pong"] as const;

/**
 * The state machine around a native WebSocket.
 *
 * It listens to the socket itself (`handleEvent`), so that a connection is one object and has no
 * closures. Whatever the runtime reports, and in whichever order, each hook is called as often as it
 * should be, and what it throws goes no further than the log: an exception in an event callback would
 * end the process.
 */
export class ServerWebSocket extends SocketWriter
  implements EventListenerObject, OpenWork, Subscriber {
  #state: State = "connecting";
  readonly #limits: WebSocketLimits;
  readonly #socket: WebSocket;
  readonly #hooks: ServerWebSocketHooks;
  readonly #pingHooks: PingHooks | undefined;
  /** A hook has not settled yet, so messages have to wait. */
  #busy = false;
  #inbox: Inbox | undefined;
  readonly #exchange: Exchange;
  readonly #farewells: Farewells;
  /** What this side has sent, or will as soon as it can, to close. */
  #farewell: Closing | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  openIn: OpenWorkList | undefined;
  previousOpen: OpenWork | undefined;
  nextOpen: OpenWork | undefined;
  /** How the connection was closed; `null` before. */
  closing: Closing | null = null;

  /**
   * @param socket The native socket, before it is open.
   * @param hooks What is called.
   * @param exchange The request that it was.
   */
  constructor(
    socket: WebSocket,
    hooks: ServerWebSocketHooks,
    options: {
      exchange: Exchange;
      limits: WebSocketLimits;
      farewells: Farewells;
      pingHooks?: PingHooks | undefined;
    },
  ) {
    super(socket, options.limits);
    this.#socket = socket;
    this.#hooks = hooks;
    this.#exchange = options.exchange;
    this.#limits = options.limits;
    this.#farewells = options.farewells;
    this.#pingHooks = options.pingHooks;
    for (const type of OPENING_EVENTS) socket.addEventListener(type, this);
    for (const type of EVENTS) socket.addEventListener(type, this);
    if (this.#pingHooks === undefined) return;
    for (const type of PING_EVENTS) socket.addEventListener(type, this);
  }

  /** Whether the end has begun. */
  get isEnding(): boolean {
    return this.#state !== "connecting" && this.#state !== "open";
  }

  // ---- what the runtime reports

  /** Receives the events of the socket. */
  handleEvent(event: Event): void {
    switch (event.type) {
      case "message":
        return this.#receive((event as MessageEvent<Received>).data);
      case "open":
        return this.#open();
      case "close":
        return this.#end(closingOf(event as CloseEvent, this.#farewell));
      case "ping":
      case "pong":
        return this.#show(event as MessageEvent<ArrayBuffer>);
      case "error":
        // One that never opened reports nothing else, and an open one is not listened to.
        this.#end(closingOf({ code: 0, reason: "" }));
    }
  }

  #open(): void {
    this.#ignore(OPENING_EVENTS);
    if (this.#farewell !== undefined) return this.#sendClose(this.#farewell);
    this.#state = "open";
    this.#exchange.release();
    const { server } = this.#exchange.request;
    server.openWork.add(this);
    if (server.goingAway) return this.goAway();
    try {
      this.#await(this.#hooks.open(...this.#hooks.pathArgs));
    } catch (error) {
      this.#fail(error);
    }
  }

  #receive(data: Received): void {
    if (this.#state !== "open") return;
    const message = typeof data === "string" || data instanceof Uint8Array
      ? data
      : new Uint8Array(data);
    if (isLongerThan(message, this.#limits.maxMessageSize)) {
      return this.close(CloseCode.tooBig, "Message is too big");
    }
    if (this.#busy) this.#keep(message);
    else this.#deliver(message);
  }

  #keep(message: Chunk): void {
    const { inboxMessages, inboxBytes } = this.#limits;
    this.#inbox ??= new Inbox(inboxMessages, inboxBytes);
    if (!this.#inbox.put(message)) this.#sayFarewell(this.#farewells.overrun);
  }

  /** A ping or a pong has come. */
  #show({ type, data }: MessageEvent<ArrayBuffer>): void {
    const hooks = this.#pingHooks;
    if (hooks === undefined || this.#state !== "open") return;
    try {
      const bytes = new Uint8Array(data);
      const result = type === "ping" ? hooks.onPing(bytes) : hooks.onPong(bytes);
      if (isPromiseLike(result)) {
        Promise.resolve(result).then(undefined, (error) => this.#fail(error));
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  // ---- hooks, one after the other

  #deliver(message: Chunk): void {
    try {
      const result = this.#hooks.onMessage(message);
      if (result !== undefined) this.#await(result);
    } catch (error) {
      this.#fail(error);
    }
  }

  #await(result: unknown): void {
    if (!isPromiseLike(result)) return;
    this.#busy = true;
    Promise.resolve(result).then(() => {
      this.#busy = false;
      this.#next();
    }, (error) => this.#fail(error));
  }

  /** Delivers what waits, until a hook has to be waited for. */
  #next(): void {
    while (!this.#busy && (this.#state === "open" || this.#state === "draining")) {
      const message = this.#inbox?.take();
      if (message === undefined) break;
      this.#deliver(message);
    }
    if (this.#state === "draining" && !this.#busy) this.#finish();
  }

  #fail(error: unknown): void {
    this.#busy = false;
    // That the peer left while the hook was writing is no fault of the hook.
    if (!(this.isEnding && error instanceof WebSocketClosedError)) this.#exchange.report(error);
    this.close(CloseCode.internalError);
    if (this.#state === "draining") this.#finish();
  }

  // ---- sending

  /** Sends a message; see `WebSocketHandler.writeMessage`. */
  send(message: Chunk, shared?: SharedMessage): Promise<void> {
    return this.#state === "open" ? this.write(message, shared) : refused();
  }

  /**
   * Sends a ping; see `WebSocketHandler.ping`.
   *
   * @returns Whether the runtime can.
   */
  ping(data: string | Uint8Array): boolean {
    if (!isPingable(this.#socket)) return false;
    if (this.#state !== "open") {
      throw new WebSocketClosedError("Cannot ping(): the WebSocket is not open");
    }
    this.#socket.ping(data);
    return true;
  }

  /** Sends the message of a topic, if the connection is open. */
  deliver(message: Chunk, shared?: SharedMessage): Promise<void> | undefined {
    if (this.#state !== "open") return undefined;
    const sent = this.write(message, shared);
    return sent === SENT || this.#limits.onSlow !== "wait" ? undefined : sent.catch(() => {});
  }

  /** The peer has more unsent than it may. */
  protected override onSlowPeer(): void {
    this.#sayFarewell(this.#farewells.slow);
  }

  // ---- the end

  /** Sends a close frame, once. What has not been delivered by then is dropped. */
  close(code: number, reason: string | null = null): void {
    this.#inbox?.clear();
    if (this.isEnding) return;
    const opened = this.#state === "open";
    this.#farewell = { code, reason };
    this.#state = "closing";
    this.#release();
    if (opened) this.#sendClose(this.#farewell);
  }

  #sayFarewell({ code, reason }: Closing): void {
    this.close(code ?? CloseCode.policy, reason);
  }

  #sendClose({ code, reason }: Closing): void {
    this.writeClose(code ?? CloseCode.normal, reason ?? undefined);
  }

  /** The runtime waits for a peer forever, and it may itself be stuck behind what is unsent. */
  protected override expectEnd(): void {
    this.#deadline ??= setTimeout(() => this.cut(), this.#limits.closeTimeout);
  }

  /** The server is going away. */
  goAway(): void {
    this.#sayFarewell(this.#farewells.goingAway());
  }

  /** Drops the connection. */
  override cut(): void {
    this.#terminate();
    this.#end({ code: CloseCode.abnormal, reason: null });
  }

  #terminate(): void {
    dropConnection(this.#socket, this.#exchange.request.server.platform);
  }

  /** A listener takes some 300 bytes of a socket that waits. */
  #ignore(events: readonly string[]): void {
    for (const type of events) this.#socket.removeEventListener(type, this);
  }

  /** The connection is gone. The runtime may say so more than once. */
  #end(closing: Closing): void {
    if (this.closing !== null) return;
    this.closing = closing;
    // The runtime keeps a closed socket for as long as its idle timeout.
    this.#ignore(EVENTS);
    if (this.#pingHooks !== undefined) this.#ignore(PING_EVENTS);
    this.#ignore(OPENING_EVENTS);
    if (closing.code === CloseCode.abnormal) this.#terminate();
    clearTimeout(this.#deadline);
    this.#release();
    this.discardWrites();
    this.#exchange.request.server.openWork.delete(this);
    if (this.#inbox === undefined || this.#inbox.size === 0) return this.#finish();
    this.#state = "draining";
    this.#deadline = setTimeout(() => this.#finish(), this.#limits.closeTimeout);
  }

  /** Gives up what only an open connection has. */
  #release(): void {
    this.#exchange.parts.topics?.leave(this);
    this.abandonWrites();
  }

  #finish(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    clearTimeout(this.#deadline);
    this.#inbox?.clear();
    try {
      const result = this.#hooks.onClose();
      if (!isPromiseLike(result)) return;
      Promise.resolve(result).then(undefined, (error) => this.#exchange.report(error));
    } catch (error) {
      this.#exchange.report(error);
    }
  }
}
