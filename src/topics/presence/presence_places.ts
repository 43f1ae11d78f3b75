/** The records of this process in the presence of topics. */
import type { PresenceStore } from "../broker/broker.ts";
import { startQuietTimer } from "../quiet_timer.ts";
import type { PresenceMember } from "../feed/topic_subscriber.ts";

/** Records that are written at the same time when all are written again. */
const AT_ONCE = 100;

/** What places need. */
export interface PlacesOptions {
  /** The name of this process, once the store can be asked. */
  readonly node: () => string;
  readonly store: PresenceStore;
  /** Milliseconds that a record stays after its last holder. */
  readonly grace: number;
}

/** One record. */
interface Place {
  readonly topic: string;
  readonly id: string;
  readonly holders: Set<object>;
  /** What it should say. */
  info: string;
  /** What it says; `null` if it is not there, `undefined` if that is not known. */
  stored: string | null | undefined;
  /** The writes, one after the other. */
  writing: Promise<void>;
  cancelGrace: (() => void) | undefined;
}

/** Keeps a record for each `id` in a topic as long as somebody holds it, and a while longer. */
export class PresencePlaces {
  readonly #options: PlacesOptions;
  readonly #places = new Map<string, Map<string, Place>>();

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#places.size === 0;
  }

  /**
   * Adds a holder. The promise settles when the record is there.
   *
   * @throws {TypeError} If the `info` cannot be JSON.
   * @throws {BrokerError} If the record cannot be written; then the holder is one only if it was before.
   */
  async join(topic: string, { id, info }: PresenceMember, holder: object): Promise<void> {
    const text = toInfo(id, info);
    const place = this.#open(topic, id);
    const wasThere = place.holders.has(holder);
    const hadGrace = place.cancelGrace !== undefined;
    place.info = text;
    place.holders.add(holder);
    this.#endGrace(place);
    try {
      await this.#write(place);
    } catch (error) {
      if (!wasThere) this.#release(place, holder, hadGrace);
      throw error;
    }
  }

  /** Takes a holder away. After the last one the record stays for the grace. */
  leave(topic: string, id: string, holder: object): void {
    const place = this.#places.get(topic)?.get(id);
    if (place?.holders.has(holder)) this.#release(place, holder, true);
  }

  #release(place: Place, holder: object, withGrace: boolean): void {
    place.holders.delete(holder);
    if (place.holders.size > 0) return;
    if (!withGrace) return void this.#writeQuietly(place);
    this.#endGrace(place);
    place.cancelGrace = startQuietTimer(() => {
      place.cancelGrace = undefined;
      this.#writeQuietly(place);
    }, this.#options.grace);
  }

  #endGrace(place: Place): void {
    place.cancelGrace?.();
    place.cancelGrace = undefined;
  }

  /** Writes what could not be written before. It does not reject. */
  async settle(): Promise<void> {
    const owed = this.#all().filter((place) => place.stored !== wanted(place));
    for (let at = 0; at < owed.length; at += AT_ONCE) {
      await Promise.all(owed.slice(at, at + AT_ONCE).map((place) => this.#writeQuietly(place)));
    }
  }

  /** The engine may have lost all records: {@linkcode settle} writes them again. */
  doubt(): void {
    for (const place of this.#all()) place.stored = undefined;
  }

  /** Forgets all, and writes nothing more. */
  end(): void {
    for (const place of this.#all()) place.cancelGrace?.();
    this.#places.clear();
  }

  #all(): Place[] {
    return [...this.#places.values()].flatMap((places) => [...places.values()]);
  }

  #open(topic: string, id: string): Place {
    const places = this.#places.get(topic) ?? new Map<string, Place>();
    this.#places.set(topic, places);
    const place = places.get(id) ?? {
      topic,
      id,
      holders: new Set(),
      info: "null",
      stored: null,
      writing: Promise.resolve(),
      cancelGrace: undefined,
    };
    places.set(id, place);
    return place;
  }

  #write(place: Place): Promise<void> {
    const writing = place.writing.then(() => this.#store(place));
    place.writing = writing.catch(() => {});
    return writing;
  }

  /** What fails is written with the next beat. */
  #writeQuietly(place: Place): Promise<void> {
    return this.#write(place).catch(() => {});
  }

  async #store(place: Place): Promise<void> {
    const { store } = this.#options;
    const node = this.#options.node();
    const { topic, id } = place;
    const info = wanted(place);
    if (info !== place.stored) {
      place.stored = undefined;
      if (info === null) await store.leave(topic, { node, id });
      else await store.join(topic, { node, id, info });
      place.stored = info;
    }
    if (wanted(place) === null && place.stored === null) this.#remove(place);
  }

  #remove({ topic, id }: Place): void {
    const places = this.#places.get(topic);
    if (places?.delete(id) && places.size === 0) this.#places.delete(topic);
  }
}

function wanted({ holders, cancelGrace, info }: Place): string | null {
  return holders.size > 0 || cancelGrace !== undefined ? info : null;
}

/** @throws {TypeError} If it cannot be JSON. */
function toInfo(id: string, info: unknown): string {
  const text: string | undefined = JSON.stringify(info ?? null);
  if (text !== undefined) return text;
  throw new TypeError(
    `Cannot tell others of the member ${
      JSON.stringify(id)
    }: its info, a ${typeof info}, has no JSON`,
  );
}
