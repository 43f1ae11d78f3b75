import type { Appended, LogRead, Producer, TopicLog } from "../broker/broker.ts";
import { BrokerError } from "../broker/broker_error.ts";
import { excerpt } from "../../http/excerpt.ts";
import type { Payload } from "../broker/payload.ts";
import type { Position } from "../broker/position.ts";
import type { TopicHistory } from "../memory/topic_history.ts";
import type { Isolate } from "./isolate.ts";
import { clientProducer, isolateProducer } from "./replica.ts";

/** How often a topic is opened again that was forgotten in the same moment. */
const ATTEMPTS = 3;
/** Followed topics that are looked at in one tick. */
const SWEPT = 1_000;

/** The history of topics, as all isolates of a process keep it. */
export class BroadcastLog implements TopicLog {
  readonly #isolate: () => Isolate;
  readonly #node: () => string;
  readonly #followed = new Set<string>();
  #swept: Iterator<string> | undefined;
  #last = 0;

  /**
   * @param isolate Gives this isolate. Throws a `BrokerError` while the broker is not open.
   * @param node Gives its name.
   */
  constructor(isolate: () => Isolate, node: () => string) {
    this.#isolate = isolate;
    this.#node = node;
  }

  /** Whether the records of a topic are handed over. */
  isFollowed(topic: string): boolean {
    return this.#followed.has(topic);
  }

  /** Appends a message. */
  async append(topic: string, payload: Payload, producer?: Producer): Promise<Appended> {
    const isolate = this.#isolate();
    const { id, number } = producer === undefined
      ? isolateProducer(this.#node(), ++this.#last)
      : clientProducer(producer);
    const answer = await isolate.run({ do: "append", topic, payload, id, number });
    if (!("epoch" in answer)) throw misunderstood(topic);
    const { epoch, offset, duplicate } = answer;
    return { position: { epoch, offset }, duplicate: duplicate && producer !== undefined };
  }

  /** What was published after a position. */
  async read(topic: string, after: Position | null): Promise<LogRead> {
    return (await this.#open(topic)).read(after, performance.now());
  }

  /** The position after the last publication. */
  async top(topic: string): Promise<Position> {
    const { epoch, top } = await this.#open(topic);
    return { epoch, offset: top };
  }

  /** Hands the records of a topic over from now on. */
  async follow(topic: string): Promise<void> {
    const isolate = this.#isolate();
    this.#followed.add(topic);
    try {
      await isolate.run({ do: "begin", topic });
    } catch (error) {
      this.#followed.delete(topic);
      throw error;
    }
  }

  /** Ends it. */
  unfollow(topic: string): void {
    this.#followed.delete(topic);
  }

  /** Keeps what is followed from being forgotten. Is to be called a few times a second. */
  keep(): void {
    const isolate = this.#isolate();
    const now = performance.now();
    for (let count = 0; count < SWEPT; count++) {
      const next = (this.#swept ??= this.#followed.values()).next();
      if (next.done === true) {
        this.#swept = undefined;
        return;
      }
      const silence = isolate.replica.topic(next.value)?.silence(now) ?? 0;
      if (silence > 0.5) isolate.run({ do: "touch", topic: next.value }).catch(() => {});
    }
  }

  /** Forgets what is followed. */
  clear(): void {
    this.#followed.clear();
    this.#swept = undefined;
  }

  /** The topic, with all that was appended before the call. */
  async #open(topic: string): Promise<TopicHistory> {
    const isolate = this.#isolate();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await isolate.run({ do: "begin", topic });
      const history = isolate.replica.topic(topic);
      if (history !== undefined) return history;
    }
    throw misunderstood(topic);
  }
}

function misunderstood(topic: string): BrokerError {
  return new BrokerError(
    `Cannot reach the topic ${excerpt(topic)}: the isolate that leads gave no answer to it`,
  );
}
