/** That a message of a session runs once, wherever it is sent again. */
import type { LogRead, TopicLog } from "../broker/broker.ts";
import type { TopicHub } from "../topic_hub.ts";
import { BrokerError } from "../broker/broker_error.ts";
import { decodePayload, encodePayload } from "../broker/payload.ts";
import { formatError } from "./server_line.ts";
import { INTERNAL_PREFIX } from "./client_topic.ts";

/** Milliseconds that a double waits for what another process has begun. */
const PATIENCE = 5_000;
/** Milliseconds between two looks. */
const INTERVAL = 100;
/** Characters of an answer that is kept. */
const LONGEST_ANSWER = 65_536;

/** What is running in this process, by session and number. */
const running = new WeakMap<TopicHub, Map<string, Promise<string>>>();

/** Where the answers to a session's messages are kept. */
export interface ClaimOptions {
  readonly hub: TopicHub;
  readonly session: string;
  /** Whether the session was there before this connection. */
  readonly resumed: boolean;
}

/**
 * The messages of one session, as one of its connections sees them.
 *
 * Before a message runs, its number is written to a log of the session's own, and after it the answer.
 * The log takes a number once, whichever process comes with it. A message is not begun twice; of one
 * whose process has died nobody knows how far it came, and that is what the client is told.
 */
export class MessageClaims {
  readonly #hub: TopicHub;
  readonly #session: string;
  readonly #topic: string;
  /** Tells what this connection has begun from what others have. */
  readonly #claimant = crypto.randomUUID();
  /** Whether all that others have begun before is known. */
  #isLoaded: boolean;
  /** The highest number that was begun. */
  #begun = 0;
  /** What this connection has claimed, and may not have begun. */
  #claimed = 0;
  #answers = new Map<number, string>();
  #isClosed = false;
  #wake: (() => void) | undefined;

  constructor({ hub, session, resumed }: ClaimOptions) {
    this.#hub = hub;
    this.#session = session;
    this.#topic = INTERNAL_PREFIX + session;
    this.#isLoaded = !resumed;
  }

  /**
   * Runs a message, unless it has run or is running: then its answer is that of the first time.
   *
   * @param work Gives the answer. It never rejects.
   * @throws {BrokerError} The promise rejects if the log cannot be reached; then it has not run.
   */
  async run(id: number, work: () => Promise<string>): Promise<string> {
    await this.#hub.open();
    const first = this.#running(id);
    if (first !== undefined) return await first;
    if (!this.#isLoaded) await this.#load();
    const known = this.#answers.get(id);
    if (known !== undefined) return known;
    return await this.#claim(id) ? await this.#begin(id, work) : await this.#await(id);
  }

  /** The connection is gone: nobody waits for an answer. */
  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  /** What another connection to this process has begun. */
  #running(id: number): Promise<string> | undefined {
    return runningIn(this.#hub).get(`${this.#session} ${id}`);
  }

  /** Whether nobody has begun it before. */
  async #claim(id: number): Promise<boolean> {
    if (id === this.#claimed) return true;
    if (id <= this.#begun) return false;
    const record = encodePayload(JSON.stringify([id, this.#claimant]));
    const producer = { id: `${this.#session} begun`, number: id };
    const { duplicate } = await this.#log.append(this.#topic, record, producer);
    if (!duplicate) return true;
    await this.#load();
    // An append that failed before may have come through.
    return this.#claimed === id;
  }

  async #begin(id: number, work: () => Promise<string>): Promise<string> {
    this.#begun = Math.max(id, this.#begun);
    this.#claimed = 0;
    const all = runningIn(this.#hub);
    const key = `${this.#session} ${id}`;
    const answer = this.#finish(id, work);
    all.set(key, answer);
    try {
      return await answer;
    } finally {
      all.delete(key);
    }
  }

  async #finish(id: number, work: () => Promise<string>): Promise<string> {
    const answer = await work();
    try {
      await this.#keep(id, answer);
    } catch (error) {
      // Who asks again will hear that nobody knows.
      if (!(error instanceof BrokerError)) throw error;
    }
    return answer;
  }

  async #keep(id: number, answer: string): Promise<void> {
    if (answer.length > LONGEST_ANSWER) return;
    const record = encodePayload(JSON.stringify([id, this.#claimant, answer]));
    await this.#log.append(this.#topic, record, { id: `${this.#session} done`, number: id });
  }

  /** Waits for who has begun it. */
  async #await(id: number): Promise<string> {
    const deadline = performance.now() + PATIENCE;
    for (;;) {
      const running = this.#running(id);
      if (running !== undefined) return await running;
      await this.#load();
      const answer = this.#answers.get(id);
      if (answer !== undefined) return answer;
      if (this.#isClosed || performance.now() >= deadline) return unknownOutcome(id);
      await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, INTERVAL);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Another one when the hub was closed and opened again. */
  get #log(): TopicLog {
    return this.#hub.broker.log;
  }

  async #load(): Promise<void> {
    const { records } = await this.#log.read(this.#topic, null);
    this.#isLoaded = true;
    this.#answers = new Map();
    for (const record of records) this.#note(record);
  }

  #note({ payload }: LogRead["records"][number]): void {
    const [id, claimant, answer] = parseRecord(payload);
    if (typeof id !== "number") return;
    if (typeof answer === "string") this.#answers.set(id, answer);
    else if (claimant !== this.#claimant || id <= this.#begun) {
      this.#begun = Math.max(id, this.#begun);
    } else this.#claimed = id;
  }
}

function runningIn(hub: TopicHub): Map<string, Promise<string>> {
  let all = running.get(hub);
  if (all === undefined) running.set(hub, all = new Map());
  return all;
}

/** Another program may have written to the log. */
function parseRecord(payload: string): unknown[] {
  try {
    const record: unknown = JSON.parse(String(decodePayload(payload)));
    return Array.isArray(record) ? record : [];
  } catch {
    return [];
  }
}

function unknownOutcome(id: number): string {
  return formatError(409, "It was begun before, and nobody knows what came of it", id);
}
