/** The topics that one connection follows. */
import type { TopicHub } from "../topic_hub.ts";
import type { Position } from "../broker/position.ts";
import type { SharedMessage } from "../shared_message.ts";
import type { TopicEntry } from "../feed/topic_entry.ts";
import type {
  CatchUp,
  FollowOptions,
  PresenceMember,
  PresenceSubscriber,
  TopicSubscriber,
} from "../feed/topic_subscriber.ts";
import type { Subscriber } from "../topics.ts";
import { RequestError } from "./request_error.ts";
import { formatLost, formatMember, formatPresent, formatSubscribed } from "./server_line.ts";

/** What the subscriptions of a connection ask of it. */
export interface SubscribedConnection {
  /** Whether nothing more can be sent. */
  readonly isOver: boolean;
  readonly maxSubscriptions: number;
  /** Sends a line. */
  send(line: string): void;
  /** Sends lines that come at once, several in a frame. */
  sendAll(lines: Iterable<string>): void;
  /** Who the client is to others in a topic. */
  getPresence(topic: string): PresenceMember | null | PromiseLike<PresenceMember | null>;
}

/** What is asked for. */
export interface SubscribeOptions extends FollowOptions {
  /** The request; none if the server subscribes the client. */
  readonly id?: number;
  /** Whether to tell who is there. */
  readonly presence?: boolean;
}

/** A subscription, which has begun or not. */
interface Subscription {
  readonly id?: number | undefined;
  /** Who is there, and what became of them, until the subscription begins; then `undefined`. */
  members?: Map<string, PresenceMember> | undefined;
  /** As whom the client is there. */
  member?: PresenceMember | undefined;
  isWatching?: boolean | undefined;
  hasBegun: boolean;
}

/** Most subscriptions have nothing of their own once they have begun. */
const FOLLOWING: Subscription = { hasBegun: true };

/**
 * The subscriptions of one connection. What is asked of one topic is done in its order, of several at
 * the same time.
 */
export class TopicSubscriptions implements TopicSubscriber, PresenceSubscriber {
  readonly #hub: TopicHub;
  readonly #connection: SubscribedConnection;
  /** What follows plain topics, if there are some. */
  #plain: Subscriber | undefined;
  readonly #topics = new Map<string, Subscription>();
  /** The last that was asked of a topic and is not done. */
  #underWay: Map<string, Promise<void>> | undefined;

  constructor(hub: TopicHub, connection: SubscribedConnection) {
    this.#hub = hub;
    this.#connection = connection;
  }

  /**
   * Subscribes the client, and tells it so. A topic that it follows already is begun anew.
   *
   * @param mayFollow Is asked when it is the topic's turn; rejects if the client may not.
   * @throws {RequestError} (429) The promise rejects if there are too many.
   * @throws {BrokerError} The promise rejects if the log cannot be reached.
   */
  subscribe(
    topic: string,
    options: SubscribeOptions,
    mayFollow: () => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    return this.#inTurn(topic, async () => {
      await mayFollow();
      this.#end(topic);
      if (this.#connection.isOver) return;
      if (this.#topics.size >= this.#connection.maxSubscriptions) {
        throw new RequestError(429, `More than ${this.#connection.maxSubscriptions} subscriptions`);
      }
      await this.#begin(topic, options);
    });
  }

  /** Ends a subscription, if there is one. */
  unsubscribe(topic: string): Promise<void> {
    return this.#inTurn(topic, () => Promise.resolve(this.#end(topic)));
  }

  /** Ends them all. */
  close(): void {
    for (const topic of [...this.#topics.keys()]) this.#end(topic);
  }

  async #begin(topic: string, options: SubscribeOptions): Promise<void> {
    const declaration = this.#hub.declarationOf(topic);
    if (declaration === undefined) return this.#beginPlain(topic, options);
    const subscription: Subscription = { id: options.id, hasBegun: false };
    this.#topics.set(topic, subscription);
    try {
      if (declaration.presence) await this.#beginPresence(topic, subscription, options);
      if (this.#topics.get(topic) === subscription) await this.#hub.follow(topic, this, options);
    } catch (error) {
      if (this.#topics.get(topic) === subscription) this.#end(topic);
      throw error;
    }
  }

  #beginPlain(topic: string, { id }: SubscribeOptions): void {
    this.#topics.set(topic, FOLLOWING);
    this.#hub.subscribe(topic, this.#plain ??= plainSubscriber(this.#connection));
    this.#connection.send(formatSubscribed({ id, topic }));
  }

  async #beginPresence(
    topic: string,
    subscription: Subscription,
    { presence = false }: SubscribeOptions,
  ): Promise<void> {
    const member = await this.#connection.getPresence(topic);
    const isHere = () => this.#topics.get(topic) === subscription;
    if (member !== null && member !== undefined && isHere()) {
      subscription.member = member;
      await this.#hub.join(topic, member, this);
    }
    if (!presence || !isHere()) return;
    subscription.members = new Map();
    subscription.isWatching = true;
    await this.#hub.watch(topic, this);
  }

  #end(topic: string): void {
    const subscription = this.#topics.get(topic);
    if (subscription === undefined) return;
    this.#topics.delete(topic);
    if (this.#hub.declarationOf(topic) === undefined) {
      return this.#plain && this.#hub.unsubscribe(topic, this.#plain);
    }
    this.#hub.unfollow(topic, this);
    if (subscription.isWatching) this.#hub.unwatch(topic, this);
    if (subscription.member) this.#hub.leave(topic, subscription.member.id, this);
  }

  #inTurn(topic: string, work: () => Promise<void>): Promise<void> {
    const before = this.#underWay?.get(topic);
    const done = before === undefined ? work() : before.then(work, work);
    (this.#underWay ??= new Map()).set(topic, done);
    const forget = () => {
      if (this.#underWay?.get(topic) === done) this.#underWay.delete(topic);
      // Most of the time nothing is under way.
      if (this.#underWay?.size === 0) this.#underWay = undefined;
    };
    done.then(forget, forget);
    return done;
  }

  // ---- what the hub tells

  /** The subscription has begun. */
  begin(topic: string, { position, recovered, entries }: CatchUp): void {
    const subscription = this.#topics.get(topic);
    if (subscription === undefined) return;
    const { id, members: all, isWatching, member } = subscription;
    const members = all && [...all.values()];
    const first = formatSubscribed({ id, topic, position, recovered, members });
    this.#connection.sendAll([first, ...entries.map(({ frame }) => frame)]);
    const isPlain = !isWatching && member === undefined;
    this.#topics.set(topic, isPlain ? FOLLOWING : { isWatching, member, hasBegun: true });
  }

  /** A live entry. */
  deliver(entry: TopicEntry): void {
    this.#connection.send(entry.frame);
  }

  /** Something was lost. */
  lost(topic: string, position: Position): void {
    this.#connection.send(formatLost(topic, position));
  }

  /** Who is there. */
  present(topic: string, members: readonly PresenceMember[], position: Position): void {
    const subscription = this.#topics.get(topic);
    if (subscription === undefined) return;
    if (subscription.hasBegun) this.#connection.send(formatPresent(topic, members, position));
    else subscription.members = new Map(members.map((member) => [member.id, member]));
  }

  /** Somebody came. */
  joined(topic: string, member: PresenceMember, position: Position): void {
    this.#tell("joined", topic, member, position);
  }

  /** Somebody left. */
  left(topic: string, member: PresenceMember, position: Position): void {
    this.#tell("left", topic, member, position);
  }

  #tell(type: "joined" | "left", topic: string, member: PresenceMember, position: Position): void {
    const subscription = this.#topics.get(topic);
    if (subscription === undefined) return;
    if (subscription.hasBegun) {
      this.#connection.send(formatMember(type, topic, member, position));
    } else if (type === "joined") subscription.members?.set(member.id, member);
    else subscription.members?.delete(member.id);
  }
}

function plainSubscriber(connection: SubscribedConnection): Subscriber {
  return {
    deliver(_message: unknown, shared: SharedMessage) {
      connection.send(shared.frame);
      return undefined;
    },
  };
}
