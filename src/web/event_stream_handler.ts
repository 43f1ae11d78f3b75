/** Server-sent events. */
import {
  decodeLastEventId,
  EVENT_STREAM,
  type EventFields,
  formatEvent,
  HEARTBEAT,
} from "../http/body/event_stream.ts";
import { LONGEST_DELAY } from "../platform/timer.ts";
import type { OpenWork } from "../server/open_work.ts";
import { generalLog } from "../log.ts";
import type { SharedMessage } from "../topics/shared_message.ts";
import type { ApplicationTopics, Subscriber } from "../topics/topics.ts";
import type { Application } from "./application.ts";
import { toBytes, toChunk } from "../http/body/chunk.ts";
import { StreamClosedError } from "./http_error.ts";
import { type Answer, exchangeOf, RequestHandler } from "./request_handler.ts";
import { served } from "./request/served_request.ts";

/**
 * An event for {@linkcode EventStreamHandler.send}. Every field is optional, but there must be one.
 *
 * @category WebSockets and event streams
 */
export interface ServerSentEvent {
  /** The type of the event, for which a client listens. Default `"message"`. No line break. */
  readonly event?: string;
  /**
   * Text of any number of lines, or a plain object or an array, which is sent as JSON. An event
   * without data is not shown to the client's program: it only sets `id` or `retry`.
   */
  readonly data?: string | object;
  /** What the client sends back as `Last-Event-ID` when it connects again. No line break, no NUL. */
  readonly id?: string;
  /** Milliseconds that the client waits before it connects again. An integer from 0. */
  readonly retry?: number;
}

/**
 * Opens the stream of a handler, whose `get` was overridden, and sends what has to come first.
 *
 * @internal
 */
export function openStream(
  handler: EventStreamHandler,
  first: () => string,
  pathArgs: readonly string[],
): void {
  EventStreamHandler["openStream"](handler, first, pathArgs);
}

/**
 * Sends events that are written down already.
 *
 * @internal
 */
export function sendEvents(handler: EventStreamHandler, text: string): Promise<void> {
  return EventStreamHandler["sendEvents"](handler, text);
}

/**
 * Sends events to a browser's `EventSource`, for as long as the client stays
 * (WHATWG HTML §9.2, "Server-sent events").
 *
 * It is to be used as a `WebSocketHandler` is: `prepare` may still refuse the request with an error
 * or a redirect, and everything of a `RequestHandler` works there. Then the response begins, `open`
 * runs, and the stream stays open, also after `open` is done, until the client leaves, `close()` is
 * called or the server shuts down. Then `onClose` runs, once.
 *
 * A client whose stream ends connects again by itself. To make it stop, answer it with 204: in
 * `prepare`, `this.setStatus(204); this.finish();`.
 *
 * While nothing is sent, a comment goes out now and then, so that no proxy takes the connection for
 * a dead one. The response is neither compressed nor cached, nor buffered by nginx.
 *
 * @typeParam App The application's class, for those that keep their state in a subclass.
 *
 * @example
 * ```ts
 * import { Application, EventStreamHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Countdown extends EventStreamHandler {
 *   override async open(from: string) {
 *     for (let n = Number(from); n > 0; n--) await this.send({ event: "tick", data: `${n}` });
 *     this.close();
 *   }
 * }
 *
 * const app = new Application([["/countdown/:from", Countdown]]);
 * const response = await app.fetch(new Request("http://localhost/countdown/2"));
 * assertEquals(await response.text(), "event: tick\ndata: 2\n\nevent: tick\ndata: 1\n\n");
 * ```
 *
 * @category WebSockets and event streams
 */
// deno-lint-ignore no-explicit-any -- as for RequestHandler
export class EventStreamHandler<App extends Application = any> extends RequestHandler<App> {
  // For the functions above. Static and private: a static block would keep bundlers from leaving out the
  // class, and `#` would hide it from them.
  /** Begins the stream, for the rest of the house. */
  private static openStream(
    handler: EventStreamHandler,
    first: () => string,
    pathArgs: readonly string[],
  ): void {
    handler.#start(pathArgs, first);
  }

  /** Sends text that is events already, for the rest of the house. */
  private static sendEvents(handler: EventStreamHandler, text: string): Promise<void> {
    return handler.#send(toBytes(text));
  }

  readonly #openWork: OpenWork = {
    goAway: () => this.#goAway(),
    cut: () => this.#breakOff(new StreamClosedError()),
    openIn: undefined,
    previousOpen: undefined,
    nextOpen: undefined,
  };
  #state: "preparing" | "open" | "closed" = "preparing";
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #silent = true;
  #unsent = 0;
  #closing: AbortController | undefined;
  #subscriber: Subscriber | undefined;

  // ---- entry points

  /**
   * The stream is open. Send from here, or remember the handler and have others send. An exception
   * is logged and breaks the stream off; that the client left is not an error.
   *
   * @param _pathArgs The groups of the route's pattern.
   */
  open(..._pathArgs: string[]): void | PromiseLike<void> {}

  /** The stream has ended, whoever ended it. Forget the handler here. Not called without `open`. */
  onClose(): void | PromiseLike<void> {}

  // ---- input

  /**
   * The `id` of the last event that the client received before it connected again; `null` if this
   * is its first connection, or no event had an id.
   */
  get lastEventId(): string | null {
    return decodeLastEventId(this.request.header("last-event-id"));
  }

  /** Whether the stream has ended. */
  get closed(): boolean {
    return this.#state === "closed";
  }

  /**
   * Is aborted when the stream ends, whoever ended it: hand it to what `open` waits for, such as a
   * timer, a queue or a `fetch`. When it is aborted, its reason may be thrown out of `open`.
   */
  get signal(): AbortSignal {
    this.#closing ??= new AbortController();
    if (this.closed) this.#closing.abort(new StreamClosedError());
    return this.#closing.signal;
  }

  // ---- output

  /**
   * Sends an event.
   *
   * @returns A promise that settles when the client's side has taken it: await it, so that a slow
   *   client slows the sender down. Where many are sent to, it need not be awaited: a client that is
   *   too slow is cut off.
   * @throws {StreamClosedError} The promise rejects if the stream has ended.
   * @throws {TypeError} If a field has characters that it cannot have, or there is none.
   * @throws {RangeError} If `retry` is not an integer from 0.
   * @throws {Error} Before `open`.
   */
  send(event: ServerSentEvent): Promise<void> {
    const text = formatEvent(fieldsOf(event));
    if (this.#state === "preparing") {
      const wayOut = this.get === EventStreamHandler.prototype.get
        ? "send from open() on"
        : "get() opens it, so override open() in place of get()";
      throw new Error(`Cannot send an event: the stream is not open yet; ${wayOut}`);
    }
    return this.#send(toBytes(text));
  }

  /** Ends the stream. What was sent before still arrives. A second call does nothing. */
  close(): void {
    if (!this.finished) this.finish();
  }

  /** Ends the stream, or the response in `prepare`; see {@linkcode RequestHandler.finish}. */
  override finish(chunk?: string | Uint8Array | object): Promise<void> {
    const sent = super.finish(chunk);
    this.#end();
    return sent;
  }

  // ---- topics

  /**
   * Subscribes the stream to a topic of the application. What is published comes as the data of an event,
   * an object as JSON, bytes as base64 in an event of the type `bytes`. The stream leaves all topics when
   * it ends; after that this does nothing.
   *
   * @throws {Error} Before `open`.
   * @throws {TypeError} If the topic is declared, or carried by a broker, and cannot be one.
   * @throws {RangeError} If the name of such a topic does not have 1 to 256 bytes.
   *
   * @example
   * ```ts
   * import { Application, EventStreamHandler } from "@gustnado/gustnado";
   *
   * class News extends EventStreamHandler {
   *   override open() {
   *     this.subscribe("news");
   *   }
   * }
   *
   * const app = new Application([["/news", News]]);
   * app.publish("news", { wind: "a gust" });
   * ```
   */
  subscribe(topic: string): void {
    if (this.#state === "preparing") {
      throw new Error("Cannot subscribe(): the stream is not open yet; use open()");
    }
    const subscriber = this.#subscriber ??= { deliver: (_, shared) => this.#deliver(shared) };
    exchangeOf(this).parts.topicKit.use((topics) => {
      if (!this.closed) topics.subscribe(topic, subscriber);
    }, plainTopics);
  }

  /** Takes the stream off a topic, if it is on it. */
  unsubscribe(topic: string): void {
    const subscriber = this.#subscriber;
    if (subscriber === undefined) return;
    exchangeOf(this).parts.topicKit.use(
      (topics) => topics.unsubscribe(topic, subscriber),
      plainTopics,
    );
  }

  // ---- limits

  /**
   * Milliseconds of silence after which a comment is sent; 0 for none. 15,000 unless overridden:
   * proxies give a silent connection up after 30 to 60 seconds.
   */
  get heartbeatInterval(): number {
    return 15_000;
  }

  /**
   * Milliseconds after which clients come back when the server shuts down; 1,000 unless overridden.
   * Each is told a time from here to the double of it, so that they do not come all at once.
   */
  get retryDelay(): number {
    return 1_000;
  }

  /**
   * Bytes that may wait for a slow client; 1 MiB unless overridden. One that lets more pile up is cut
   * off, and may catch up with its `Last-Event-ID` when it comes back.
   */
  get maxBufferedBytes(): number {
    return 1024 * 1024;
  }

  // ---- the life of a stream

  /** Opens the stream. Override `open` instead. */
  override get(...pathArgs: string[]): Answer {
    this.#start(pathArgs);
  }

  #start(pathArgs: readonly string[], first?: () => string): void {
    // The client may have left while prepare() was waiting.
    if (this.closed) return;
    this.keepOpen();
    this.#begin();
    const { server } = served(this.request);
    if (server.goingAway) return this.#goAway();
    server.openWork.add(this.#openWork);
    this.#state = "open";
    this.#startHeartbeat();
    if (first !== undefined) this.#send(toBytes(first()));
    this.#guard(() => this.open(...pathArgs), (error) => this.#fail(error));
  }

  /** Answers as `get`, and does not open a stream. */
  override head(..._pathArgs: string[]): Answer {
    this.#begin();
  }

  /** Ends the stream when the client leaves. Override `onClose` instead. */
  override onConnectionClose(): void {
    if (exchangeOf(this).streaming) this.close();
    else this.#end();
  }

  #begin(): void {
    this.setHeader("Content-Type", EVENT_STREAM);
    this.setHeader("Cache-Control", "no-store");
    this.setHeader("X-Accel-Buffering", "no");
    this.flush();
  }

  /** A publisher does not wait: a stream that is too slow is cut off. */
  #deliver(shared: SharedMessage): undefined {
    void this.#send(shared.event);
  }

  #send(bytes: Uint8Array): Promise<void> {
    if (this.closed) return rejected(new StreamClosedError());
    if (this.#unsent > 0 && this.#unsent + bytes.length > this.maxBufferedBytes) {
      return this.#dropSlowClient();
    }
    this.#silent = false;
    this.#unsent += bytes.length;
    this.write(bytes);
    const taken = this.flush();
    const settle = () => void (this.#unsent -= bytes.length);
    taken.then(settle, settle);
    return taken;
  }

  #dropSlowClient(): Promise<void> {
    generalLog()?.info("Cutting off a client that is too slow: {unsent} bytes wait for {request}", {
      unsent: this.#unsent,
      request: String(this.request),
    });
    const error = new StreamClosedError();
    this.#breakOff(error);
    return rejected(error);
  }

  #startHeartbeat(): void {
    const { heartbeatInterval } = this;
    if (heartbeatInterval === 0) return;
    this.#heartbeat = setInterval(() => this.#beat(), Math.min(heartbeatInterval, LONGEST_DELAY));
  }

  /** A client that has yet to take what was sent before needs no comment on top of it. */
  #beat(): void {
    if (this.#silent && this.#unsent === 0) this.#send(toBytes(HEARTBEAT));
    this.#silent = true;
  }

  #goAway(): void {
    const retry = Math.round(this.retryDelay * (1 + Math.random()));
    if (!this.closed) this.#send(toBytes(formatEvent({ retry })));
    this.close();
  }

  #fail(error: unknown): void {
    // Whatever waits for a stream that has ended is told so, and passes it on.
    if (this.closed && (error instanceof StreamClosedError || this.#isAbort(error))) return;
    if (served(this.request).isReasonOfLeaving(error)) return this.#breakOff(error);
    exchangeOf(this).report(error);
    this.#breakOff(error);
  }

  #isAbort(error: unknown): boolean {
    return this.#closing !== undefined && error === this.#closing.signal.reason;
  }

  #breakOff(error: unknown): void {
    exchangeOf(this).breakOff(error);
    this.#end();
  }

  #end(): void {
    if (this.closed) return;
    const opened = this.#state === "open";
    this.#state = "closed";
    clearInterval(this.#heartbeat);
    served(this.request).server.openWork.delete(this.#openWork);
    this.#closing?.abort(new StreamClosedError());
    if (this.#subscriber !== undefined) exchangeOf(this).parts.topics?.leave(this.#subscriber);
    if (opened) this.#guard(() => this.onClose(), (error) => exchangeOf(this).report(error));
  }

  /** An exception in a hook must not end the process. `onError` never throws. */
  async #guard(
    hook: () => void | PromiseLike<void>,
    onError: (error: unknown) => void,
  ): Promise<void> {
    try {
      await hook();
    } catch (error) {
      onError(error);
    }
  }
}

function fieldsOf(event: ServerSentEvent): EventFields {
  const { data, ...fields } = event;
  if (data === undefined) return fields;
  const text = toChunk(data);
  if (typeof text === "string") return { ...fields, data: text };
  throw new TypeError("Cannot send bytes as the data of an event: event streams are text");
}

/** Senders need not await what they send. */
function rejected(error: Error): Promise<void> {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
}

/** Event streams that subscribe to nothing do not load them. */
async function plainTopics(): Promise<ApplicationTopics> {
  const { Topics } = await import("../topics/topics.ts");
  return new Topics();
}
