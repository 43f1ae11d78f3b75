/** Who is in a topic, by what its records tell. */
import type { PresenceChange, PresenceRecord } from "../broker/broker.ts";
import type { PresenceMember } from "../feed/topic_subscriber.ts";

/** What subscribers are told. */
export interface RollChange {
  readonly kind: "joined" | "left";
  readonly member: PresenceMember;
}

/**
 * The members of a topic. One `id` may have a record in several processes: the member is there as long as
 * one of them is, and has the `info` of the latest.
 */
export class PresenceRoll {
  /** What each process says of each member, as JSON; the latest is last. */
  #members = new Map<string, Map<string, string>>();

  constructor(records: Iterable<PresenceRecord> = []) {
    for (const record of records) this.#add(record);
  }

  /** All members. */
  get members(): PresenceMember[] {
    return [...this.#members.keys()].map((id) => this.#memberOf(id));
  }

  /**
   * Takes a change in.
   *
   * @returns What it means to those who watch; `null` if nothing.
   */
  apply({ record, gone }: Pick<PresenceChange, "record" | "gone">): RollChange | null {
    const { id } = record;
    const before = this.#infoOf(id);
    const member = this.#memberOf(id);
    if (gone) this.#remove(record);
    else this.#add(record);
    const after = this.#infoOf(id);
    if (after === before) return null;
    if (after === undefined) return { kind: "left", member };
    return { kind: "joined", member: this.#memberOf(id) };
  }

  /**
   * Takes another list in place of what is known.
   *
   * @returns What has changed for those who watch.
   */
  replace(records: Iterable<PresenceRecord>): RollChange[] {
    const old = new PresenceRoll();
    old.#members = this.#members;
    this.#members = new PresenceRoll(records).#members;
    const left = [...old.#members.keys()].filter((id) => !this.#members.has(id));
    const joined = [...this.#members.keys()].filter((id) => this.#infoOf(id) !== old.#infoOf(id));
    return [
      ...left.map((id): RollChange => ({ kind: "left", member: old.#memberOf(id) })),
      ...joined.map((id): RollChange => ({ kind: "joined", member: this.#memberOf(id) })),
    ];
  }

  #add({ node, id, info }: PresenceRecord): void {
    const infos = this.#members.get(id) ?? new Map<string, string>();
    infos.delete(node);
    this.#members.set(id, infos.set(node, info));
  }

  #remove({ node, id }: PresenceRecord): void {
    const infos = this.#members.get(id);
    if (infos?.delete(node) && infos.size === 0) this.#members.delete(id);
  }

  #infoOf(id: string): string | undefined {
    return [...this.#members.get(id)?.values() ?? []].at(-1);
  }

  #memberOf(id: string): PresenceMember {
    return { id, info: parseInfo(this.#infoOf(id)) };
  }
}

/** Another program may have written the record. */
function parseInfo(info = "null"): unknown {
  try {
    return JSON.parse(info);
  } catch {
    return null;
  }
}
