/** What a client publishes and sends, in its order. */
import type { Position } from "../broker/position.ts";
import type { TopicHub } from "../topic_hub.ts";
import type { MessageRequest, PublishRequest } from "./client_frame.ts";
import { MessageClaims } from "./message_claims.ts";
import { PlainPublications } from "./plain_publications.ts";
import { PostponedRequests } from "./postponed_requests.ts";
import { RequestError, requestErrorOf, UNAVAILABLE } from "./request_error.ts";
import { formatAck, formatError } from "./server_line.ts";
import type { TopicHandler } from "./topic_handler.ts";
import { publishFor } from "./topic_rights.ts";

/** What runs one after another. */
export type Work = PublishRequest | MessageRequest;

/** A session, as its work needs it. */
export interface WorkOptions {
  readonly handler: TopicHandler;
  readonly hub: TopicHub;
  readonly session: string;
  /** Whether the session was there before this connection. */
  readonly resumed: boolean;
  /** Whether the handler does something with messages: nobody is to fill a log with what is refused. */
  readonly takesMessages: boolean;
  /** Answers a request with the line, or with the error that comes instead. It never rejects. */
  readonly serve: (id: number, run: () => Promise<string>) => Promise<void>;
  /** Logs what is a fault of the application's. */
  readonly report: (error: unknown) => void;
}

/** Work, and the subscriptions that the client asked for before it. */
interface WaitingWork {
  readonly request: Work;
  readonly after: Promise<unknown> | undefined;
}

/** The work of one connection: one request after another, as their numbers grow, and each once. */
export class ClientWork {
  readonly #options: WorkOptions;
  readonly #claims: MessageClaims;
  readonly #postponed = new PostponedRequests();
  readonly #waiting: WaitingWork[] = [];
  #lastId = 0;
  #isWorking = false;

  constructor(options: WorkOptions) {
    this.#options = options;
    this.#claims = new MessageClaims(options);
  }

  /**
   * Why a request cannot be taken; `null` if it can. Numbers grow, but for what was put off.
   */
  problemOf({ id }: Work): string | null {
    if (id > this.#lastId || this.#postponed.has(id)) return null;
    return `The id has to be above ${this.#lastId}`;
  }

  /** How many requests the client was told to send again, and has not. */
  get postponed(): number {
    return this.#postponed.size;
  }

  /**
   * Adds a request.
   *
   * @param after What it waits for, besides those before it.
   */
  add(request: Work, after: Promise<unknown> | undefined): void {
    this.#lastId = Math.max(request.id, this.#lastId);
    this.#waiting.push({ request, after });
    if (!this.#isWorking) this.#run();
  }

  /** The connection is gone: nobody waits for an answer. */
  close(): void {
    this.#claims.close();
  }

  async #run(): Promise<void> {
    this.#isWorking = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const { request, after } = next;
      if (after !== undefined) await after;
      await this.#options.serve(request.id, () => this.#serve(request));
    }
    this.#isWorking = false;
  }

  async #serve(work: Work): Promise<string> {
    const lane = work.type === "publish" ? work.topic : null;
    try {
      this.#admit(work.id, lane);
      return work.type === "publish" ? await this.#publish(work) : await this.#runOnce(work);
    } catch (error) {
      const refused = requestErrorOf(error, this.#options.report);
      if (refused.code === UNAVAILABLE) this.#postponed.add(work.id, lane);
      throw refused;
    }
  }

  /** What comes after a request that was put off would make that one look like a double. */
  #admit(id: number, lane: string | null): void {
    if (this.#postponed.admit(id, lane)) return;
    throw new RequestError(UNAVAILABLE, "One before it has to be sent again first");
  }

  async #publish({ id, topic, data }: PublishRequest): Promise<string> {
    const { handler, hub, session } = this.#options;
    const position: Position | undefined = await publishFor(handler, hub, {
      topic,
      data,
      producer: { id: session, number: id },
      isDouble: () => !PlainPublications.of(hub).take(session, id),
    });
    return formatAck(id, position === undefined ? {} : { position });
  }

  #runOnce({ id, data }: MessageRequest): Promise<string> {
    const deliver = () => this.#deliver(id, data);
    return this.#options.takesMessages ? this.#claims.run(id, deliver) : deliver();
  }

  /** Runs the hook. What it throws is an answer, too. */
  async #deliver(id: number, data: unknown): Promise<string> {
    const { handler, report } = this.#options;
    try {
      return formatAck(id, { data: await handler.onMessage(data) });
    } catch (error) {
      const { code, message } = requestErrorOf(error, report);
      return formatError(code, message, id);
    }
  }
}
