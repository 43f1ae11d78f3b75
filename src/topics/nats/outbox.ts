/** What is published to a stream, until the stream has answered. */
import type { Msg, Subscription } from "@nats-io/transport-node";
import { BrokerError } from "../broker/broker_error.ts";
import { type Acknowledgement, readAcknowledgement } from "./acknowledgement.ts";
import type { NatsSession } from "./nats_session.ts";

const encoder = new TextEncoder();

/** What a publication takes beside its payload, about. */
const OVERHEAD = 200;

/** How much may wait, and how long. */
export interface OutboxBounds {
  readonly maxQueued: number;
  readonly maxQueuedBytes: number;
  readonly publishTimeout: number;
}

/** Header fields of a publication. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** What the outbox asks of its stream. */
export interface OutboxEvents {
  /** Nobody takes what is published: the stream is gone. */
  gone(): void;
  /** Why something waits in vain. */
  lateness(): string;
}

interface Publication {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly fields: Fields;
  readonly due: number;
  readonly answer: PromiseWithResolvers<Acknowledgement>;
}

/** Where publications go, and how the answers come. */
interface Way {
  readonly session: NatsSession;
  readonly inbox: string;
  readonly answers: Subscription;
}

/**
 * The publications that have no answer yet, in the order of the calls. A new connection is sent all of
 * them again, in this order; the stream knows by `Nats-Msg-Id` those that it had.
 */
export class Outbox {
  readonly #bounds: OutboxBounds;
  readonly #events: OutboxEvents;
  readonly #waiting = new Map<number, Publication>();
  #bytes = 0;
  #number = 0;
  #way: Way | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(bounds: OutboxBounds, events: OutboxEvents) {
    this.#bounds = bounds;
    this.#events = events;
  }

  /** How many wait for an answer. */
  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Publishes, at once or when there is a connection.
   *
   * @throws {BrokerError} The promise rejects if too much waits, or no answer comes in time.
   */
  send(subject: string, text: string, fields: Fields): Promise<Acknowledgement> {
    const payload = encoder.encode(text);
    const full = this.#fullness(payload.length + OVERHEAD);
    if (full !== null) return Promise.reject(new BrokerError(full));
    const due = performance.now() + this.#bounds.publishTimeout;
    const answer = Promise.withResolvers<Acknowledgement>();
    const publication = { subject, payload, fields, due, answer };
    const number = ++this.#number;
    this.#waiting.set(number, publication);
    this.#bytes += sizeOf(publication);
    if (this.#way !== null) this.#transmit(this.#way, number, publication);
    this.#watch();
    return answer.promise;
  }

  /** Sends everything that waits over this connection, and what comes. */
  resume(session: NatsSession): void {
    this.suspend();
    const inbox = session.library.transport.createInbox();
    const answers = session.connection.subscribe(`${inbox}.*`, {
      callback: (error, message) => error === null ? this.#take(inbox, message) : undefined,
    });
    const way = this.#way = { session, inbox, answers };
    for (const [number, publication] of this.#waiting) this.#transmit(way, number, publication);
  }

  /** Sends nothing until {@linkcode resume}. */
  suspend(): void {
    const way = this.#way;
    this.#way = null;
    if (way?.session.ended.aborted === false) way.answers.unsubscribe();
  }

  /** Rejects all that waits. */
  giveUp(error: BrokerError): void {
    for (const number of [...this.#waiting.keys()]) this.#remove(number)?.answer.reject(error);
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #fullness(size: number): string | null {
    const { maxQueued, maxQueuedBytes } = this.#bounds;
    if (this.#waiting.size >= maxQueued) {
      return `Cannot publish over NATS: ${this.#waiting.size} publications wait already (maxQueued)`;
    }
    if (this.#bytes + size <= maxQueuedBytes) return null;
    return `Cannot publish ${size} bytes over NATS: ${this.#bytes} bytes wait already (maxQueuedBytes)`;
  }

  #transmit({ session, inbox }: Way, number: number, publication: Publication): void {
    const { connection, library } = session;
    const { subject, payload, fields } = publication;
    const headers = library.transport.headers();
    for (const [name, value] of fields) headers.set(name, value);
    try {
      connection.publish(subject, payload, { headers, reply: `${inbox}.${number}` });
    } catch (error) {
      // A connection that is closed says so here; what waits is sent over the next one.
      const limit = connection.info?.max_payload ?? Infinity;
      if (payload.length + OVERHEAD < limit && connection.isClosed()) return;
      this.#remove(number)?.answer.reject(refusal(payload.length, limit, error));
    }
  }

  #take(inbox: string, message: Msg): void {
    if (this.#way?.inbox !== inbox) return;
    const acknowledgement = readAcknowledgement(message);
    if (acknowledgement === null) return;
    if (acknowledgement.kind === "nobody") return this.#events.gone();
    const number = Number(message.subject.slice(inbox.length + 1));
    this.#remove(number)?.answer.resolve(acknowledgement);
  }

  #remove(number: number): Publication | undefined {
    const publication = this.#waiting.get(number);
    if (publication === undefined) return undefined;
    this.#waiting.delete(number);
    this.#bytes -= sizeOf(publication);
    return publication;
  }

  /** One timer, for the oldest: all wait equally long. */
  #watch(): void {
    if (this.#timer !== undefined) return;
    const [oldest] = this.#waiting.values();
    if (oldest === undefined) return;
    this.#timer = setTimeout(() => this.#expire(), Math.max(oldest.due - performance.now(), 0));
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [number, { due, answer }] of this.#waiting) {
      // A timer may be a little early.
      if (due - 1 > now) break;
      this.#remove(number);
      answer.reject(new BrokerError(this.#events.lateness()));
    }
    this.#watch();
  }
}

function sizeOf({ payload }: Publication): number {
  return payload.length + OVERHEAD;
}

function refusal(size: number, limit: number, error: unknown): BrokerError {
  const why = size + OVERHEAD < limit
    ? error instanceof Error ? error.message : String(error)
    : `the server takes ${limit}, headers included (max_payload)`;
  return new BrokerError(`Cannot publish ${size} bytes over NATS: ${why}`);
}
