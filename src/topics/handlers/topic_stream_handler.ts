/** Topics over plain HTTP. */
import { LONGEST_DELAY } from "../../platform/timer.ts";
import { decodeUtf8, isNestedTooDeep, MOST_NESTED } from "../../http/input_error.ts";
import type { Application } from "../../web/application.ts";
import { EventStreamHandler, openStream, sendEvents } from "../../web/event_stream_handler.ts";
import { HTTPError } from "../../web/http_error.ts";
import { served } from "../../web/request/served_request.ts";
import type { Producer } from "../broker/broker.ts";
import { BrokerError } from "../broker/broker_error.ts";
import { formatPosition, parsePosition } from "../broker/position.ts";
import type { TopicHub } from "../topic_hub.ts";
import type { CatchUp, FollowOptions, PresenceMember } from "../feed/topic_subscriber.ts";
import { problemOfTopic } from "./client_topic.ts";
import { RequestError } from "./request_error.ts";
import { TopicEvents } from "./topic_events.ts";
import { type PollOptions, TopicPoll } from "./topic_poll.ts";
import { checkSubscribe, type Publishable, publishFor, type TopicRights } from "./topic_rights.ts";

const EVENTS = /(?:^|,)\s*text\/event-stream\s*(?:[;,]|$)/i;
const WHOLE_NUMBER = /^(?:0|[1-9]\d{0,14})$/;
/** Names of producers: what every engine can keep. */
const PRODUCER = /^[!-~]{1,128}$/;
/** Seconds after which a client asks again when the broker is lost. */
const RETRY_AFTER = "1";

/** What a request asks for. */
interface Asked {
  readonly hub: TopicHub;
  readonly topic: string;
  readonly options: FollowOptions;
}

/**
 * Serves one topic at a URL: as an event stream to a browser's `EventSource`, which recovers what it has
 * missed by itself; as JSON to any client, which may wait for the next message; and it publishes what is
 * posted. Positions are those of `TopicHandler`; `docs/topics.md` describes all three.
 *
 * It says no to everything until `canSubscribe` and `canPublish` are overridden.
 *
 * @typeParam App The application's class, for those that keep their state in a subclass.
 *
 * @example
 * ```ts
 * import { Application, TopicStreamHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class News extends TopicStreamHandler {
 *   override getTopic(section: string) {
 *     return `news/${section}`;
 *   }
 *
 *   override canSubscribe() {
 *     return true;
 *   }
 * }
 *
 * const app = new Application([["/news/:section", News]], { topics: { "news/*": {} } });
 * await app.publish("news/weather", "A gust");
 * const response = await app.fetch(new Request("http://localhost/news/weather?last=1"));
 * const { messages } = await response.json();
 * assertEquals(messages[0].data, "A gust");
 * ```
 *
 * @category Topics
 */
// deno-lint-ignore no-explicit-any -- as for RequestHandler
export class TopicStreamHandler<App extends Application = any> extends EventStreamHandler<App>
  implements TopicRights {
  #poll: TopicPoll | undefined;

  // ---- hooks

  /**
   * The topic of a request: the first group of the route's pattern, unless overridden.
   *
   * @param pathArgs The groups of the route's pattern, decoded.
   */
  getTopic(...pathArgs: string[]): string {
    const [topic] = pathArgs;
    if (topic !== undefined) return topic;
    throw new Error(`Cannot tell the topic: override getTopic() of ${this.constructor.name}`);
  }

  /**
   * Whether the client may follow a topic; `false` unless overridden. Anything but `true` refuses, with
   * 403.
   *
   * @param _topic Well-formed text of 1 to 256 bytes.
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
   * What is published of what the client sends, after `canPublish`. Unless overridden, `data` as it is.
   *
   * @param _topic The topic.
   * @param data What the client sends.
   */
  onPublish(_topic: string, data: Publishable): Publishable | PromiseLike<Publishable> {
    return data;
  }

  /**
   * Who the client is to others in a topic with `presence`, while its event stream is open; `null` for
   * nobody, which is the default.
   *
   * @param _topic The topic.
   */
  getPresence(_topic: string): PresenceMember | null | PromiseLike<PresenceMember | null> {
    return null;
  }

  // ---- limits

  /** Milliseconds that a request may wait for the next message. 60,000 unless overridden. */
  get maxWait(): number {
    return 60_000;
  }

  // ---- verbs

  /**
   * Opens an event stream for a client that accepts one, and else answers with JSON. Override
   * `canSubscribe`, and `open` for what goes to one client alone.
   */
  override async get(...pathArgs: string[]): Promise<void> {
    const asked = await this.#begin(pathArgs);
    // The client may have left while the hook was asked: nothing would end what begins now.
    if (this.closed) return;
    if (this.#wantsEvents) return await this.#stream(asked, pathArgs);
    await this.#answer(asked, this.#wait);
  }

  /** Answers as `get`, and neither opens a stream nor waits. */
  override async head(...pathArgs: string[]): Promise<void> {
    const asked = await this.#begin(pathArgs);
    if (this.#wantsEvents) await super.head(...pathArgs);
    else await this.#answer(asked, 0);
  }

  /** Publishes the body: JSON, or bytes as `application/octet-stream`. Override `canPublish`. */
  override async post(...pathArgs: string[]): Promise<void> {
    const topic = this.#topicOf(pathArgs);
    const data = this.#body();
    const producer = this.#producer();
    const hub = await this.#loadHub();
    const published = publishFor(this, hub, { topic, data, ...producer && { producer } });
    const position = await this.#orRefuse(published);
    this.write(position === undefined ? {} : { position: formatPosition(position) });
  }

  /** Ends what waits when the client leaves. Override `onClose` instead. */
  override onConnectionClose(): void {
    this.#poll?.end();
    super.onConnectionClose();
  }

  // ---- what is asked

  async #begin(pathArgs: string[]): Promise<Asked> {
    this.setHeader("Vary", "Accept");
    this.setHeader("Cache-Control", "no-store");
    const topic = this.#topicOf(pathArgs);
    const options = this.#options();
    await this.#orRefuse(checkSubscribe(this, topic));
    return { hub: await this.#loadHub(), topic, options };
  }

  /** Applications without topics do not load it. */
  async #loadHub(): Promise<TopicHub> {
    const { hubOf } = await import("./hub_of.ts");
    return hubOf(this);
  }

  #topicOf(pathArgs: string[]): string {
    const topic = this.getTopic(...pathArgs);
    const problem = problemOfTopic(topic);
    if (problem === null) return topic;
    throw new HTTPError(404, { logMessage: problem });
  }

  #options(): FollowOptions {
    const after = this.lastEventId || this.getQueryArgument("after", null);
    const last = this.#number("last");
    if (after === null) return last === undefined ? {} : { last };
    const position = parsePosition(after);
    if (position !== null) return { after: position };
    throw new HTTPError(400, { reason: "The position is malformed" });
  }

  get #wait(): number {
    return Math.min(this.#number("wait") ?? 0, this.maxWait, LONGEST_DELAY);
  }

  #number(name: string): number | undefined {
    const value = this.getQueryArgument(name, null);
    if (value === null) return undefined;
    if (WHOLE_NUMBER.test(value)) return Number(value);
    throw new HTTPError(400, { reason: `The argument ${name} must be a whole number` });
  }

  get #wantsEvents(): boolean {
    return EVENTS.test(this.request.header("accept") ?? "");
  }

  #body(): Publishable {
    const type = this.request.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
    if (type === "application/octet-stream") return this.request.body;
    if (type !== "application/json") throw new HTTPError(415);
    // A byte order mark may be ignored (RFC 8259 §8.1).
    const data = parseJson(decodeUtf8(this.request.body, "body").replace(/^\ufeff/, ""));
    if (typeof data === "string" || typeof data === "object" && data !== null) return data;
    throw new HTTPError(400, { reason: "The body must be a string, an object or an array" });
  }

  #producer(): Producer | undefined {
    const id = this.request.header("topic-producer");
    const number = this.request.header("topic-number");
    if (id === null && number === null) return undefined;
    if (PRODUCER.test(id ?? "") && WHOLE_NUMBER.test(number ?? "") && number !== "0") {
      // Nobody can pass for a session or a process.
      return { id: `http ${id}`, number: Number(number) };
    }
    throw new HTTPError(400, { reason: "Topic-Producer and Topic-Number are malformed" });
  }

  // ---- JSON

  async #answer({ hub, topic, options }: Asked, wait: number): Promise<void> {
    if (hub.declarationOf(topic) === undefined) {
      throw new HTTPError(404, { reason: "The topic keeps no history" });
    }
    let found = await this.#orRefuse(hub.read(topic, options));
    if (this.closed) return;
    if (wait > 0 && found.entries.length === 0 && found.recovered !== false) {
      found = await this.#pollFor({ hub, topic, options }, { after: found.position, wait });
    }
    if (this.finished) return;
    this.setHeader("Content-Type", "application/json");
    this.write(formatMessages(found));
  }

  async #pollFor(
    { hub, topic }: Asked,
    wanted: Pick<PollOptions, "after" | "wait">,
  ): Promise<CatchUp> {
    const { server } = served(this.request);
    const options = { ...wanted, openWork: server.openWork };
    this.#poll = new TopicPoll(hub, options);
    if (server.goingAway) this.#poll.end();
    return await this.#orRefuse(this.#poll.run(topic, options));
  }

  // ---- events

  async #stream(asked: Asked, pathArgs: string[]): Promise<void> {
    const events = new TopicEvents((text) => void sendEvents(this, text).catch(() => {}));
    this.signal.addEventListener("abort", () => leave(asked, events), { once: true });
    await this.#orRefuse(this.#follow(asked, events));
    // A client that left before it was asked for has told nobody.
    if (this.closed) return leave(asked, events);
    openStream(this, () => events.open(), pathArgs);
  }

  async #follow(asked: Asked, events: TopicEvents): Promise<void> {
    const { hub, topic, options } = asked;
    const declaration = hub.declarationOf(topic);
    if (declaration === undefined) {
      hub.subscribe(topic, events.plain);
      return events.beginPlain();
    }
    await hub.follow(topic, events, options);
    if (!declaration.presence || this.closed) return;
    const member = await this.getPresence(topic);
    if (member !== null && member !== undefined && !this.closed) await this.#join(asked, member);
    if (this.request.queryArguments["presence"] !== undefined && !this.closed) {
      await hub.watch(topic, events);
    }
  }

  async #join({ hub, topic }: Asked, member: PresenceMember): Promise<void> {
    this.signal.addEventListener("abort", () => hub.leave(topic, member.id, this), { once: true });
    await hub.join(topic, member, this);
  }

  // ---- errors

  async #orRefuse<T>(result: Promise<T>): Promise<T> {
    try {
      return await result;
    } catch (error) {
      if (error instanceof RequestError) {
        throw new HTTPError(error.code, { reason: error.message });
      }
      if (!(error instanceof BrokerError)) throw error;
      const headers = { "Retry-After": RETRY_AFTER };
      throw new HTTPError(503, { headers, logMessage: error.message });
    }
  }
}

/** Ends a stream's part in the topic. */
function leave({ hub, topic }: Asked, events: TopicEvents): void {
  if (hub.declarationOf(topic) === undefined) return hub.leave(events.plain);
  hub.unfollow(topic, events);
  hub.unwatch(topic, events);
}

function parseJson(text: string): unknown {
  if (isNestedTooDeep(text)) {
    throw new HTTPError(400, { reason: `The body is nested more than ${MOST_NESTED} deep` });
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new HTTPError(400, { reason: "The body is not JSON" });
  }
}

function formatMessages({ position, recovered, entries }: CatchUp): string {
  const last = entries.at(-1)?.position ?? formatPosition(position);
  const whole = recovered === null ? "" : `"recovered":${recovered},`;
  const messages = entries.map((entry) => `{"position":"${entry.position}",${entry.member}}`);
  return `{"position":"${last}",${whole}"messages":[${messages.join(",")}]}`;
}
