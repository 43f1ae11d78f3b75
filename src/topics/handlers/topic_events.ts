/** A topic as server-sent events. */
import { formatEvent } from "../../http/body/event_stream.ts";
import { formatPosition, type Position } from "../broker/position.ts";
import type { SharedMessage } from "../shared_message.ts";
import type { TopicEntry } from "../feed/topic_entry.ts";
import type {
  CatchUp,
  PresenceMember,
  PresenceSubscriber,
  TopicSubscriber,
} from "../feed/topic_subscriber.ts";
import type { Subscriber } from "../topics.ts";

/** Writes down what comes of one topic, for one stream. Before the stream is open it waits. */
export class TopicEvents implements TopicSubscriber, PresenceSubscriber {
  #waiting: string[] | undefined = [];
  readonly #send: (text: string) => void;
  /** For a plain topic. */
  readonly plain: Subscriber = {
    deliver: (_message: unknown, shared: SharedMessage) => {
      this.#put(shared.topicEvent);
      return undefined;
    },
  };

  /** @param send Sends events over the open stream. It never throws. */
  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  /** Gives what has come so far; what comes from now on is sent. */
  open(): string {
    const text = this.#waiting?.join("") ?? "";
    this.#waiting = undefined;
    return text;
  }

  /** The subscription of a plain topic has begun. */
  beginPlain(): void {
    this.#put(formatEvent({ event: "subscribed", data: "{}" }));
  }

  /** The subscription has begun. */
  begin(_topic: string, { position, recovered, entries }: CatchUp): void {
    const id = formatPosition(position);
    const data = JSON.stringify({ position: id, recovered: recovered ?? undefined });
    this.#put(formatEvent({ event: "subscribed", id, data }));
    for (const entry of entries) this.#put(entry.event);
  }

  /** A live entry. */
  deliver(entry: TopicEntry): void {
    this.#put(entry.event);
  }

  /** Something was lost. */
  lost(_topic: string, position: Position): void {
    const id = formatPosition(position);
    this.#put(formatEvent({ event: "lost", id, data: JSON.stringify({ position: id }) }));
  }

  /** Who is there. */
  present(_topic: string, members: readonly PresenceMember[]): void {
    this.#put(formatEvent({ event: "present", data: JSON.stringify({ members }) }));
  }

  /** Somebody came. */
  joined(_topic: string, member: PresenceMember): void {
    this.#put(formatEvent({ event: "joined", data: JSON.stringify({ member }) }));
  }

  /** Somebody left. */
  left(_topic: string, member: PresenceMember): void {
    this.#put(formatEvent({ event: "left", data: JSON.stringify({ member }) }));
  }

  #put(text: string): void {
    if (this.#waiting === undefined) this.#send(text);
    else this.#waiting.push(text);
  }
}
