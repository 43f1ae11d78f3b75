/**
 * A subscriber that keeps what it gets, and notes what must not be: an exception would be caught.
 *
 * @module
 */
import { formatPosition, type Position } from "../../src/topics/broker/position.ts";
import type { TopicEntry } from "../../src/topics/feed/topic_entry.ts";
import type { CatchUp, TopicSubscriber } from "../../src/topics/feed/topic_subscriber.ts";

/** See the module's summary. */
export class TopicReader implements TopicSubscriber {
  /** What came, in order: `begin e1.0`, `begin e1.0 recovered`, the text of a message, `lost e2.4`; `WRONG …`. */
  readonly told: string[] = [];
  /** Where it is. */
  position: Position | null = null;

  begin(_topic: string, { position, recovered, entries }: CatchUp): void {
    const end = recovered === null ? "" : recovered ? " recovered" : " refused";
    this.told.push(`begin ${formatPosition(position)}${end}`);
    this.position = position;
    for (const entry of entries) this.deliver(entry);
  }

  deliver(entry: TopicEntry): void {
    const { epoch, offset } = this.position ?? {};
    const isNext = entry.epoch === epoch && entry.previous === offset;
    this.position = { epoch: entry.epoch, offset: entry.offset };
    this.told.push(
      isNext ? String(entry.chunk) : `WRONG ${entry.position}, after ${epoch}.${offset}`,
    );
  }

  lost(_topic: string, position: Position): void {
    this.told.push(`lost ${formatPosition(position)}`);
    this.position = position;
  }
}
