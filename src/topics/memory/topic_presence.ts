import type { PresenceChange, PresenceList, PresenceRecord } from "../broker/broker.ts";
import { newEpoch } from "../broker/position.ts";

/** Who is in one topic, in the memory of this process. */
export class TopicPresence {
  /** The life of its positions. */
  readonly epoch: string;
  readonly #records = new Map<string, PresenceRecord>();
  #offset: number;

  /** Makes one with records. */
  constructor(records: readonly PresenceRecord[] = [], epoch: string = newEpoch(), offset = 0) {
    this.epoch = epoch;
    this.#offset = offset;
    for (const record of records) this.#records.set(keyOf(record), record);
  }

  /** How many records there are. */
  get size(): number {
    return this.#records.size;
  }

  /** The record of somebody of a process, if it is there. */
  find(place: Pick<PresenceRecord, "node" | "id">): PresenceRecord | undefined {
    return this.#records.get(keyOf(place));
  }

  /** Whether a record is there as it is. */
  has(record: PresenceRecord): boolean {
    return this.find(record)?.info === record.info;
  }

  /** Adds a record, or replaces its `info`; `null` if it was there as it is. */
  join(record: PresenceRecord): PresenceChange | null {
    if (this.has(record)) return null;
    this.#records.set(keyOf(record), record);
    return this.#change(record, false);
  }

  /** Takes a record away; `null` if it was not there. */
  leave(place: Pick<PresenceRecord, "node" | "id">): PresenceChange | null {
    const record = this.find(place);
    if (record === undefined) return null;
    this.#records.delete(keyOf(record));
    return this.#change(record, true);
  }

  /** All records. */
  list(): PresenceList {
    return {
      records: [...this.#records.values()],
      position: { epoch: this.epoch, offset: this.#offset },
    };
  }

  #change(record: PresenceRecord, gone: boolean): PresenceChange {
    const previous = this.#offset++;
    return { offset: this.#offset, previous, epoch: this.epoch, record, gone };
  }
}

/** Its length in front: both are of any content. */
function keyOf({ node, id }: Pick<PresenceRecord, "node" | "id">): string {
  return `${node.length} ${node}${id}`;
}
