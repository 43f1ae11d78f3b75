/** One topic, as a client follows it. */
import { TopicError } from "./topic_error.ts";
import { dataOf, isKnown, type TopicFrame, type TopicMember } from "./topic_frame.ts";

/**
 * Where a subscription begins, and what it is told.
 *
 * @category Topics
 */
export interface TopicSubscriptionOptions {
  /** After this position: a `position` of an earlier subscription, such as that of a page before. */
  readonly after?: string;
  /** Without `after`: with so many of the last messages. Default 0. */
  readonly last?: number;
  /** Whether to be told who is in the topic. Default `false`. */
  readonly presence?: boolean;
}

/**
 * What a subscription tells, by the name of the event.
 *
 * @category Topics
 */
export interface TopicSubscriptionEvents<Message = unknown> {
  /** A message: its `data`, and its position as `lastEventId` (`""` in a plain topic). */
  message: MessageEvent<Message>;
  /** It is in force, for the first time or again. */
  subscribed: Event;
  /** Messages before `position` were lost, and will not come: load anew what they would have told. */
  lost: Event;
  /** Somebody came, or what is told of them changed. */
  join: CustomEvent<TopicMember>;
  /** Somebody left. */
  leave: CustomEvent<TopicMember>;
  /** `members` is another than before; comes after `join` and `leave`. */
  members: Event;
  /** It was refused, and is over: `detail.code` tells why. */
  error: CustomEvent<TopicError>;
}

/** What is typed by {@linkcode TopicSubscriptionEvents}. */
export interface TopicSubscription<Message = unknown> {
  /** Listens, as to any `EventTarget`. */
  addEventListener<Type extends keyof TopicSubscriptionEvents>(
    type: Type,
    listener: (event: TopicSubscriptionEvents<Message>[Type]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** Listens, as to any `EventTarget`. */
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

/** Hands over what the server said of the topic. */
export let receive: (subscription: TopicSubscription, frame: TopicFrame) => void;

/** What the server is asked for. */
export let requestOf: (subscription: TopicSubscription) => TopicSubscriptionOptions;

/**
 * A topic that a client follows, whatever happens to its connection: `subscribe` of
 * {@linkcode TopicClient} makes it.
 *
 * Every message comes once and in order. What was missed while the connection was away comes when it is
 * back, if the topic has history and the server still has all of it; if not, there is an event `lost`.
 *
 * @typeParam Message What the messages are.
 *
 * @example
 * ```ts
 * import { TopicClient, type TopicSubscription } from "@gustnado/gustnado/browser";
 *
 * using client = new TopicClient("ws://localhost:8888/topics");
 * const room: TopicSubscription<string> = client.subscribe<string>("room/1", { last: 50 });
 * room.addEventListener("message", ({ data }) => console.log(data));
 * room.addEventListener("lost", () => location.reload());
 * ```
 *
 * @category Topics
 */
export class TopicSubscription<Message = unknown> extends EventTarget {
  static {
    receive = (subscription, frame) => subscription.#receive(frame);
    requestOf = (subscription) => subscription.#request();
  }

  /** Its name. */
  readonly topic: string;
  readonly #options: TopicSubscriptionOptions;
  readonly #end: () => void;
  readonly #members = new Map<string, unknown>();
  #position: string | null;

  /**
   * Is made by the client.
   *
   * @param topic Its name.
   * @param end Takes it off the client.
   */
  constructor(topic: string, options: TopicSubscriptionOptions, end: () => void) {
    super();
    this.topic = topic;
    this.#options = options;
    this.#position = options.after ?? null;
    this.#end = end;
  }

  /**
   * After which message it is; `null` as long as that is not known, and in a plain topic. To go on after
   * a reload, keep it, and give it as `after`.
   */
  get position(): string | null {
    return this.#position;
  }

  /** Who is in the topic: what is told of them, by their `id`. Empty without `presence`. */
  get members(): ReadonlyMap<string, unknown> {
    return this.#members;
  }

  /** Ends it. No event comes any more. */
  unsubscribe(): void {
    this.#end();
  }

  #request(): TopicSubscriptionOptions {
    const { last, presence } = this.#options;
    return {
      ...(this.#position !== null ? { after: this.#position } : last ? { last } : {}),
      ...(presence ? { presence } : {}),
    };
  }

  #receive(frame: TopicFrame): void {
    const { type, members, member } = frame;
    if (type === "message") this.#deliver(frame);
    else if (type === "error") this.#fail(frame);
    else if (type === "subscribed" || type === "lost") this.#begin(frame);
    else if (type === "joined" && member) this.#join(member);
    else if (type === "left" && member) this.#leave(member.id);
    if (members) this.#present(members);
    if (members || member) this.#tell("members");
  }

  /** A server that begins it by itself may begin it before what came already, or after. */
  #begin({ type, position, recovered }: TopicFrame): void {
    const isKnownHere = isKnown(position, this.#position);
    const isLost = type === "lost" || recovered === false ||
      this.#position !== null && !isKnownHere;
    if (isLost || !isKnownHere) this.#position = position ?? null;
    if (isLost) this.#tell("lost");
    if (type === "subscribed") this.#tell(type);
  }

  #deliver(frame: TopicFrame): void {
    const { position } = frame;
    if (isKnown(position, this.#position)) return;
    if (position !== undefined) this.#position = position;
    const init = { data: dataOf(frame), lastEventId: position ?? "" };
    this.dispatchEvent(new MessageEvent("message", init));
  }

  #fail({ code = 0, message = "" }: TopicFrame): void {
    this.#end();
    this.#tell("error", new TopicError(code, message));
  }

  /** After a reconnect the list is told as what changed since. */
  #present(members: readonly TopicMember[]): void {
    const ids = new Set(members.map(({ id }) => id));
    for (const id of this.#members.keys()) if (!ids.has(id)) this.#leave(id);
    members.forEach((member) => this.#join(member));
  }

  #join({ id, info }: TopicMember): void {
    const known = this.#members.has(id) &&
      JSON.stringify(this.#members.get(id)) === JSON.stringify(info);
    this.#members.set(id, info);
    if (!known) this.#tell("join", { id, info });
  }

  #leave(id: string): void {
    const info = this.#members.get(id);
    if (this.#members.delete(id)) this.#tell("leave", { id, info });
  }

  #tell(type: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
