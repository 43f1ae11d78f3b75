/** What subscribes to a topic with history. */
import type { Position } from "../broker/position.ts";
import type { TopicEntry } from "./topic_entry.ts";

/**
 * Where a subscriber begins.
 *
 * @category Topics
 */
export interface FollowOptions {
  /** After this position: all that was missed comes first, or nothing of it. */
  readonly after?: Position;
  /** Without `after`: with so many of the last messages, or as many as are kept. Default 0. */
  readonly last?: number;
}

/** How a subscription begins. */
export interface CatchUp {
  /** Where the entries begin: the position after which they come, and then live ones. */
  readonly position: Position;
  /** With `after`: whether the entries are all that was missed. If not, there are none. */
  readonly recovered: boolean | null;
  /** What comes first, in order. */
  readonly entries: readonly TopicEntry[];
}

/**
 * One that follows topics with history. None of its methods throws. For each topic `begin` is called
 * once, then `deliver` with every entry, in order, none left out and none twice; or `lost`.
 */
export interface TopicSubscriber {
  /** The subscription has begun. Live entries come right after it. */
  begin(topic: string, catchUp: CatchUp): void;
  /** A live entry. */
  deliver(entry: TopicEntry): void;
  /** What came before the position is lost to this process; live entries after it follow. */
  lost(topic: string, position: Position): void;
}

/**
 * Somebody in a topic.
 *
 * @category Topics
 */
export interface PresenceMember {
  /** Who. Sockets of one `id` are one member. */
  readonly id: string;
  /** What others are told of them: anything that can be JSON; `null` if nothing. */
  readonly info: unknown;
}

/** One that follows who is in topics. None of its methods throws. */
export interface PresenceSubscriber {
  /** Who is there; comes first, and again whenever changes may have been missed. */
  present(topic: string, members: readonly PresenceMember[], position: Position): void;
  /** Somebody came, whose first socket it is, or whose `info` changed. */
  joined(topic: string, member: PresenceMember, position: Position): void;
  /** Somebody's last socket is gone. */
  left(topic: string, member: PresenceMember, position: Position): void;
}
