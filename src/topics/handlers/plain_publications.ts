/** What sessions have published to plain topics. */
import type { TopicHub } from "../topic_hub.ts";

/** Sessions that are remembered. */
const MOST = 10_000;

const known = new WeakMap<TopicHub, PlainPublications>();

/**
 * The last number that each session has published to a plain topic in this process. No log tells: a
 * session that comes to another process with what it has published already is not recognised there.
 */
export class PlainPublications {
  /** Those that published last are last. */
  readonly #last = new Map<string, number>();

  /** Those of an application. */
  static of(hub: TopicHub): PlainPublications {
    let publications = known.get(hub);
    if (publications === undefined) known.set(hub, publications = new PlainPublications());
    return publications;
  }

  /** Takes a number of a session; tells whether it is above the last. */
  take(session: string, id: number): boolean {
    const last = this.#last.get(session) ?? 0;
    if (id <= last) return false;
    this.#last.delete(session);
    this.#last.set(session, id);
    const [oldest] = this.#last.keys();
    if (this.#last.size > MOST && oldest !== undefined) this.#last.delete(oldest);
    return true;
  }
}
