/** A request that waits for the next message of a topic. */
import { LONGEST_DELAY } from "../../platform/timer.ts";
import type { OpenWork } from "../../server/open_work.ts";
import type { OpenWorkList } from "../../server/server_context.ts";
import type { TopicHub } from "../topic_hub.ts";
import type { Position } from "../broker/position.ts";
import type { TopicEntry } from "../feed/topic_entry.ts";
import type { CatchUp, TopicSubscriber } from "../feed/topic_subscriber.ts";

/** What is waited for. */
export interface PollOptions {
  readonly after: Position;
  /** Milliseconds. */
  readonly wait: number;
  /** The open work of the server, whose end ends the waiting. */
  readonly openWork: OpenWorkList;
}

/** Follows a topic until the first message has come, or it has waited long enough. */
export class TopicPoll implements TopicSubscriber, OpenWork {
  openIn: OpenWorkList | undefined;
  previousOpen: OpenWork | undefined;
  nextOpen: OpenWork | undefined;
  readonly #hub: TopicHub;
  readonly #done = Promise.withResolvers<void>();
  readonly #entries: TopicEntry[] = [];
  #begun: CatchUp;
  #lost: Position | undefined;

  constructor(hub: TopicHub, { after }: PollOptions) {
    this.#hub = hub;
    this.#begun = { position: after, recovered: true, entries: this.#entries };
  }

  /**
   * Waits.
   *
   * @returns What has come; no entries if nothing has.
   * @throws {BrokerError} The promise rejects if the log cannot be reached.
   */
  async run(topic: string, { after, wait, openWork }: PollOptions): Promise<CatchUp> {
    const timer = setTimeout(() => this.end(), Math.min(wait, LONGEST_DELAY));
    openWork.add(this);
    try {
      this.#hub.follow(topic, this, { after }).catch(this.#done.reject);
      await this.#done.promise;
    } finally {
      clearTimeout(timer);
      openWork.delete(this);
      this.#hub.unfollow(topic, this);
    }
    return this.#result;
  }

  get #result(): CatchUp {
    if (this.#lost === undefined) return { ...this.#begun, entries: this.#entries };
    return { position: this.#lost, recovered: false, entries: [] };
  }

  /** Answers with what there is. */
  end(): void {
    this.#done.resolve();
  }

  // ---- what the hub tells

  /** What had come in the meantime. */
  begin(_topic: string, catchUp: CatchUp): void {
    this.#begun = catchUp;
    this.#entries.push(...catchUp.entries);
    if (catchUp.entries.length > 0 || catchUp.recovered === false) this.end();
  }

  /** The first entry, and those of the same turn of the loop. */
  deliver(entry: TopicEntry): void {
    this.#entries.push(entry);
    this.end();
  }

  /** The client has to begin anew. */
  lost(_topic: string, position: Position): void {
    this.#lost = position;
    this.end();
  }

  // ---- what the server tells

  /** It shuts down: the client comes back to another one. */
  goAway(): void {
    this.end();
  }

  /** It has waited long enough. */
  cut(): void {
    this.end();
  }
}
