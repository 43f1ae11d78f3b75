/** One connection that speaks `gustnado.v1.json`. */
import { nextIteration } from "../../concurrent/loop/next_iteration.ts";
import { isPromiseLike } from "../../concurrent/coroutine/promise_like.ts";
import { LONGEST_DELAY } from "../../platform/timer.ts";
import type { Chunk } from "../../http/body/chunk.ts";
import { exchangeOf } from "../../web/request_handler.ts";
import type { Closing, Farewells } from "../../websocket/close_code.ts";
import type { ServerWebSocket, ServerWebSocketHooks } from "../../websocket/server_web_socket.ts";
import { connectionOf } from "../../websocket/web_socket_handler.ts";
import type { Broker } from "../broker/broker.ts";
import type { TopicHub } from "../topic_hub.ts";
import type { PresenceMember } from "../feed/topic_subscriber.ts";
import {
  type ClientLine,
  type ClientRequest,
  type Hello,
  parseFrame,
  type SubscribeRequest,
  type UnsubscribeRequest,
} from "./client_frame.ts";
import { ClientWork, type Work } from "./client_work.ts";
import { hubOf } from "./hub_of.ts";
import { requestErrorOf } from "./request_error.ts";
import { issueToken, readToken, type SessionOwner } from "./resume_token.ts";
import {
  formatAck,
  formatError,
  formatToken,
  formatWelcome,
  joinLines,
  PONG,
} from "./server_line.ts";
import { SUBPROTOCOL } from "./subprotocol.ts";
import { renewals } from "./token_renewals.ts";
import type { TopicHandler } from "./topic_handler.ts";
import { checkSubscribe } from "./topic_rights.ts";
import { type SubscribedConnection, TopicSubscriptions } from "./topic_subscriptions.ts";

/** The codes of close frames, in three kinds: 4000 to 4099 come back now, 4100 to 4199 later, 4400 on not. */
const LATER = 4100;
const SLOW = 4101;
const MALFORMED = 4400;
const FLOOD = 4429;
/**
 * Lines that are taken before the loop goes on with other clients: what is in memory takes no turn of it. So
 * many characters count as another line.
 */
const LINES_AT_ONCE = 128;
const CHARACTERS_OF_LINE = 1024;
/** Bytes that a reason may have. */
const LONGEST_REASON = 120;
/** Milliseconds after which a client comes back that read too slowly. */
const SLOW_DELAY = "1000";

/** What a connection is made of, besides its handler. */
export interface ConnectionOptions {
  /** Whether the handler does something with messages. */
  readonly takesMessages: boolean;
}

/** What of a connection lasts from one to the next. */
interface Session {
  readonly id: string;
  readonly resumed: boolean;
}

/**
 * Speaks with one client in place of its handler.
 *
 * Lines are taken in their order. Subscriptions to several topics begin at the same time; then what is
 * published and sent runs, one after another, as its numbers grow. While too much is unanswered, no more
 * is taken, so that a client which floods fills the inbox of the connection, which ends it.
 */
export class TopicConnection implements ServerWebSocketHooks, SubscribedConnection, Farewells {
  readonly #handler: TopicHandler;
  readonly #hub: TopicHub;
  readonly #takesMessages: boolean;
  readonly #subscriptions: TopicSubscriptions;
  // What a class overrides is asked once: later there is nobody to tell that it failed.
  readonly #maxFrameLines: number;
  readonly #maxUnanswered: number;
  readonly #comeBackWithin: number;
  /** How many topics the client may follow. */
  readonly maxSubscriptions: number;
  #socket: ServerWebSocket | undefined;
  #session: Session | undefined;
  /** What most clients have not: they listen. */
  #work: ClientWork | undefined;
  #helloDeadline: ReturnType<typeof setTimeout> | undefined;
  /** Lines since the loop went on, as they count. */
  #taken = 0;
  #unanswered = 0;
  #room: PromiseWithResolvers<void> | undefined;
  /** Subscriptions that have not begun. */
  #beginning = 0;
  /** Settles when they have, and those before them. */
  #begun: Promise<unknown> | undefined;

  /** @param handler The handler, whose upgrade is about to happen. */
  constructor(handler: TopicHandler, { takesMessages }: ConnectionOptions) {
    this.#handler = handler;
    this.#hub = hubOf(handler);
    this.#takesMessages = takesMessages;
    this.#maxFrameLines = handler.maxFrameLines;
    this.#maxUnanswered = handler.maxUnanswered;
    this.#comeBackWithin = handler.comeBackWithin;
    this.maxSubscriptions = handler.maxSubscriptions;
    this.#subscriptions = new TopicSubscriptions(this.#hub, this);
  }

  /** The session; `undefined` before the client has said hello. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** The topics that the client follows. */
  get subscriptions(): TopicSubscriptions {
    return this.#subscriptions;
  }

  // ---- hooks of the WebSocket

  /** Those of the handler are handed to its `open` after the hello. */
  get pathArgs(): readonly (string | undefined)[] {
    return this.#handler.pathArgs;
  }

  /** The connection is open: the client says hello first. */
  open(): void {
    this.#socket = connectionOf(this.#handler);
    if (this.#handler.selectedSubprotocol !== SUBPROTOCOL) {
      return this.#close(MALFORMED, `Offer the subprotocol ${SUBPROTOCOL}`);
    }
    const { helloTimeout } = this.#handler;
    this.#helloDeadline = setTimeout(() => {
      this.#close(MALFORMED, `No hello came within ${helloTimeout} ms`);
    }, Math.min(helloTimeout, LONGEST_DELAY));
  }

  /** A frame has come. The next one waits for the promise. */
  onMessage(frame: Chunk): void | Promise<void> {
    let lines: ClientLine[];
    try {
      lines = parseFrame(frame, this.#maxFrameLines);
    } catch (error) {
      return this.#close(MALFORMED, error instanceof Error ? error.message : "Malformed");
    }
    const lineCost = 1 + frame.length / lines.length / CHARACTERS_OF_LINE;
    return this.#takeFrom(lines, { start: 0, lineCost });
  }

  /** The connection is gone. */
  onClose(): unknown {
    clearTimeout(this.#helloDeadline);
    this.#renewals.delete(this);
    this.#subscriptions.close();
    this.#work?.close();
    return this.#handler.onClose();
  }

  // ---- how it is closed

  /** The server shuts down: clients come back at different times. */
  goingAway(): Closing {
    const delay = Math.floor(Math.random() * this.#comeBackWithin);
    return { code: LATER, reason: String(delay) };
  }

  /** The client does not read: what it misses it gets when it comes back. */
  get slow(): Closing {
    return { code: SLOW, reason: SLOW_DELAY };
  }

  /** The client sends faster than it is served. */
  get overrun(): Closing {
    return { code: FLOOD, reason: "Too many messages" };
  }

  #close(code: number, reason: string): void {
    this.#socket?.close(code, reason.slice(0, LONGEST_REASON));
  }

  // ---- lines

  #takeFrom(
    lines: readonly ClientLine[],
    { start, lineCost }: { readonly start: number; readonly lineCost: number },
  ): void | Promise<void> {
    for (let i = start; i < lines.length && !this.#isClosing; i++) {
      const wait = this.#take(lines[i]);
      const rest = () => this.#takeFrom(lines, { start: i + 1, lineCost });
      this.#taken += lineCost;
      if (this.#taken >= LINES_AT_ONCE) {
        this.#taken = 0;
        return Promise.resolve(wait).then(turn).then(rest);
      }
      if (isPromiseLike(wait)) return wait.then(rest);
    }
  }

  #take(line: ClientLine | undefined): void | Promise<void> {
    if (line === undefined) return;
    if (line.type === "hello") return this.#welcome(line);
    if (this.#session === undefined) return this.#close(MALFORMED, "Say hello first");
    if (line.type === "ping") return this.send(PONG);
    const problem = isWork(line) ? this.#workOf(this.#session).problemOf(line) : null;
    if (problem !== null) return this.send(formatError(400, problem, line.id));
    this.#unanswered++;
    this.#start(line, this.#session);
    if ((this.#work?.postponed ?? 0) > this.#maxUnanswered) {
      return this.#close(FLOOD, "Too many requests");
    }
    if (this.#unanswered < this.#maxUnanswered) return;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  #start(request: ClientRequest, session: Session): void {
    if (isWork(request)) this.#workOf(session).add(request, this.#begun);
    else if (request.type === "malformed") {
      this.#answer(formatError(request.code, request.message, request.id));
    } else {
      this.#awaitBegin(this.#serve(request.id, () => this.#subscribe(request)));
    }
  }

  /** What a client publishes after it has subscribed comes back to it. */
  #awaitBegin(served: Promise<void>): void {
    this.#beginning++;
    const begun = Promise.all([this.#begun, served]).then(() => {
      if (--this.#beginning === 0) this.#begun = undefined;
    });
    this.#begun = begun;
  }

  async #welcome({ token }: Hello): Promise<void> {
    if (this.#session !== undefined) return this.#close(MALFORMED, "Say hello once");
    clearTimeout(this.#helloDeadline);
    const owner = this.#owner();
    const known = token === null ? null : readToken(token, owner);
    const id = known ?? crypto.randomUUID();
    const resumed = known !== null;
    this.#session = { id, resumed };
    const { clientPingInterval: pingInterval } = this.#handler;
    this.send(formatWelcome({ session: id, token: issueToken(id, owner), resumed, pingInterval }));
    this.#renewals.add(this);
    const hooks: ServerWebSocketHooks = this.#handler;
    await hooks.open(...this.pathArgs);
    if (resumed && !this.#isClosing) await this.#handler.onResume();
  }

  #workOf({ id: session, resumed }: Session): ClientWork {
    return this.#work ??= new ClientWork({
      handler: this.#handler,
      hub: this.#hub,
      session,
      resumed,
      takesMessages: this.#takesMessages,
      serve: (id, run) => this.#serve(id, run),
      report: (error) => this.#report(error),
    });
  }

  get #renewals(): NonNullable<Broker["sleepers"]> {
    return this.#hub.broker.sleepers ?? renewals;
  }

  /** Sends another token, before the one that the client has expires. */
  renewToken(): void {
    if (this.#session === undefined || this.isOver) return;
    try {
      this.send(formatToken(issueToken(this.#session.id, this.#owner())));
    } catch (error) {
      this.#report(error);
    }
  }

  #owner(): SessionOwner {
    const { application, constructor: { name: handlerName } } = this.#handler;
    return { application, handlerName, user: this.#handler.getSessionUser() };
  }

  // ---- requests

  /** Answers a request with a line, whatever becomes of it. */
  async #serve(id: number, run: () => Promise<string | undefined>): Promise<void> {
    let line: string | undefined;
    try {
      line = await run();
    } catch (error) {
      const { code, message } = requestErrorOf(error, (fault) => this.#report(fault));
      line = formatError(code, message, id);
    }
    this.#answer(line);
  }

  #answer(line: string | undefined): void {
    if (line !== undefined) this.send(line);
    this.#unanswered--;
    if (this.#room === undefined || this.#unanswered >= this.#maxUnanswered) return;
    this.#room.resolve();
    this.#room = undefined;
  }

  async #subscribe(
    request: SubscribeRequest | UnsubscribeRequest,
  ): Promise<string | undefined> {
    if (request.type === "unsubscribe") {
      await this.#subscriptions.unsubscribe(request.topic);
      return formatAck(request.id);
    }
    const mayFollow = () => checkSubscribe(this.#handler, request.topic);
    await this.#subscriptions.subscribe(request.topic, request, mayFollow);
    return undefined;
  }

  #report(error: unknown): void {
    exchangeOf(this.#handler).report(error);
  }

  // ---- sending

  /** Whether nothing more can be sent. */
  get isOver(): boolean {
    return this.#socket === undefined || this.#socket.isEnding;
  }

  /** This side has closed it, or it is gone altogether: what is left of it is not taken. */
  get #isClosing(): boolean {
    return this.#socket === undefined || this.#socket.isEnding && this.#socket.closing === null;
  }

  /** Who the client is in a topic. */
  getPresence(topic: string): PresenceMember | null | PromiseLike<PresenceMember | null> {
    return this.#handler.getPresence(topic);
  }

  /** Sends a line, as a frame. */
  send(line: string): void {
    this.#socket?.deliver(line);
  }

  /** Sends lines, several in a frame. */
  sendAll(lines: Iterable<string>): void {
    for (const frame of joinLines(lines)) this.send(frame);
  }
}

function turn(): Promise<void> {
  return new Promise(nextIteration);
}

function isWork(request: ClientRequest): request is Work {
  return request.type === "publish" || request.type === "message";
}
