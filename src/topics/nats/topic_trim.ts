/** Takes away what topics do not keep, where the stream keeps more. */
import type { TopicLimits } from "../broker/broker.ts";
import { countOutdated } from "./kept_window.ts";
import type { NatsLink } from "./nats_link.ts";
import type { StreamWriter } from "./stream_writer.ts";
import type { StreamReader } from "./stream_reader.ts";

/** Topics that are looked at: of more, those that were published to last. */
const TOPICS = 10_000;

/** What is needed to look at a topic. */
export interface TopicTrimParts {
  readonly link: NatsLink;
  readonly writer: StreamWriter;
  readonly reader: StreamReader;
}

/** What this process appended since it looked. */
interface Growth {
  messages: number;
  bytes: number;
}

/**
 * A stream counts messages, equally many for each subject, and no bytes of a subject. A process therefore looks
 * at a topic whenever it has itself appended as much as the topic may keep: a topic takes at most as much once
 * more for each process that publishes to it.
 */
export class TopicTrim {
  readonly #parts: TopicTrimParts;
  readonly #growth = new Map<string, Growth>();

  constructor(parts: TopicTrimParts) {
    this.#parts = parts;
  }

  /** Notes that a message was appended. */
  note(subject: string, limits: TopicLimits, bytes: number): void {
    const growth = this.#growth.get(subject) ?? { messages: 0, bytes: 0 };
    growth.messages++;
    growth.bytes += bytes;
    this.#growth.delete(subject);
    if (!this.#isTooMuch(growth, limits)) return this.#keep(subject, growth);
    // What remains goes next time.
    void this.#trim(subject, limits).catch((error) => this.#parts.link.note(error));
  }

  #isTooMuch({ messages, bytes }: Growth, { history, maxBytes }: TopicLimits): boolean {
    return bytes >= maxBytes || messages >= history && this.#parts.writer.history > history + 1;
  }

  #keep(subject: string, growth: Growth): void {
    this.#growth.set(subject, growth);
    if (this.#growth.size <= TOPICS) return;
    for (const oldest of this.#growth.keys()) return void this.#growth.delete(oldest);
  }

  /** One message more than is kept stays: it tells that nothing after it is missing. */
  async #trim(subject: string, limits: TopicLimits): Promise<void> {
    const { writer, reader } = this.#parts;
    const { messages, now } = await reader.read(writer, { subject, headersOnly: true });
    const first = messages[countOutdated(messages, limits, now) - 1];
    if (first === undefined || first === messages[0]) return;
    const { session } = await writer.ready();
    await session.manager.streams.purge(writer.name, { filter: subject, seq: first.sequence });
  }
}
