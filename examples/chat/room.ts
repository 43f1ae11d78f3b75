import type { Entry, Person } from "./protocol.ts";

/** Who is in the room, and what was said last. */
export class Room {
  readonly #people = new Map<string, Person>();
  readonly #history: Entry[] = [];
  readonly #historyLength: number;

  /** @param historyLength How many messages are kept for those who come later. */
  constructor(historyLength: number) {
    this.#historyLength = historyLength;
  }

  /** Who is here, in the order in which they came. */
  get people(): readonly Person[] {
    return [...this.#people.values()];
  }

  /** The last messages, oldest first. */
  get history(): readonly Entry[] {
    return this.#history;
  }

  /** Lets somebody in. */
  join(person: Person): Entry {
    this.#people.set(person.id, person);
    return entry("joined", person);
  }

  /** Sees somebody out. */
  leave(person: Person): Entry {
    this.#people.delete(person.id);
    return entry("left", person);
  }

  /** Keeps a message; the oldest one makes way for it. */
  say(person: Person, text: string): Entry {
    const said = entry("said", person, text);
    this.#history.push(said);
    if (this.#history.length > this.#historyLength) this.#history.shift();
    return said;
  }
}

function entry(kind: Entry["kind"], person: Person, text = ""): Entry {
  return { id: crypto.randomUUID(), kind, person, time: new Date().toISOString(), text };
}
