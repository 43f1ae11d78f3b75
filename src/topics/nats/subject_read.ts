/** Reads what a stream keeps of a subject. */
import type { ConsumerConfig } from "@nats-io/jetstream";
import type { Msg } from "@nats-io/transport-node";
import { BrokerError } from "../broker/broker_error.ts";
import type { NatsSession } from "./nats_session.ts";
import { readStored, type StoredMessage } from "./stored_message.ts";

const NANOSECONDS = 1_000_000;

/** Milliseconds after which a server forgets a read whose reader is gone. */
const FORGOTTEN = 5_000;

/** What is read. */
export interface SubjectQuery {
  readonly stream: string;
  /** May have wildcards. */
  readonly subject: string;
  /**
   * The message with this sequence and all after it. If the first that is there is another one, it is
   * all that is read.
   */
  readonly from?: number;
  /** The last of each subject only. */
  readonly last?: boolean;
  /** Without the payloads. */
  readonly headersOnly?: boolean;
}

/** What was read. */
export interface SubjectRead {
  /** When it was, by the clock of the server. */
  readonly now: number;
  /** In their order. */
  readonly messages: readonly StoredMessage[];
}

/**
 * Reads by an ordered consumer that lives as long as that takes: the server sends all there is, without
 * being asked for each, and no faster than it is read.
 *
 * @throws {BrokerError} The promise rejects if something was missed, or the connection is lost.
 */
export async function readSubject(
  session: NatsSession,
  query: SubjectQuery,
): Promise<SubjectRead> {
  const { connection, manager, library: { transport } } = session;
  const inbox = transport.createInbox();
  const delivery = new Delivery(session, query);
  const subscription = connection.subscribe(inbox, {
    callback: (error, message) => error === null ? delivery.take(message) : delivery.fail(error),
  });
  const name = transport.nuid.next();
  try {
    const config = consumerConfig(session, query);
    const info = await manager.consumers.add(query.stream, {
      ...config,
      name,
      deliver_subject: inbox,
    });
    delivery.expect(info.num_pending + info.delivered.consumer_seq);
    return { now: Date.parse(info.created), messages: await delivery.done };
  } finally {
    subscription.unsubscribe();
    // It goes by itself otherwise, later.
    void manager.consumers.delete(query.stream, name).catch(() => {});
  }
}

function consumerConfig({ library }: NatsSession, query: SubjectQuery): ConsumerConfig {
  const { AckPolicy, DeliverPolicy, ReplayPolicy } = library.jetstream;
  const { subject, from, last = false, headersOnly = false } = query;
  return {
    filter_subject: subject,
    ack_policy: AckPolicy.None,
    replay_policy: ReplayPolicy.Instant,
    ...(from !== undefined
      ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from }
      : { deliver_policy: last ? DeliverPolicy.LastPerSubject : DeliverPolicy.All }),
    headers_only: headersOnly,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: FORGOTTEN * NANOSECONDS,
    flow_control: true,
    idle_heartbeat: FORGOTTEN * NANOSECONDS,
  };
}

/** The messages of one read, as they come. */
class Delivery {
  readonly #session: NatsSession;
  readonly #from: number | undefined;
  readonly #messages: StoredMessage[] = [];
  readonly #done = Promise.withResolvers<readonly StoredMessage[]>();
  readonly #lost: () => void;
  #expected = Infinity;

  constructor(session: NatsSession, { from }: SubjectQuery) {
    this.#session = session;
    this.#from = from;
    this.#lost = () => this.fail(new BrokerError("The connection to NATS broke off while reading"));
    session.ended.addEventListener("abort", this.#lost);
    this.#done.promise.catch(() => {});
  }

  /** Settles with all messages. */
  get done(): Promise<readonly StoredMessage[]> {
    return this.#done.promise;
  }

  /** Tells how many there are. */
  expect(count: number): void {
    this.#expected = count;
    this.#finishIfComplete();
  }

  /** Takes what the consumer sends. */
  take(message: Msg): void {
    if (message.headers?.code === 100) return this.#answer(message);
    const stored = readStored(message);
    if (stored === null) return;
    if (stored.count !== this.#messages.length + 1) {
      return this.fail(new BrokerError("Messages of NATS were missed while reading"));
    }
    this.#messages.push(stored);
    this.#finishIfComplete();
  }

  /** Ends it. */
  fail(error: unknown): void {
    this.#session.ended.removeEventListener("abort", this.#lost);
    this.#done.reject(error);
  }

  /** That the server may send more. */
  #answer(message: Msg): void {
    const stalled = message.headers?.get("Nats-Consumer-Stalled");
    const subject = message.reply || stalled;
    if (subject && !this.#session.ended.aborted) this.#session.connection.publish(subject);
  }

  #finishIfComplete(): void {
    const first = this.#messages[0];
    const isOther = this.#from !== undefined && first !== undefined &&
      first.sequence !== this.#from;
    const isLast = this.#messages.at(-1)?.pending === 0;
    if (!isOther && !isLast && this.#messages.length < this.#expected) return;
    this.#session.ended.removeEventListener("abort", this.#lost);
    this.#done.resolve(this.#messages);
  }
}
