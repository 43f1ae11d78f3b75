/** The look-out for peers that read what they were sent. */
import { nextIteration } from "../concurrent/loop/next_iteration.ts";
import type { Outbox, Progress } from "./outbox.ts";

/** Milliseconds between two looks: the shortest, and the longest. */
const SHORTEST = 1;
const LONGEST = 64;
/**
 * A peer that reads takes what it gets within some turns of the loop, which a timer would miss: so many
 * looks follow each other without a pause, where no more peers than these are looked after.
 */
const EAGER_LOOKS = 16;
const EAGER_PEERS = 16;

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
  /** How many looks may still follow without a pause. */
  #eager = 0;
  /** One of them is on its way. */
  #isDue = false;
  /** Tells it from one that was on its way when the last backlog ended. */
  #turn = 0;

  /** Looks after a connection until it has no backlog. */
  add(outbox: Outbox): void {
    if (this.#outboxes.has(outbox)) return;
    this.#outboxes.add(outbox);
    this.#hurry();
    this.#lookAgain();
  }

  /** Stops to look after a connection. */
  delete(outbox: Outbox): void {
    if (!this.#outboxes.delete(outbox) || this.#outboxes.size > 0) return;
    clearTimeout(this.#timer);
    this.#isDue = false;
    this.#turn++;
  }

  #look(): void {
    this.#isDue = false;
    const now = performance.now();
    const found = new Set<Progress>();
    for (const outbox of this.#outboxes) found.add(outbox.look(now));
    if (found.has("drained") || found.has("hungry")) this.#hurry();
    else if (!this.#isEager && !found.has("moving")) this.#slowDown();
    if (this.#outboxes.size > 0) this.#lookAgain();
  }

  get #isEager(): boolean {
    return this.#eager > 0 && this.#outboxes.size <= EAGER_PEERS;
  }

  #hurry(): void {
    this.#eager = EAGER_LOOKS;
    this.#delay = SHORTEST;
  }

  #slowDown(): void {
    this.#delay = Math.min(this.#delay * 2, LONGEST);
  }

  #lookAgain(): void {
    clearTimeout(this.#timer);
    if (this.#isDue) return;
    if (!this.#isEager) {
      this.#timer = setTimeout(() => this.#look(), this.#delay);
      return;
    }
    this.#eager--;
    this.#isDue = true;
    const turn = this.#turn;
    nextIteration(() => {
      if (turn === this.#turn) this.#look();
    });
  }
}

/** That of this process. */
export const backlogs: BacklogWatch = new BacklogWatch();
