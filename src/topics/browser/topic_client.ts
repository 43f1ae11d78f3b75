/** The topics of a server in a page, a worker or a program. */
import { EventStreams } from "./event_streams.ts";
import { framesOf } from "./frames.ts";
import { RequestQueue, settle, type TopicRequest } from "./request_queue.ts";
import { type Closing, retryDelay } from "./retry_delay.ts";
import type {
  TopicClientEvents,
  TopicClientOptions,
  TopicClientState,
} from "./topic_client_options.ts";
import { TopicError } from "./topic_error.ts";
import { dataOf, memberOf, type TopicFrame } from "./topic_frame.ts";
import {
  receive,
  requestOf,
  TopicSubscription,
  type TopicSubscriptionOptions,
} from "./topic_subscription.ts";

const SUBPROTOCOL = "gustnado.v1.json";
/**
 * Milliseconds for the answer to the first frame, and at most to a ping; without it the connection is
 * dead.
 */
const ANSWER_TIME = 10_000;
/** Milliseconds after which a connection is one that works: the next loss is not a further failure. */
const STEADY_TIME = 5_000;
/** Failures at the start after which event streams are tried. */
const FALLBACK_FAILURES = 3;
/** How a client closes a connection that it comes back from. */
const COMES_BACK = 4000;

/** What is typed by {@linkcode TopicClientEvents}. */
export interface TopicClient<Topics extends object = Record<string, unknown>> {
  /** Listens, as to any `EventTarget`. */
  addEventListener<Type extends keyof TopicClientEvents>(
    type: Type,
    listener: (event: TopicClientEvents[Type]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** Listens, as to any `EventTarget`. */
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

/**
 * Follows the topics of a server, publishes to them, and sends messages to the server.
 *
 * It connects at once, and again whenever the connection is lost, until `close()` or until the server
 * says to stay away. Subscriptions go on where they were. What was published or sent without an answer
 * is sent again, in order, and done once.
 *
 * @typeParam Topics The messages of each topic, by its name or a pattern of names. Default: unknown ones.
 *
 * @example
 * ```ts
 * import { TopicClient } from "@gustnado/gustnado/browser";
 *
 * interface Topics {
 *   news: string;
 *   [room: `room/${string}`]: { from: string; text: string };
 * }
 *
 * using client = new TopicClient<Topics>("ws://localhost:8888/topics");
 * const room = client.subscribe("room/1", { last: 50 });
 * room.addEventListener("message", ({ data }) => console.log(`${data.from}: ${data.text}`));
 * client.publish("room/1", { from: "Ada", text: "Is anybody there?" });
 * ```
 *
 * @category Topics
 */
export class TopicClient<Topics extends object = Record<string, unknown>> extends EventTarget {
  readonly #url: URL;
  readonly #options: TopicClientOptions;
  readonly #subscriptions = new Map<string, TopicSubscription>();
  /** Those that the server began: it does so again, or does not. */
  readonly #given = new WeakSet<TopicSubscription>();
  /** Those that are in force on this connection, by their topics. */
  readonly #live = new Map<string, TopicSubscription>();
  /** Those that were asked for on this connection, by their ids. */
  readonly #asked = new Map<number, TopicSubscription>();
  /** Those that have to be asked for, with the ids of those that a busy server put off. */
  readonly #unasked = new Map<TopicSubscription, number | undefined>();
  readonly #requests = new RequestQueue();
  /** The one that is being published without a WebSocket. */
  #posting: TopicRequest | undefined;
  #lastId = 0;
  #state: TopicClientState = "closed";
  #told: TopicClientState = "closed";
  #socket: WebSocket | undefined;
  #streams: EventStreams | undefined;
  #page: AbortController | undefined;
  /** The next attempt, or the next look whether the connection is alive. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The end of a pause that a busy server asked for. */
  #hold: ReturnType<typeof setTimeout> | undefined;
  /** Of the connection: when it was opened, and when something came last. */
  #since = 0;
  #heard = 0;
  #pingInterval = 0;
  #failures = 0;
  /** `undefined` before the first connection, `null` if it gave none. */
  #token: string | null | undefined;
  #wasOpen = false;

  /**
   * Connects.
   *
   * @param url Of a `TopicHandler`; in a page it may be relative.
   * @throws {TypeError} If the URL is none, or there is no WebSocket.
   */
  constructor(url: string | URL, options: TopicClientOptions = {}) {
    super();
    this.#url = absolute(url);
    this.#url.protocol = this.#url.protocol.replace("http", "ws");
    this.#options = options;
    this.connect();
  }

  /** How it is. */
  get state(): TopicClientState {
    return this.#streams?.isOpen ? "open" : this.#state;
  }

  /** Publications and messages that have no answer yet. */
  get queued(): number {
    return this.#requests.size + (this.#posting ? 1 : 0);
  }

  /** Connects again after the end; the subscriptions go on. Does nothing unless it is closed. */
  connect(): void {
    if (this.#state !== "closed") return;
    this.#failures = 0;
    this.#open();
    this.#page = new AbortController();
    for (const type of ["online", "visibilitychange", "pageshow", "pagehide"]) {
      // Node has none of them.
      globalThis.addEventListener?.(type, this.#notice, { signal: this.#page.signal });
    }
  }

  /** Closes the connection. What has no answer yet is rejected. */
  close(): void {
    this.#end(1000, "by this client");
  }

  /** Closes it, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Follows a topic, until `unsubscribe()` of what it returns. Its events come later than this call, so
   * listeners that are added right away miss none; what this client publishes after it is among them.
   *
   * @throws {Error} If the client follows the topic already: share the subscription.
   */
  subscribe<Topic extends string & keyof Topics>(
    topic: Topic,
    options: TopicSubscriptionOptions = {},
  ): TopicSubscription<Topics[Topic]> {
    if (this.#subscriptions.has(topic)) {
      throw new Error(
        `Cannot subscribe to ${topic} twice: share the subscription`,
      );
    }
    const subscription = this.#follow<Topics[Topic]>(topic, options);
    this.#unasked.set(subscription, undefined);
    this.#streams?.open(subscription);
    this.#pump();
    return subscription;
  }

  /**
   * Publishes a message.
   *
   * @param data Bytes, or what can be JSON: it is taken down at once.
   * @returns The position of the message, as soon as the server has it; `undefined` in a plain topic. It
   *   rejects with a {@linkcode TopicError} if it came to nothing, which may be left unhandled.
   */
  publish<Topic extends string & keyof Topics>(
    topic: Topic,
    data: Topics[Topic],
  ): Promise<string | undefined> {
    return this.#request({ type: "publish", topic }, data, ({ position }) => position);
  }

  /**
   * Sends a message to `onMessage` of the `TopicHandler`. It needs a WebSocket.
   *
   * @param data Bytes, or what can be JSON.
   * @returns What `onMessage` returned. It rejects as that of `publish` does.
   */
  send(data: unknown): Promise<unknown> {
    return this.#request({ type: "message" }, data, dataOf);
  }

  // ---- subscriptions

  #follow<Message>(topic: string, options: TopicSubscriptionOptions): TopicSubscription<Message> {
    const end = () => this.#unfollow(subscription);
    const subscription = new TopicSubscription<Message>(topic, options, end);
    this.#subscriptions.set(topic, subscription);
    return subscription;
  }

  #unfollow(subscription: TopicSubscription): void {
    const { topic } = subscription;
    if (!this.#forget(subscription)) return;
    this.#streams?.close(subscription);
    if (!this.#unasked.delete(subscription)) {
      this.#write([JSON.stringify({ type: "unsubscribe", id: ++this.#lastId, topic })]);
    }
  }

  /** Tells whether it was one still. */
  #forget(subscription: TopicSubscription): boolean {
    if (!this.#isCurrent(subscription)) return false;
    this.#live.delete(subscription.topic);
    return this.#subscriptions.delete(subscription.topic);
  }

  /** It may have ended, and another one of the topic may have begun. */
  #isCurrent(subscription: TopicSubscription): boolean {
    return this.#subscriptions.get(subscription.topic) === subscription;
  }

  // ---- requests

  #request<Result>(
    head: Pick<TopicRequest, "type" | "topic">,
    data: unknown,
    read: (frame: TopicFrame) => Result,
  ): Promise<Result> {
    const promise = new Promise<Result>((resolve, reject) => {
      const { maxQueued = 1_000 } = this.#options;
      if (this.#state === "closed") {
        throw new TopicError(1000, "Cannot send: the client is closed");
      }
      if (this.queued >= maxQueued) {
        throw new TopicError(
          0,
          `Cannot send: ${maxQueued} wait for their answers already`,
        );
      }
      const accept = (frame: TopicFrame) => resolve(read(frame));
      this.#requests.add({ ...head, member: memberOf(data), accept, reject });
    });
    promise.catch(() => {});
    this.#pump();
    return promise;
  }

  /**
   * Sends what is to be sent: first what was sent on an earlier connection, under the ids that it has,
   * then subscriptions, then what is new. So ids grow.
   */
  #pump(lines: string[] = []): void {
    if (this.#hold !== undefined) return;
    if (this.#socket?.readyState !== 1) return void this.#post();
    lines.push(...this.#requests.again());
    for (const [subscription, putOff] of this.#unasked) {
      const id = putOff ?? ++this.#lastId;
      const { topic } = subscription;
      this.#asked.set(id, subscription);
      lines.push(JSON.stringify({ type: "subscribe", id, topic, ...requestOf(subscription) }));
    }
    this.#unasked.clear();
    lines.push(...this.#requests.next(() => ++this.#lastId));
    this.#write(lines);
  }

  #write(lines: readonly string[]): void {
    const socket = this.#socket;
    if (socket?.readyState !== 1) return;
    for (const frame of framesOf(lines)) socket.send(frame);
  }

  /** Publishes without a WebSocket, one after the other. */
  async #post(): Promise<void> {
    const streams = this.#streams;
    if (streams === undefined || this.#wasOpen || this.#posting !== undefined) {
      return;
    }
    const request = this.#posting = this.#requests.shift();
    if (request === undefined) return;
    const { topic, member } = request;
    const frame: TopicFrame = topic === undefined
      ? { type: "error", code: 501, message: "Cannot send: there is no WebSocket, only streams" }
      : await streams.post(topic, dataOf(JSON.parse(`{${member}}`)), ++this.#lastId);
    if (this.#posting !== request) return;
    this.#posting = undefined;
    settle(request, frame);
    this.#pump();
  }

  // ---- what comes

  #receive(text: string): void {
    const socket = this.#socket;
    this.#heard = performance.now();
    try {
      for (const line of text.split("\n")) {
        // A listener may have closed it.
        if (this.#socket === socket) this.#handle(JSON.parse(line));
      }
    } catch {
      if (this.#socket === socket) {
        this.#lose({ code: 1006, reason: "A frame is malformed" });
      }
    }
  }

  #handle(frame: TopicFrame): void {
    const { type, topic } = frame;
    if (type === "welcome") this.#welcome(frame);
    else if (type === "token") this.#token = frame.token ?? null;
    else if (type === "ack" || type === "error") this.#answer(frame);
    else if (type === "subscribed") this.#begin(frame);
    else if (topic !== undefined) {
      const subscription = this.#live.get(topic);
      if (subscription !== undefined) receive(subscription, frame);
    } else if (type === "message") {
      this.dispatchEvent(new MessageEvent(type, { data: dataOf(frame) }));
    }
  }

  #welcome({ token, resumed = false, pingInterval }: TopicFrame): void {
    this.#token = token ?? null;
    this.#pingInterval = Math.min(Math.max(Number(pingInterval) || 25_000, 100), 3_600_000);
    this.#since = this.#heard;
    this.#wasOpen = true;
    this.#streams?.closeAll();
    this.#watch(this.#pingInterval);
    this.#enter("open");
    this.#tell("open", { resumed });
  }

  #begin(frame: TopicFrame): void {
    const { id, topic = "" } = frame;
    const known = this.#subscriptions.get(topic);
    if (id !== undefined) {
      // It may have ended meanwhile, and another may have begun.
      if (known === undefined || this.#asked.get(id) !== known) return;
      this.#asked.delete(id);
    }
    const subscription = known ?? this.#follow(topic, {});
    this.#live.set(topic, subscription);
    if (known === undefined) {
      this.#given.add(subscription);
      this.#tell("subscribed", subscription);
    }
    receive(subscription, frame);
  }

  #answer(frame: TopicFrame): void {
    const { id = 0, code = 0, message = "" } = frame;
    const subscription = this.#asked.get(id);
    this.#asked.delete(id);
    if (code === 503 && (subscription !== undefined || this.#requests.putOff(id))) {
      if (subscription !== undefined && this.#isCurrent(subscription)) {
        this.#unasked.set(subscription, id);
      }
      this.#pause();
    } else if (this.#requests.answer(id, frame)) this.#pump();
    else if (subscription !== undefined) {
      if (this.#forget(subscription)) receive(subscription, frame);
    } else if (id === 0) this.#tell("error", new TopicError(code, message));
  }

  /** What a server cannot do now is asked again after a while, before all that follows. */
  #pause(): void {
    this.#hold ??= setTimeout(() => {
      this.#hold = undefined;
      this.#pump();
    }, 500 + Math.random() * 1_500);
  }

  // ---- the connection

  #open(): void {
    const Socket = this.#options.WebSocket ?? globalThis.WebSocket;
    if (Socket === undefined) {
      throw new TypeError("Cannot connect: there is no WebSocket here, give the option WebSocket");
    }
    const socket = this.#socket = new Socket(this.#url.href, SUBPROTOCOL);
    socket.onopen = () => this.#greet();
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#lose({ code, reason });
    // Some throw what nobody listens for.
    socket.onerror = () => {};
    this.#watch(ANSWER_TIME, true);
    this.#enter("connecting");
  }

  /** All in one frame, where it fits: one round trip, and everything goes on. */
  #greet(): void {
    const hello = JSON.stringify({ type: "hello", token: this.#token });
    this.#token ??= null;
    this.#pump([hello]);
  }

  /** Looks after a while whether anything came; asks, if not; and then gives the connection up. */
  #watch(ms: number, asked = false): void {
    clearTimeout(this.#timer);
    const since = performance.now();
    this.#timer = setTimeout(() => {
      const isQuiet = this.#heard < since;
      if (asked && (isQuiet || this.#state !== "open")) {
        this.#lose({ code: 1006, reason: "No answer" });
      } else if (isQuiet) this.#ping();
      else this.#watch(Math.max(this.#heard + this.#pingInterval - performance.now(), 0));
    }, ms);
  }

  #ping(): void {
    this.#watch(Math.min(ANSWER_TIME, this.#pingInterval), true);
    this.#write(['{"type":"ping"}']);
  }

  #lose(closing: Closing): void {
    const wasOpen = this.#state === "open";
    this.#drop(COMES_BACK);
    if (wasOpen && performance.now() - this.#since > STEADY_TIME) {
      this.#failures = 0;
    }
    const { maxDelay = 20_000 } = this.#options;
    const delay = retryDelay(closing, { failures: this.#failures++, maxDelay });
    if (delay === null) this.#end(closing.code, closing.reason);
    else {
      this.#timer = setTimeout(() => this.#open(), delay);
      this.#enter("waiting");
      this.#fallBack(maxDelay);
    }
    if (wasOpen) this.#tell("close", closing);
  }

  /** Leaves the connection, and makes everything ready for the next. */
  #drop(code: number): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#hold);
    this.#hold = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(code);
    }
    this.#live.clear();
    this.#asked.clear();
    for (const subscription of this.#subscriptions.values()) {
      if (!this.#given.has(subscription)) this.#unasked.set(subscription, undefined);
    }
    this.#requests.putAllOff();
  }

  #end(code: number, reason: string): void {
    if (this.#state === "closed") return;
    this.#drop(1000);
    this.#page?.abort();
    this.#streams?.end();
    this.#streams = undefined;
    const error = new TopicError(code, `The connection is closed: ${code} ${reason}`);
    this.#requests.reject(error);
    this.#posting?.reject(error);
    this.#posting = undefined;
    this.#enter("closed");
  }

  #fallBack(maxDelay: number): void {
    const { fallback, headers = () => ({}) } = this.#options;
    // A listener may have closed it.
    if (this.#state !== "waiting" || this.#wasOpen || this.#streams !== undefined) return;
    if (fallback === undefined || this.#failures < FALLBACK_FAILURES) return;
    if (!("EventSource" in globalThis)) return;
    this.#streams = new EventStreams({
      url: (topic) => absolute(fallback(topic)),
      headers,
      delay: () => Math.random() * maxDelay,
      changed: () => this.#changed(),
    });
    for (const subscription of this.#subscriptions.values()) this.#streams.open(subscription);
    this.#post();
  }

  /** What pages are told: the network is back, it is seen again, or it goes and perhaps comes back. */
  readonly #notice = ({ type }: Event): void => {
    if (type === "pagehide") {
      // An open WebSocket would keep the page out of the cache for going back and forth.
      this.#lose({ code: COMES_BACK, reason: "The page is left" });
      clearTimeout(this.#timer);
    } else if (this.#state === "waiting") this.#open();
    else if (this.#state === "open") this.#ping();
  };

  #enter(state: TopicClientState): void {
    this.#state = state;
    this.#changed();
  }

  #changed(): void {
    if (this.state === this.#told) return;
    this.#told = this.state;
    this.#tell("state");
  }

  #tell(type: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function absolute(url: string | URL): URL {
  return new URL(url, globalThis.location?.href);
}
