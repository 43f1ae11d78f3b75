/** The look-out for peers that read what they were sent. */
import type { Outbox, Progress } from "./outbox.ts";

/** Milliseconds between two looks: the shortest, and the longest. */
const SHORTEST = 1;
const LONGEST = 64;

/**
 * Looks after all connections that have a backlog, with one timer: the runtime tells how much is
 * unsent, but not when it has left. The looks become rarer while nobody needs more, and end when
 * nobody has a backlog.
 *
 * Dead peers are found here as well: the runtime pings no peer that does not read.
 */
class BacklogWatch {
  readonly #outboxes = new Set<Outbox>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #delay = SHORTEST;

  /** Looks after a connection until it has no backlog. */
  add(outbox: Outbox): void {
    if (this.#outboxes.has(outbox)) return;
    this.#outboxes.add(outbox);
    this.#schedule(SHORTEST);
  }

  /** Stops to look after a connection. */
  delete(outbox: Outbox): void {
    if (this.#outboxes.delete(outbox) && this.#outboxes.size === 0) clearTimeout(this.#timer);
  }

  #schedule(delay: number): void {
    this.#delay = delay;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), delay);
  }

  #look(): void {
    const now = performance.now();
    const found = new Set<Progress>();
    for (const outbox of this.#outboxes) found.add(outbox.look(now));
    if (this.#outboxes.size > 0) this.#schedule(this.#nextDelay(found));
  }

  #nextDelay(found: ReadonlySet<Progress>): number {
    if (found.has("drained") || found.has("hungry")) return SHORTEST;
    return found.has("moving") ? this.#delay : Math.min(this.#delay * 2, LONGEST);
  }
}

/** That of this process. */
export const backlogs: BacklogWatch = new BacklogWatch();
