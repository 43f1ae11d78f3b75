/** A stream as a broker writes to it: there when it is needed, and after every loss. */
import { BrokerError } from "../broker/broker_error.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import type { NatsLink } from "./nats_link.ts";
import type { NatsSession } from "./nats_session.ts";
import { type Fields, Outbox, type OutboxBounds } from "./outbox.ts";
import { apiErrorOf, covers, ensureStream, type StreamState, type StreamWish } from "./stream.ts";
import { pause } from "./waiting.ts";

/** What an error of the library is called that has no class of its own outside. */
const NOT_ENABLED = "JetStreamNotEnabled";

/** A stream that is there, and the connection that knows it. */
export interface ReadyStream {
  readonly session: NatsSession;
  readonly state: StreamState;
}

/** Keeps a stream at the server, and what is published to it. */
export class StreamWriter {
  readonly #link: NatsLink;
  readonly #outbox: Outbox;
  readonly #changed: () => void;
  #wish: StreamWish;
  #isUsed = false;
  #session: NatsSession | null = null;
  #state: StreamState | null = null;
  #epoch: string | null = null;
  #refusal: BrokerError | null = null;
  #settling: Promise<void> | null = null;
  #ready = Promise.withResolvers<ReadyStream>();
  #checking: Promise<void> | null = null;
  #isDoubted = false;

  /** @param changed Is called when the stream is not what it was. */
  constructor(link: NatsLink, wish: StreamWish, bounds: OutboxBounds, changed: () => void) {
    this.#link = link;
    this.#wish = wish;
    this.#changed = changed;
    this.#outbox = new Outbox(bounds, {
      gone: () => void this.#seek(),
      lateness: () => link.lateness,
    });
    this.#ready.promise.catch(() => {});
  }

  /** The name of the stream. */
  get name(): string {
    return this.#wish.name;
  }

  /** How many publications wait. */
  get queued(): number {
    return this.#outbox.size;
  }

  /** The life of the stream; `null` while it is not known, and what comes cannot be trusted. */
  get epoch(): string | null {
    return this.#state?.epoch ?? null;
  }

  /** What a subject of the stream keeps, as far as it is known. */
  get history(): number {
    return this.#state?.history ?? this.#wish.history;
  }

  /** There is a connection. */
  begin(session: NatsSession): void {
    this.#session = session;
    this.#refusal = null;
    if (this.#isUsed) this.#settle();
  }

  /** It is lost. */
  end(): void {
    this.#session = null;
    this.#lose();
  }

  /** Lets the stream keep more, if it keeps less. */
  keep(history: number, age: number): void {
    const { history: most, age: longest } = this.#wish;
    if (history <= most && age <= longest) return;
    this.#wish = {
      ...this.#wish,
      history: Math.max(history, most),
      age: Math.max(age, longest),
    };
    if (this.#isUsed) this.#settle();
  }

  /**
   * Publishes.
   *
   * @throws {BrokerError} The promise rejects if the stream does not answer, or is refused.
   */
  write(subject: string, payload: string, fields: Fields): Promise<Acknowledgement> {
    this.#use();
    return this.#outbox.send(subject, payload, fields);
  }

  /**
   * The stream, once it is there.
   *
   * @throws {BrokerError} The promise rejects if it is not in time.
   */
  async ready(): Promise<ReadyStream> {
    this.#use();
    return await this.#link.inTime(this.#ready.promise);
  }

  /**
   * Looks whether the stream is still the one it was: something came that it could not have sent. What
   * comes until the end of it is not trusted, so that this ends with a call of `changed`.
   */
  check(): void {
    this.#isDoubted = true;
    this.#checking ??= this.#check().finally(() => this.#checking = null);
  }

  /** Gives up what waits. */
  close(error: BrokerError): void {
    this.#outbox.suspend();
    this.#outbox.giveUp(error);
    this.#ready.reject(error);
  }

  /** @throws {BrokerError} If it is known that it cannot be used. */
  #use(): void {
    this.#link.refuseIfOver();
    this.#isUsed = true;
    this.#settle();
    if (this.#refusal !== null) throw this.#refusal;
  }

  #lose(): void {
    this.#outbox.suspend();
    if (this.#state !== null) this.#renew();
    this.#state = null;
  }

  /** Nobody took a publication. The pause is for a server that says so all the time. */
  async #seek(): Promise<void> {
    const session = this.#session;
    this.#lose();
    if (session !== null) await pause(0, session.ended);
    this.#settle();
  }

  #renew(): void {
    this.#ready = Promise.withResolvers();
    this.#ready.promise.catch(() => {});
  }

  /** Whether there is something to settle, and a server to do it with. */
  get #isUnsettled(): boolean {
    return this.#isUsed && this.#session !== null && !this.#link.over.aborted &&
      (this.#state === null || !covers(this.#state, this.#wish));
  }

  #settle(): void {
    if (this.#isUnsettled) this.#settling ??= this.#prepare().finally(() => this.#settling = null);
  }

  async #prepare(): Promise<void> {
    for (let attempt = 0; this.#isUnsettled; attempt++) {
      const session = this.#session;
      if (session === null) return;
      try {
        const state = await ensureStream(session, this.#wish);
        if (session === this.#session) this.#accept(session, state);
      } catch (error) {
        if (session === this.#session) this.#refuse(session, error);
        await pause(attempt, session.ended);
      }
    }
  }

  /** What came meanwhile was not handed over, so that those who follow have to read. */
  #accept(session: NatsSession, state: StreamState): void {
    const isNew = this.#state === null;
    const isAgain = this.#epoch !== null && (isNew || this.#epoch !== state.epoch);
    this.#state = state;
    this.#epoch = state.epoch;
    this.#refusal = null;
    if (isNew) this.#outbox.resume(session);
    this.#ready.resolve({ session, state });
    if (isAgain) this.#changed();
  }

  /** Some refusals are for good, as far as one can know: nobody has to wait then. */
  #refuse(session: NatsSession, error: unknown): void {
    if (session.ended.aborted) return;
    this.#link.note(error);
    const isMissing = error instanceof Error && error.name === NOT_ENABLED;
    // 503 is a server that is not ready; a stream that keeps too little can be used.
    const isFinal = isMissing || (apiErrorOf(session, error)?.status ?? 503) !== 503;
    if (!isFinal || this.#state !== null) return;
    const { message } = this.#link.errorOf(`Cannot use the stream "${this.name}" of NATS`, error);
    this.#giveUp(new BrokerError(isMissing ? `${message}; start nats-server with -js` : message));
  }

  #giveUp(refusal: BrokerError): void {
    this.#refusal = refusal;
    this.#outbox.giveUp(refusal);
    this.#ready.reject(refusal);
    this.#renew();
  }

  async #check(): Promise<void> {
    while (this.#isDoubted && this.#session !== null) {
      const session = this.#session;
      this.#isDoubted = false;
      try {
        const state = await ensureStream(session, this.#wish);
        if (session === this.#session) this.#trust(session, state);
      } catch {
        this.#isDoubted = true;
      }
      await pause(2, session.ended);
    }
  }

  #trust(session: NatsSession, state: StreamState): void {
    const isSame = state.epoch === this.#epoch;
    this.#renew();
    this.#accept(session, state);
    if (isSame) this.#changed();
  }
}
