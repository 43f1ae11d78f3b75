/** The class that applications derive their handlers of topics from. */
import { stays } from "../../web/client_watch.ts";
import { HTTPError } from "../../web/http_error.ts";
import { type Answer, exchangeOf } from "../../web/request_handler.ts";
import type { Application } from "../../web/application.ts";
import type { SlowPeerPolicy } from "../../websocket/settings.ts";
import { connectionOf, speakFor, WebSocketHandler } from "../../websocket/web_socket_handler.ts";
import { WebSocketClosedError } from "../../websocket/web_socket_error.ts";
import type { Position } from "../broker/position.ts";
import type { FollowOptions, PresenceMember } from "../feed/topic_subscriber.ts";
import { formatDirect } from "./server_line.ts";
import { SUBPROTOCOL } from "./subprotocol.ts";
import type { TopicConnection } from "./topic_connection.ts";
import type { Publishable, TopicRights } from "./topic_rights.ts";

/**
 * How a server subscribes its client.
 *
 * @category Topics
 */
export interface TopicSubscribeOptions extends FollowOptions {
  /** Whether the client is told who is there. Default `false`. */
  readonly presence?: boolean;
}

/**
 * Serves topics over WebSockets, in the subprotocol `gustnado.v1.json`; `docs/topics.md` describes it
 * frame by frame.
 *
 * Clients follow topics, and those with history without a gap: one that was away gets all it has missed,
 * or is told that something is lost. What a client sends is acknowledged, is sent again by it until then,
 * and runs once.
 *
 * It says no to everything until `canSubscribe` and `canPublish` are overridden. An exception in a hook is
 * logged and is an error to that request, and the connection stays; out of `open` or `onResume` it closes
 * the connection with 1011. Its limits are members that a class may override.
 *
 * @typeParam App The application's class, for those that keep their state in a subclass.
 *
 * @example
 * ```ts
 * import { Application, TopicHandler } from "@gustnado/gustnado";
 *
 * class Chat extends TopicHandler {
 *   override canSubscribe(topic: string) {
 *     return topic.startsWith("chat/");
 *   }
 *
 *   override canPublish(topic: string) {
 *     return topic.startsWith("chat/") && this.currentUser !== null;
 *   }
 *
 *   override onPublish(_topic: string, text: string | Uint8Array | object) {
 *     return { from: this.currentUser, text };
 *   }
 * }
 *
 * const app = new Application([["/topics", Chat]], { topics: { "chat/*": { history: 500 } } });
 * ```
 *
 * @category Topics
 */
// deno-lint-ignore no-explicit-any -- as for WebSocketHandler
export class TopicHandler<App extends Application = any> extends WebSocketHandler<App>
  implements TopicRights {
  #topics: TopicConnection | undefined;

  // ---- hooks

  /**
   * The client is connected, and has said which session it is. Runs on every connection; what the client
   * asks for waits until its promise settles.
   *
   * @param _pathArgs The groups of the route's pattern, decoded.
   */
  override open(..._pathArgs: string[]): void | PromiseLike<void> {}

  /**
   * A session has come back. Runs after `open`; the client asks for its topics by itself, but what the
   * server has subscribed it to and sent to it alone is gone with the connection before.
   */
  onResume(): void | PromiseLike<void> {}

  /**
   * Whether the client may follow a topic; `false` unless overridden. Anything but `true` refuses, with
   * 403. It is asked again at every reconnection.
   *
   * @param _topic Well-formed text of 1 to 256 bytes, whatever the client says.
   */
  canSubscribe(_topic: string): boolean | PromiseLike<boolean> {
    return false;
  }

  /**
   * Whether the client may publish to a topic; `false` unless overridden. Anything but `true` refuses, with
   * 403.
   *
   * @param _topic Well-formed text of 1 to 256 bytes.
   * @param _data What it sends: text, bytes, or what JSON gives.
   */
  canPublish(_topic: string, _data: Publishable): boolean | PromiseLike<boolean> {
    return false;
  }

  /**
   * What is published of what the client sends, after `canPublish`: add the user's name or the time here,
   * which clients could forge. Unless overridden, `data` as it is. What is sent again may come again, and
   * is published once all the same.
   *
   * @param _topic The topic.
   * @param data What the client sends.
   */
  onPublish(_topic: string, data: Publishable): Publishable | PromiseLike<Publishable> {
    return data;
  }

  /**
   * The client has sent something to the handler itself. It is to be overridden: as it is, that is an
   * error. Calls never overlap, and run once for each message that the client sends, also if the
   * connection breaks and it has to send it again.
   *
   * @param _data Bytes, or what JSON gives, of any shape.
   * @returns What the client gets as the answer: bytes, what can be JSON, or `undefined` for nothing. A
   *   promise is waited for. An `HTTPError` of a status from 400 to 499 tells the client its reason.
   */
  override onMessage(_data: unknown): unknown {
    throw new HTTPError(404, { reason: "Nothing is done with messages" });
  }

  /**
   * Who the client is to others in a topic with `presence`; `null` for nobody, which is the default. Runs
   * when the client follows the topic.
   *
   * @param _topic The topic.
   */
  getPresence(_topic: string): PresenceMember | null | PromiseLike<PresenceMember | null> {
    return null;
  }

  /**
   * The user that a session is bound to: a token that was given to one is no use to another. By default
   * `currentUser`, as JSON if it is no text; override it if that changes while a user is logged in.
   */
  getSessionUser(): string {
    const { currentUser } = this;
    if (currentUser === null || currentUser === undefined) return "";
    return typeof currentUser === "string" ? currentUser : JSON.stringify(currentUser) ?? "";
  }

  // ---- the client

  /**
   * The session of the client, which lasts over its connections: it is the same when it comes back.
   *
   * @throws {Error} Before `open`.
   */
  get session(): string {
    return this.#said("session").id;
  }

  /** Whether the client has come back. */
  get resumed(): boolean {
    return this.#topics?.session?.resumed ?? false;
  }

  /**
   * Sends something to this client alone. It is not kept: a client that is away does not get it.
   *
   * @param data Bytes, or what can be JSON.
   * @returns As {@linkcode WebSocketHandler.writeMessage}.
   * @throws {TypeError} If it cannot be JSON.
   */
  send(data: unknown): Promise<void> {
    return connectionOf(this)?.send(formatDirect(data)) ?? notOpen();
  }

  /** As {@linkcode send}. */
  override writeMessage(message: string | Uint8Array | object): Promise<void> {
    return this.send(message);
  }

  // ---- topics

  /**
   * Subscribes the client to a topic, without asking `canSubscribe`. The client is told. It may have to be
   * done again when the client comes back: in `open`.
   *
   * @returns Settles when the subscription has begun. It need not be awaited.
   * @throws {BrokerError} The promise rejects if the log of the topic cannot be reached.
   * @throws {Error} Before `open`.
   */
  override subscribe(topic: string, options: TopicSubscribeOptions = {}): Promise<void> {
    this.#said("subscribe()");
    const begun = this.#topics?.subscriptions.subscribe(topic, options) ?? Promise.resolve();
    begun.catch(() => {});
    return begun;
  }

  /** Takes the client off a topic, if it is on it. The client is not told. */
  override unsubscribe(topic: string): void {
    this.#topics?.subscriptions.unsubscribe(topic).catch(() => {});
  }

  /**
   * Sends a message to all who follow a topic, this client included: everyone has the same messages in the
   * same order.
   *
   * @returns As `Application.publish`.
   * @throws {TypeError} If the message cannot be sent.
   */
  override publish(
    topic: string,
    message: string | Uint8Array | object,
  ): Promise<Position | undefined> {
    return this.application.publish(topic, message);
  }

  #said(action: string): { readonly id: string } {
    const session = this.#topics?.session;
    if (session !== undefined) return session;
    throw new Error(`Cannot use ${action}: the client has not said hello yet; use open()`);
  }

  // ---- limits

  /** Topics that a connection may follow; one more is an error 429. 1,000 unless overridden. */
  get maxSubscriptions(): number {
    return 1_000;
  }

  /** Lines that a frame of the client may have; more close the connection. 4,096 unless overridden. */
  get maxFrameLines(): number {
    return 4_096;
  }

  /**
   * Requests of a connection that may be unanswered; no more are taken until then. 1,000 unless overridden.
   */
  get maxUnanswered(): number {
    return 1_000;
  }

  /** Milliseconds that a client has to say hello. 10,000 unless overridden. */
  get helloTimeout(): number {
    return 10_000;
  }

  /**
   * Milliseconds of silence after which clients ask whether the connection is alive. 25,000 unless
   * overridden.
   */
  get clientPingInterval(): number {
    return 25_000;
  }

  /**
   * Milliseconds within which clients come back when the server shuts down: each is told another time, so
   * that they do not come all at once. 2,000 unless overridden.
   */
  get comeBackWithin(): number {
    return 2_000;
  }

  /** A message that is left out would be a gap: a slow client is closed, and catches up. */
  override get onSlow(): SlowPeerPolicy {
    return "close";
  }

  // ---- the upgrade

  /**
   * Takes `gustnado.v1.json`. A client that offers others only is answered with 400; one that offers none is
   * let in, and closed with 4400: browsers show nothing else of why.
   */
  override selectSubprotocol(
    offered: string[],
  ): string | null | PromiseLike<string | null> {
    if (offered.includes(SUBPROTOCOL)) return SUBPROTOCOL;
    if (offered.length === 0) return null;
    const reason = `Offer the subprotocol ${SUBPROTOCOL}`;
    throw new HTTPError(400, { reason, logMessage: reason });
  }

  /** Turns the request into a WebSocket, or answers why not; see {@linkcode WebSocketHandler.get}. */
  override get(...pathArgs: string[]): Answer {
    return connections === undefined
      ? this.#loadAndConnect(pathArgs)
      : this.#connect(connections, pathArgs);
  }

  /** Applications without topics do not load what serves them. */
  async #loadAndConnect(pathArgs: string[]): Promise<void> {
    connections = await import("./topic_connection.ts");
    if (this.finished || !await stays(exchangeOf(this))) return;
    await this.#connect(connections, pathArgs);
  }

  #connect({ TopicConnection }: Connections, pathArgs: string[]): Answer {
    const takesMessages = this.onMessage !== TopicHandler.prototype.onMessage;
    this.#topics = new TopicConnection(this, { takesMessages });
    speakFor(this, { hooks: this.#topics, farewells: this.#topics });
    return super.get(...pathArgs);
  }
}

type Connections = typeof import("./topic_connection.ts");

/** What serves topics, once it is loaded. */
let connections: Connections | undefined;

function notOpen(): Promise<void> {
  const rejected = Promise.reject(
    new WebSocketClosedError("Cannot send(): the WebSocket is not open yet"),
  );
  rejected.catch(() => {});
  return rejected;
}
