/** The topics of an application: plain ones, and those with history. */
import { byteLength, type Chunk, toChunk } from "../http/body/chunk.ts";
import { callGuarded } from "../concurrent/loop/guarded_call.ts";
import { excerpt } from "../http/excerpt.ts";
import type { Broker, BrokerEvents, Producer } from "./broker/broker.ts";
import { BrokerLife } from "./broker/broker_life.ts";
import { readCatchUp } from "./feed/log_slice.ts";
import {
  decodePayload,
  encodePayload,
  isPayload,
  type Payload,
  payloadKind,
} from "./broker/payload.ts";
import { PlainFollower } from "./feed/plain_follower.ts";
import type { Position } from "./broker/position.ts";
import { Presence, PRESENCE_TIMES, type PresenceTimes } from "./presence/presence.ts";
import {
  TOPIC_DEFAULTS,
  type TopicDeclaration,
  type TopicOptions,
  type TopicSettings,
} from "./settings.ts";
import { TopicDeclarations } from "./topic_declarations.ts";
import { TopicFeed } from "./feed/topic_feed.ts";
import { checkMemberId, checkTopic } from "./topic_name.ts";
import type {
  CatchUp,
  FollowOptions,
  PresenceMember,
  PresenceSubscriber,
  TopicSubscriber,
} from "./feed/topic_subscriber.ts";
import { type ApplicationTopics, type PublishOptions, type Subscriber, Topics } from "./topics.ts";

/** Milliseconds that a topic is followed after its last subscriber: those who come back come soon. */
const LINGER = 5_000;

/** What a hub can be told besides settings. */
export interface HubOptions {
  /** The plain topics of the application, where there are some already. */
  readonly plain?: Topics;
  /** Milliseconds that a topic is followed after its last subscriber. Default 5,000. */
  readonly linger?: number;
  /** Times of the presence. Default {@linkcode PRESENCE_TIMES}. */
  readonly presence?: Partial<PresenceTimes>;
}

/** Where the topics of an application are kept. */
export interface TopicPlace {
  /** Those that were asked for so far. */
  topics: ApplicationTopics | undefined;
}

/**
 * All topics of one application in one process. A topic that is not declared is plain: what is published
 * reaches who is there, here and, with a broker, in other processes. Of a declared one everything goes to
 * the log of the broker, and comes back from there in one order.
 */
export class TopicHub implements ApplicationTopics {
  readonly #options: HubOptions;
  readonly #declarations: TopicDeclarations;
  readonly #plain: Topics;
  readonly #feeds = new Map<string, TopicFeed>();
  readonly #followers = new Map<string, PlainFollower>();
  readonly #life: BrokerLife;
  #presence: Presence | undefined;

  /**
   * @param settings The setting `topics` was checked.
   * @param options See {@linkcode HubOptions}.
   */
  constructor(settings: TopicSettings, options: HubOptions = {}) {
    this.#options = options;
    this.#declarations = new TopicDeclarations(settings.topics);
    this.#plain = options.plain ?? new Topics();
    this.#life = new BrokerLife(settings.broker, {
      limitsOf: (topic) => this.declarationOf(topic) ?? TOPIC_DEFAULTS,
      events: this.#events,
    });
  }

  /**
   * The hub of an application. One that has only plain topics so far, which need no hub, gets one that
   * goes on with these.
   */
  static of(place: TopicPlace): TopicHub {
    const { topics } = place;
    if (topics instanceof TopicHub) return topics;
    const hub = new TopicHub({}, topics instanceof Topics ? { plain: topics } : {});
    place.topics = hub;
    return hub;
  }

  /** What carries the topics: the setting `broker`, or the memory of this process. */
  get broker(): Broker {
    return this.#life.broker;
  }

  /** How many topics have a subscriber that takes plain messages. */
  get size(): number {
    return this.#plain.size;
  }

  // ---- declarations

  /** What a topic keeps; `undefined` if it is plain. */
  declarationOf(topic: string): TopicDeclaration | undefined {
    return this.#declarations.find(topic);
  }

  /**
   * Declares topics of the library's own.
   *
   * @param name A name, or its beginning and a `*`.
   */
  declare(name: string, options: TopicOptions): void {
    this.#declarations.add(name, options);
  }

  // ---- the broker

  /**
   * Opens the broker. It is opened once; what is asked before waits for it, and begins it.
   *
   * @throws The promise rejects with what the broker throws; the next call tries again.
   */
  open(): Promise<void> {
    const ended = this.#life.isClosed ? [...this.#followers.values()] : [];
    const opening = this.#life.open();
    for (const follower of ended) follower.start();
    return opening;
  }

  /**
   * Closes the broker. Subscribers hear nothing more; what is asked for rejects. Never rejects itself.
   */
  close(): Promise<void> {
    for (const follower of this.#followers.values()) follower.end();
    for (const feed of [...this.#feeds.values()]) feed.end();
    this.#presence?.end();
    this.#presence = undefined;
    return this.#life.close();
  }

  get #events(): BrokerEvents {
    return {
      plain: (topic, payload) => this.#deliverPlain(topic, payload),
      record: (topic, epoch, record) => this.#feeds.get(topic)?.take(epoch, record),
      presence: (topic, change) => this.#presence?.take(topic, change),
      interrupted: () => this.#interrupted(),
    };
  }

  #interrupted(): void {
    for (const feed of this.#feeds.values()) feed.check();
    this.#presence?.check();
  }

  // ---- publishing

  /**
   * Publishes a message.
   *
   * @param message What `writeMessage` takes.
   * @param options See {@linkcode PublishOptions}.
   * @returns Of a plain topic, a promise that settles when those subscribers have taken it that writers
   *   wait for, and never rejects. Of a declared one, its position; it rejects with a `BrokerError`,
   *   which may be left unhandled, if it is not known to be published.
   * @throws {TypeError} If the message cannot be sent, or the topic cannot be one.
   * @throws {RangeError} If the message is larger than the topic keeps, or the topic's name too long.
   */
  publish(
    topic: string,
    message: unknown,
    options: PublishOptions = {},
  ): Promise<Position | undefined> {
    const declaration = this.declarationOf(topic);
    if (declaration === undefined) return this.#publishPlain(topic, message, options.except);
    checkTopic(topic);
    const payload = encodePayload(message);
    checkSize(topic, payload, declaration);
    const published = this.#publishLogged(topic, payload, options);
    published.catch(() => {});
    return published;
  }

  #publishPlain(
    topic: string,
    message: unknown,
    except: Subscriber | undefined,
  ): Promise<undefined> {
    const { carrier } = this.#life;
    if (carrier === undefined) return this.#plain.publish(topic, message, { except });
    checkTopic(topic);
    const chunk = toChunk(message);
    this.#publishToOthers(topic, encodePayload(message, chunk), carrier);
    return this.#plain.deliver(topic, chunk, { except, isJson: typeof message !== "string" });
  }

  #publishToOthers(topic: string, payload: Payload, carrier: Broker): void {
    const publish = () => {
      callGuarded(() => carrier.publish(topic, payload), "publish() of the broker");
    };
    if (this.#life.isOpen) return publish();
    // It is carried at most once: to a broker that cannot be opened, not at all.
    this.#life.ready().then(publish, () => {});
  }

  #deliverPlain(topic: string, payload: Payload): void {
    if (this.#plain.subscribers(topic) === 0 || !isPayload(payload)) return;
    const chunk: Chunk | null = decodePayload(payload);
    const isJson = payloadKind(payload) === "json";
    if (chunk !== null) void this.#plain.deliver(topic, chunk, { isJson });
  }

  #publishLogged(
    topic: string,
    payload: Payload,
    { except, producer }: PublishOptions,
  ): Promise<Position> {
    const waits = this.#feeds.get(topic)?.starting ??
      (this.#life.isOpen ? undefined : this.#life.ready());
    const settle = this.#exclude(topic, payload, except);
    const append = () => this.#append(topic, payload, producer);
    // Who has subscribed before gets it. What waits for the same promise goes on in its order.
    const appended = waits === undefined ? append() : waits.then(append, append);
    if (settle !== undefined) appended.then(settle, () => settle(null));
    return appended;
  }

  async #append(topic: string, payload: Payload, producer?: Producer): Promise<Position> {
    if (!this.#life.isOpen) await this.#life.ready();
    const { position } = await this.broker.log.append(
      topic,
      payload,
      producer ?? this.#life.nextProducer(),
    );
    return position;
  }

  /**
   * @returns To be called with the position of the message, or `null` if it was not published;
   *   `undefined` if the subscriber would not get it anyway.
   */
  #exclude(
    topic: string,
    payload: Payload,
    subscriber: Subscriber | undefined,
  ): ((position: Position | null) => void) | undefined {
    if (subscriber === undefined || !this.#plain.has(topic, subscriber)) return undefined;
    return this.#followers.get(topic)?.exclude(subscriber, payload);
  }

  // ---- plain subscribers

  /**
   * Adds a plain subscriber to a topic. Of a declared one it gets the messages that are published from
   * now on.
   *
   * @throws {TypeError} If the topic cannot be one of those that leave the process.
   * @throws {RangeError} If its name is too long for that.
   */
  subscribe(topic: string, subscriber: Subscriber): void {
    const isDeclared = this.declarationOf(topic) !== undefined;
    if (isDeclared || this.#life.carrier !== undefined) checkTopic(topic);
    this.#plain.subscribe(topic, subscriber);
    if (!isDeclared || this.#followers.has(topic)) return;
    const follow = (follower: PlainFollower) => this.follow(topic, follower);
    const follower = new PlainFollower(topic, { plain: this.#plain, follow });
    this.#followers.set(topic, follower);
    follower.start();
  }

  /** Takes a plain subscriber off a topic, if it is on it. */
  unsubscribe(topic: string, subscriber: Subscriber): void {
    this.#plain.unsubscribe(topic, subscriber);
    this.#endFollower(topic);
  }

  #endFollower(topic: string): void {
    const follower = this.#followers.get(topic);
    if (follower === undefined || this.#plain.subscribers(topic) > 0) return;
    this.#followers.delete(topic);
    follower.end();
    this.unfollow(topic, follower);
  }

  /** Takes a plain subscriber off all its topics. */
  leave(subscriber: Subscriber): void;
  /**
   * Takes a holder off a member of a topic. The member is there until the last holder has left it, here
   * and in other processes, and then for the grace; see {@linkcode join}.
   */
  leave(topic: string, id: string, holder: object): void;
  leave(what: Subscriber | string, id = "", holder: object = {}): void {
    if (typeof what === "string") return this.#presence?.leave(what, id, holder);
    const topics = this.#followers.size === 0 ? [] : [...this.#plain.topicsOf(what)];
    this.#plain.leave(what);
    for (const topic of topics) this.#endFollower(topic);
  }

  /** How many subscribers a topic has in this process, plain ones and others. */
  subscribers(topic: string): number {
    const followers = this.#feeds.get(topic)?.size ?? 0;
    return this.#plain.subscribers(topic) + followers - (this.#followers.has(topic) ? 1 : 0);
  }

  // ---- topics with history

  /**
   * Follows a declared topic: `begin` of the subscriber was called when the promise settles, unless it
   * has left meanwhile. Doing it again begins anew.
   *
   * @throws {TypeError} The promise rejects if the topic is not declared.
   * @throws {BrokerError} The promise rejects if the broker cannot be reached.
   */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async follow(
    topic: string,
    subscriber: TopicSubscriber,
    options: FollowOptions = {},
  ): Promise<void> {
    return this.#feedOf(topic, this.#declared(topic, "follow")).follow(subscriber, options);
  }

  /** Ends it. The subscriber gets nothing from now on. */
  unfollow(topic: string, subscriber: TopicSubscriber): void {
    this.#feeds.get(topic)?.unfollow(subscriber);
  }

  #feedOf(topic: string, limits: TopicDeclaration): TopicFeed {
    const known = this.#feeds.get(topic);
    if (known !== undefined) return known;
    const feed = new TopicFeed(topic, {
      log: this.broker.log,
      limits,
      ready: () => this.#life.ready(),
      linger: this.#options.linger ?? LINGER,
      onEnd: () => void this.#feeds.delete(topic),
    });
    this.#feeds.set(topic, feed);
    return feed;
  }

  /**
   * What a declared topic has, without following it.
   *
   * @throws {TypeError} The promise rejects if the topic is not declared.
   * @throws {BrokerError} The promise rejects if the broker cannot be reached.
   */
  async read(topic: string, options: FollowOptions = {}): Promise<CatchUp> {
    this.#declared(topic, "read");
    // Without a position to go on from, the log knows better than the feed where the topic is.
    const known = options.after && this.#feeds.get(topic)?.recall(options);
    if (known) return known;
    await this.#life.ready();
    return readCatchUp(this.broker.log, topic, options);
  }

  /** @throws {TypeError} If it is not. */
  #declared(topic: string, action: string): TopicDeclaration {
    checkTopic(topic);
    const declaration = this.declarationOf(topic);
    if (declaration !== undefined) return declaration;
    throw new TypeError(
      `Cannot ${action} the topic ${
        excerpt(topic)
      }: it keeps no history; name it in the setting "topics"`,
    );
  }

  // ---- presence

  /**
   * Makes somebody a member of a topic, as long as a holder holds it. Several holders of one `id` are one
   * member, with the `info` of the latest.
   *
   * @param holder What holds it: a socket.
   * @throws {TypeError} The promise rejects if the topic has no presence, the `id` is no well-formed
   *   string, or the `info` cannot be JSON.
   * @throws {RangeError} The promise rejects if the `id` does not have 1 to 256 bytes.
   * @throws {BrokerError} The promise rejects if the broker cannot be reached; then it is held only if
   *   it was before.
   */
  async join(topic: string, member: PresenceMember, holder: object): Promise<void> {
    checkMemberId(member.id);
    await this.#presenceOf(topic).join(topic, member, holder);
  }

  /**
   * Watches who is in a topic: `present` of the subscriber was called when the promise settles, unless it
   * has left meanwhile.
   *
   * @throws {TypeError} The promise rejects if the topic has no presence.
   * @throws {BrokerError} The promise rejects if the broker cannot be reached.
   */
  async watch(topic: string, subscriber: PresenceSubscriber): Promise<void> {
    await this.#presenceOf(topic).watch(topic, subscriber);
  }

  /** Ends it. The subscriber hears nothing from now on. */
  unwatch(topic: string, subscriber: PresenceSubscriber): void {
    this.#presence?.unwatch(topic, subscriber);
  }

  /**
   * Who is in a topic.
   *
   * @throws {TypeError} The promise rejects if the topic has no presence.
   * @throws {BrokerError} The promise rejects if the broker cannot be reached.
   */
  async members(topic: string): Promise<PresenceMember[]> {
    return await this.#presenceOf(topic).members(topic);
  }

  /** @throws {TypeError} If the topic has no presence. */
  #presenceOf(topic: string): Presence {
    if (!this.#declared(topic, "look who is in").presence) {
      throw new TypeError(
        `Cannot look who is in the topic ${excerpt(topic)}: declare it with presence: true`,
      );
    }
    return this.#presence ??= new Presence({
      node: () => this.#life.node,
      store: this.broker.presence,
      ready: () => this.#life.ready(),
      times: { ...PRESENCE_TIMES, ...this.#options.presence },
      isAlone: this.broker.sleepers !== undefined,
    });
  }
}

/** @throws {RangeError} If the topic could not keep the message. */
function checkSize(topic: string, payload: Payload, { maxBytes }: TopicDeclaration): void {
  // A character has three bytes at most.
  const bytes = payload.length * 3 <= maxBytes ? 0 : byteLength(payload);
  if (bytes <= maxBytes) return;
  throw new RangeError(
    `Cannot publish ${bytes} bytes to the topic ${excerpt(topic)}: it keeps ${maxBytes} (maxBytes)`,
  );
}
