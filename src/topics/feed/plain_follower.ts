/** Plain subscribers of a topic with history. */
import type { Payload } from "../broker/payload.ts";
import type { Position } from "../broker/position.ts";
import { backoff } from "../backoff.ts";
import { startQuietTimer } from "../quiet_timer.ts";
import type { TopicEntry } from "./topic_entry.ts";
import type { TopicSubscriber } from "./topic_subscriber.ts";
import type { Subscriber, Topics } from "../topics.ts";

/** A message that one subscriber does not get: that which published it. */
interface Exclusion {
  readonly subscriber: Subscriber;
  readonly payload: Payload;
  /** Known when the broker has answered, which may be after the message has come. */
  position: Position | undefined;
}

/** What a follower needs. */
export interface FollowerOptions {
  readonly plain: Topics;
  /** Follows the topic. Its promise rejects if the broker cannot be reached. */
  readonly follow: (follower: PlainFollower) => Promise<void>;
}

/**
 * Follows a topic with history for all subscribers that take plain messages: they get what is live, and
 * hear nothing of positions.
 */
export class PlainFollower implements TopicSubscriber {
  readonly #topic: string;
  readonly #options: FollowerOptions;
  #exclusions: Exclusion[] = [];
  #failures = 0;
  /** The one that is under way: what becomes of others is of no interest any more. */
  #attempt: object | undefined;
  #cancel: (() => void) | undefined;

  constructor(topic: string, options: FollowerOptions) {
    this.#topic = topic;
    this.#options = options;
  }

  /** Follows the topic, as soon as that can be. */
  start(): void {
    this.#stop();
    const attempt = this.#attempt = {};
    this.#options.follow(this).then(undefined, () => {
      if (this.#attempt === attempt) this.#tryAgain();
    });
  }

  /** Ends it; it may be started again. */
  end(): void {
    this.#stop();
    this.#exclusions = [];
  }

  /**
   * Leaves a subscriber out of a message that is about to be published.
   *
   * @returns To be called with its position, or `null` if it was not published.
   */
  exclude(subscriber: Subscriber, payload: Payload): (position: Position | null) => void {
    const exclusion: Exclusion = { subscriber, payload, position: undefined };
    this.#exclusions.push(exclusion);
    return (position) => {
      if (position !== null) exclusion.position = position;
      else this.#exclusions = this.#exclusions.filter((other) => other !== exclusion);
    };
  }

  /** Nothing: what was before is not for plain subscribers. */
  begin(): void {}

  /** Hands a message to all but who published it. */
  deliver(entry: TopicEntry): void {
    const except = this.#exclusions.length === 0 ? undefined : this.#exclusionOf(entry);
    const chunk = entry.chunk;
    if (chunk !== null) void this.#options.plain.deliver(this.#topic, chunk, { except });
  }

  /** Nothing: plain topics promise nothing. */
  lost(): void {
    this.#exclusions = this.#exclusions.filter(({ position }) => position === undefined);
  }

  #exclusionOf(entry: TopicEntry): Subscriber | undefined {
    // Which of two equal messages is left out makes no difference to who gets the other.
    const found = this.#exclusions.find(({ position, payload }) =>
      position === undefined ? entry.carries(payload) : isAt(entry, position)
    );
    this.#exclusions = this.#exclusions.filter((exclusion) =>
      exclusion !== found && !isPast(entry, exclusion.position)
    );
    return found?.subscriber;
  }

  #tryAgain(): void {
    this.#cancel = startQuietTimer(() => this.start(), backoff(this.#failures++));
  }

  #stop(): void {
    this.#attempt = undefined;
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

function isAt(entry: TopicEntry, { epoch, offset }: Position): boolean {
  return entry.epoch === epoch && entry.offset === offset;
}

function isPast(entry: TopicEntry, position: Position | undefined): boolean {
  return position !== undefined &&
    (entry.epoch !== position.epoch || entry.offset >= position.offset);
}
