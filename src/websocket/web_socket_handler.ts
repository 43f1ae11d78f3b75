/** The class that applications derive their WebSocket handlers from. */
import type { HandlerSeed } from "../web/handler_seed.ts";
import { isPromiseLike, reportRejection } from "../concurrent/coroutine/promise_like.ts";
import { excerpt } from "../http/excerpt.ts";
import { isSameOrigin } from "../http/target/host.ts";
import { generalLog } from "../log.ts";
import { takeOver } from "../platform/web_socket_upgrade.ts";
import type { Position } from "../topics/broker/position.ts";
import { type ApplicationTopics, Topics } from "../topics/topics.ts";
import { type Application, tellRefusal } from "../web/application.ts";
import { stays } from "../web/client_watch.ts";
import { keepRefusal } from "../web/request/served_request.ts";
import { toChunk } from "../http/body/chunk.ts";
import { type Answer, exchangeOf, RequestHandler } from "../web/request_handler.ts";
import { checkClose, CloseCode, FAREWELLS, type Farewells } from "./close_code.ts";
import { ServerWebSocket, type ServerWebSocketHooks } from "./server_web_socket.ts";
import {
  checkPing,
  compressionOf,
  isPingable,
  refusePing,
  showsPings,
  warnOfMissingHooks,
  warnOfServerLimit,
  type WebSocketCompressionOptions,
} from "./engine_features.ts";
import { type Refusal, refuseKey, refuseUpgrade } from "./handshake.ts";
import { defineLimits, limitsOf, silenceLimit } from "./limits.ts";
import type { WebSocketLimits } from "./settings.ts";
import { checkSelected, parseSubprotocols } from "./subprotocol.ts";
import { WebSocketClosedError } from "./web_socket_error.ts";

/**
 * The connection of a handler, for those within the house; `undefined` before the upgrade.
 *
 * @internal
 */
export function connectionOf(handler: WebSocketHandler): ServerWebSocket | undefined {
  return WebSocketHandler["connectionOf"](handler);
}

/**
 * Says who speaks with the peer of a handler, before the upgrade, in place of its own hooks: what has a
 * protocol of its own.
 *
 * @internal
 */
export function speakFor(handler: WebSocketHandler, speaker: Speaker): void {
  WebSocketHandler["speakFor"](handler, speaker);
}

/**
 * Who speaks with a peer.
 *
 * @internal
 */
export interface Speaker {
  readonly hooks: ServerWebSocketHooks;
  readonly farewells: Farewells;
}

/**
 * A handler has its limits, from the settings; its class may override each of them.
 *
 * @category WebSockets and event streams
 */
// deno-lint-ignore no-explicit-any -- the parameter of the class below
export interface WebSocketHandler<App extends Application = any> extends WebSocketLimits {}

/**
 * Serves the WebSockets of one route (`tornado.websocket.WebSocketHandler`).
 *
 * It is a {@linkcode RequestHandler} up to the upgrade: `initialize`, `prepare`, arguments, cookies,
 * the user and error pages work as ever, and header fields and cookies that are set go out with the
 * 101. Then `onFinish` runs and the access log gets its line, both once; from there on the methods
 * that make a response throw, what is known of the request stays readable, and `open`, `onMessage`
 * and `onClose` are called.
 *
 * `open` and `onMessage` may be `async`: the next message waits for the promise of the last hook. An
 * exception out of one is logged and closes the connection with 1011.
 *
 * Its limits are those of the settings: a setting `websocketMaxMessageSize` is the member
 * `maxMessageSize`, which a class may override; see {@linkcode WebSocketLimits} for all of them.
 *
 * @typeParam App The application's class, for those that keep their state in a subclass.
 *
 * @example
 * ```ts
 * import { Application, WebSocketHandler } from "@gustnado/gustnado";
 *
 * class Chat extends WebSocketHandler {
 *   override open(room: string) {
 *     this.subscribe(room);
 *   }
 *
 *   override onMessage(message: string | Uint8Array) {
 *     this.application.publish(String(this.pathArgs[0]), message);
 *   }
 * }
 *
 * const app = new Application([["/chat/:room", Chat]]);
 * ```
 *
 * @category WebSockets and event streams
 */
// deno-lint-ignore no-explicit-any -- an application's own class may be generic in its turn
export class WebSocketHandler<App extends Application = any> extends RequestHandler<App> {
  #connection: ServerWebSocket | undefined;
  #subprotocol: string | null = null;
  #speaker: Speaker | undefined;

  // ---- hooks

  /**
   * The connection is open. Messages wait until its promise settles.
   *
   * @param _pathArgs The groups of the route's pattern, decoded.
   */
  open(..._pathArgs: string[]): void | PromiseLike<void> {}

  /**
   * A message has come. It is to be overridden: as it is, a message is an error.
   *
   * @param _message A string for a text message, bytes for a binary one.
   * @returns Nothing that is looked at, but a promise is waited for.
   */
  onMessage(_message: string | Uint8Array): unknown {
    throw new Error(
      `Cannot receive a message: ${this.constructor.name} has no onMessage(); write one`,
    );
  }

  /**
   * The connection is gone, and `closeCode` and `closeReason` tell how.
   *
   * Runs exactly once for each upgrade, also if `open` failed, or never ran because the client left
   * before. What the peer sent before it left is delivered first, for up to `closeTimeout`
   * milliseconds; a hook that still waits for something else by itself does not delay it.
   */
  onClose(): void | PromiseLike<void> {}

  /**
   * Chooses a subprotocol (RFC 6455 §1.9). Runs once, before the upgrade.
   *
   * @param _offered What the client offers, in its order of preference; `[]` if nothing.
   * @returns One of them, or `null` for none, which is the default. A promise is waited for.
   */
  selectSubprotocol(_offered: string[]): string | null | PromiseLike<string | null> {
    return null;
  }

  /**
   * Decides whether a page may connect; `false` is answered with 403. By default only pages of the
   * same host may.
   *
   * Browsers send a visitor's cookies along with every WebSocket, whichever page opens it, so letting
   * any page in lets any page act as the visitor. An upgrade is a GET, so no token guards it, only
   * this. Clients that send no `Origin` are no browsers, and
   * are not asked about.
   *
   * @param origin The value of the `Origin` header.
   * @returns Whether it may. A promise lets nobody in: what has to be waited for is for `prepare`.
   */
  checkOrigin(origin: string): boolean {
    return isSameOrigin(origin, this.request.host);
  }

  /**
   * A ping has come; the answer is on its way. It does not wait for `onMessage`, nor does a message wait
   * for it. Called on Node, on Bun, and by the engine `"node"` of `listen`. Deno's own engine and workerd
   * answer without telling: there it never is, which the log says.
   *
   * @param _data What came with it.
   */
  onPing(_data: Uint8Array): void | PromiseLike<void> {}

  /**
   * The answer to a ping has come, those of `pingInterval` included. Called where {@linkcode onPing} is.
   *
   * @param _data What came with it.
   */
  onPong(_data: Uint8Array): void | PromiseLike<void> {}

  /**
   * Chooses how messages are compressed (RFC 7692), on Node, on Bun and by the engine `"node"` of `listen`,
   * if the client offers it; what is published to a topic is compressed once for all. Bun has a level of
   * its own. Deno's own engine and workerd compress none: there anything but `null` has no effect, which
   * the log says.
   *
   * @returns Options, or `null` for no compression, which is the default.
   */
  getCompressionOptions(): WebSocketCompressionOptions | null {
    return null;
  }

  // ---- the connection

  /**
   * Sends a message.
   *
   * @param message Text; bytes; or a plain object or an array, which is sent as JSON text.
   * @returns A promise that settles at once, unless more than `highWaterMark` bytes are unsent: then
   *   when the peer has taken enough of them. Await it where much is sent. It rejects with a
   *   {@linkcode WebSocketClosedError} if the connection is closed, which may be left unhandled.
   * @throws {TypeError} If the message is anything else.
   */
  writeMessage(message: string | Uint8Array | object): Promise<void> {
    const chunk = toChunk(message);
    return this.#connection === undefined ? notOpen() : this.#connection.send(chunk);
  }

  /**
   * Pings the peer with data of your own. Deno's own engine and workerd cannot: they ping by themselves,
   * as `pingInterval` says.
   *
   * @param data Up to 125 bytes.
   * @throws {UnsupportedFeatureError} Where the runtime cannot.
   * @throws {RangeError} If there are more.
   * @throws {WebSocketClosedError} After the end.
   * @throws {Error} Before the upgrade.
   */
  ping(data: string | Uint8Array = ""): void {
    const connection = this.#upgraded("ping");
    checkPing(data);
    if (!connection.ping(data)) refusePing(exchangeOf(this).request.server.platform.name);
  }

  /**
   * Whether small messages leave at once (`TCP_NODELAY`). They always do: the runtime sets it on every
   * connection, and gives no way to take it back, so this does nothing.
   */
  setNodelay(_value: boolean): void {}

  /**
   * Closes the connection. Messages that come after it are dropped; `onClose` runs when the peer has
   * answered, at the latest after `closeTimeout` milliseconds. Again, or after the end, it does
   * nothing.
   *
   * @param code The code that the peer gets, 1000 unless given.
   * @param reason Why, in up to 123 bytes.
   * @throws {RangeError} If the code or the reason cannot stand in a close frame.
   * @throws {Error} Before the upgrade.
   */
  close(code: number = CloseCode.normal, reason: string = ""): void {
    checkClose(code, reason);
    this.#upgraded("close").close(code, reason === "" ? null : reason);
  }

  /**
   * How the connection was closed: the peer's code; `null` if it gave none, and while the connection
   * is open; 1006 if it went away without a close frame. Where this side closed first and the peer's
   * answer is not known, it is this side's code.
   */
  get closeCode(): number | null {
    return this.#connection?.closing?.code ?? null;
  }

  /** The reason that came with `closeCode`; `null` if there was none. */
  get closeReason(): string | null {
    return this.#connection?.closing?.reason ?? null;
  }

  /** What `selectSubprotocol` chose. */
  get selectedSubprotocol(): string | null {
    return this.#subprotocol;
  }

  // ---- topics

  /**
   * Subscribes the connection to a topic of the application. It leaves all of them when it closes;
   * after that this does nothing.
   *
   * Of a topic with history it gets what is published from now on; for what was before, and to come back
   * without a gap, there is `TopicHandler`.
   *
   * @throws {Error} Before the upgrade.
   * @throws {TypeError} If the topic is declared, or carried by a broker, and cannot be one.
   * @throws {RangeError} If the name of such a topic does not have 1 to 256 bytes.
   */
  subscribe(topic: string): void {
    const connection = this.#upgraded("subscribe");
    if (!connection.isEnding) this.#topics.subscribe(topic, connection);
  }

  /** Takes the connection off a topic, if it is on it. */
  unsubscribe(topic: string): void {
    if (this.#connection === undefined) return;
    this.#topics.unsubscribe(topic, this.#connection);
  }

  /**
   * Sends a message to all who have subscribed to a topic, but not to this connection.
   *
   * @param topic The topic. The connection itself need not be subscribed to it.
   * @param message As for {@linkcode writeMessage}.
   * @returns As `Application.publish`.
   * @throws {TypeError} If the message cannot be sent, or the topic cannot be one.
   * @throws {RangeError} As `Application.publish`.
   */
  publish(
    topic: string,
    message: string | Uint8Array | object,
  ): Promise<Position | undefined> {
    return this.#topics.publish(topic, message, { except: this.#connection });
  }

  /** The topics of the application, which its first subscriber makes. */
  get #topics(): ApplicationTopics {
    return exchangeOf(this).parts.topics ??= new Topics();
  }

  // ---- limits

  static #hasLimits = false;

  /**
   * Made by the library for each request.
   *
   * @param seed What a subclass that has a constructor hands on to `super()`.
   */
  constructor(seed: HandlerSeed) {
    super(seed);
    if (WebSocketHandler.#hasLimits) return;
    // Not in a static block: bundlers would keep the class for those who do not use it.
    defineLimits(WebSocketHandler.prototype);
    WebSocketHandler.#hasLimits = true;
  }

  // For the functions above. Static and private: a static block would keep bundlers from leaving out the
  // class, and `#` would hide it from them.
  /** The connection, for the rest of the house. */
  private static connectionOf(handler: WebSocketHandler): ServerWebSocket | undefined {
    return handler.#connection;
  }

  /** Has another speak for the handler, for the rest of the house. */
  private static speakFor(handler: WebSocketHandler, speaker: Speaker): void {
    handler.#speaker = speaker;
  }

  /** The setting `websocketPingTimeout`, for this class: milliseconds, `pingInterval` unless set. */
  get pingTimeout(): number {
    return this.settings.websocketPingTimeout ?? this.pingInterval;
  }

  // ---- the upgrade

  /**
   * Turns the request into a WebSocket, or answers why not (RFC 6455 §4.2): 400, 403 or 426. A class
   * that has to wait for something first overrides `prepare`.
   *
   * @param _pathArgs The groups of the route's pattern; `open` gets them.
   */
  override get(..._pathArgs: string[]): Answer {
    const refusal = refuseUpgrade(this.request) ?? this.#refuseOrigin() ?? refuseKey(this.request);
    if (refusal !== null) return this.#refuse(refusal);
    // There is no way back from an upgrade to an error page.
    const saving = exchangeOf(this).session?.keep();
    if (saving === undefined) return this.#upgrade();
    return saving.then(() => this.#upgradeLate(() => this.#upgrade()));
  }

  #refuseOrigin(): Refusal | null {
    const { request } = this;
    const origin = request.header("origin") ?? request.header("sec-websocket-origin");
    if (origin === null || this.#isAllowed(origin)) return null;
    this.#warnOfOrigin(excerpt(origin), excerpt(request.host));
    return { status: 403, message: "Cross origin websockets not allowed" };
  }

  #warnOfOrigin(origin: string, host: string): void {
    const handler = this.constructor.name;
    const reason =
      `the origin ${origin} is not that of the host ${host}; override checkOrigin() of ` +
      `${handler} to let it in`;
    if (tellRefusal(this.application, this.request, reason)) return;
    generalLog()?.warn(
      "Refused a WebSocket of the origin {origin} to the host {host}: override checkOrigin() of {handler} to let it in",
      { origin, host, handler },
    );
  }

  /** Anything but true refuses. */
  #isAllowed(origin: string): boolean {
    const allowed: unknown = this.checkOrigin(origin);
    if (isPromiseLike(allowed)) this.#refusePromise("checkOrigin", allowed);
    return allowed === true;
  }

  #refusePromise(hook: string, promise: PromiseLike<unknown>): void {
    const report = (error: unknown) => exchangeOf(this).report(error);
    reportRejection(promise, report);
    const { name } = this.constructor;
    report(
      new TypeError(
        `Cannot use the promise of ${hook}() of ${name}: it has to be synchronous; wait in prepare()`,
      ),
    );
  }

  #refuse({ status, message, headers = {} }: Refusal): void {
    keepRefusal(this.request, reasonOf(status, message));
    this.clear();
    this.setStatus(status);
    for (const [name, value] of Object.entries(headers)) this.setHeader(name, value);
    this.setHeader("Content-Type", "text/plain; charset=UTF-8");
    this.finish(message);
  }

  #upgrade(): void | PromiseLike<void> {
    const offered = parseSubprotocols(this.request.header("sec-websocket-protocol"));
    const selecting = this.selectSubprotocol(offered);
    if (!isPromiseLike(selecting)) return this.#switch(checkSelected(selecting, offered));
    return selecting.then((selected) =>
      this.#upgradeLate(() => this.#switch(checkSelected(selected, offered)))
    );
  }

  /** Goes on after something was waited for, if the client is there. */
  async #upgradeLate(upgrade: () => void | PromiseLike<void>): Promise<void> {
    if (!this.finished && await stays(exchangeOf(this)) && !this.finished) await upgrade();
  }

  #switch(subprotocol: string | null): void {
    const exchange = exchangeOf(this);
    const { raw, server } = exchange.request;
    const { platform } = server;
    this.#subprotocol = subprotocol;
    if (subprotocol !== null) this.setHeader("Sec-WebSocket-Protocol", subprotocol);
    const base = WebSocketHandler.prototype;
    const { options: compression, promise } = compressionOf(this, base);
    if (promise !== undefined) this.#refusePromise("getCompressionOptions", promise);
    const limits = limitsOf(this);
    if (platform.webSocketHooks !== undefined) {
      warnOfServerLimit(this, { own: limits.maxMessageSize, server: server.maxMessageSize });
    }
    const { socket, response, compresses = false } = takeOver(platform, raw, {
      idleTimeout: silenceLimit(limits),
      maxMessageSize: limits.maxMessageSize,
      ...compression !== undefined && { compression },
    });
    const pings = isPingable(socket);
    const isAsked = compression !== undefined || promise !== undefined;
    const uncompressed = isAsked && !compresses;
    warnOfMissingHooks(this, base, { runtime: platform.name, pings, uncompressed });
    const { hooks = this, farewells = FAREWELLS } = this.#speaker ?? {};
    const pingHooks = pings && showsPings(this, base) ? this : undefined;
    this.#connection = new ServerWebSocket(socket, hooks, {
      exchange,
      limits,
      farewells,
      pingHooks,
    });
    exchange.upgrade(response);
  }

  #upgraded(action: string): ServerWebSocket {
    if (this.#connection !== undefined) return this.#connection;
    throw new Error(`Cannot ${action}(): the request is not a WebSocket yet; use open()`);
  }
}

/** As after the end, the rejection need not be awaited. */
/** Why a handshake was refused, for the log. */
function reasonOf(status: number, message: string): string {
  const wayOut = status === 400 ? '; a page opens it by new WebSocket("…")' : "";
  return message.replace(/\.$/, "") + wayOut;
}

function notOpen(): Promise<void> {
  const rejected = Promise.reject(
    new WebSocketClosedError("Cannot writeMessage(): the WebSocket is not open yet"),
  );
  rejected.catch(() => {});
  return rejected;
}
