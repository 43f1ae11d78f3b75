/** Topics over NATS. */
import type { TopicSettings } from "../settings.ts";
import { TopicHub } from "../topic_hub.ts";
import type { Msg } from "@nats-io/transport-node";
import type {
  Broker,
  BrokerContext,
  BrokerStatus,
  PresenceStore,
  TopicLog,
} from "../broker/broker.ts";
import { logApplicationError } from "../../log.ts";
import { BrokerError } from "../broker/broker_error.ts";
import { decodePayload, type Payload } from "../broker/payload.ts";
import { NatsLink } from "./nats_link.ts";
import { NatsLog } from "./nats_log.ts";
import { type NatsOptions, type NatsSettings, natsSettings } from "./nats_options.ts";
import { NatsPresence } from "./nats_presence.ts";
import type { NatsSession } from "./nats_session.ts";
import { PlainOutlet } from "./plain_outlet.ts";
import { PresenceSubjects } from "./presence_subjects.ts";
import type { StreamWish } from "./stream.ts";
import { StreamReader } from "./stream_reader.ts";
import { StreamWriter } from "./stream_writer.ts";
import { decodeToken, encodeToken } from "./subject_token.ts";

/**
 * Carries topics between the processes of an application over NATS, 2.9 or later: the setting `broker`.
 *
 * Topics with history and presence need JetStream: `nats-server -js`. A message is at most as large as
 * `max_payload` of the server, 1 MiB unless configured.
 *
 * @example
 * ```ts
 * import { NatsBroker } from "@gustnado/gustnado/nats";
 *
 * const broker = new NatsBroker({ servers: ["10.0.0.1:4222", "10.0.0.2:4222"], replicas: 3 });
 * console.log(broker.name, broker.status.state); // "NATS" "idle"
 * ```
 *
 * @category Topics
 */
export class NatsBroker implements Broker {
  /** What it is called in errors and logs. */
  readonly name = "NATS";
  /** The history of topics: in a stream, `<prefix>-log`. */
  readonly log: TopicLog;
  /** Who is in a topic: in a stream, `<prefix>-presence`. */
  readonly presence: PresenceStore;
  readonly #settings: NatsSettings;
  readonly #link: NatsLink;
  readonly #writers: readonly StreamWriter[];
  readonly #reset: () => void;
  #context: BrokerContext | null = null;
  #outlet: PlainOutlet | null = null;
  #ignored = 0;

  /**
   * Makes a broker, which connects when the application starts.
   *
   * @param options Where the server is, and what it may be asked. Default: `127.0.0.1:4222`.
   * @throws {TypeError} If an option is unknown or ill-typed.
   */
  constructor(options: NatsOptions = {}) {
    const settings = this.#settings = natsSettings(options);
    const link = this.#link = new NatsLink(settings, {
      begun: (session) => this.#begin(session),
      lost: () => this.#lose(),
    });
    const subjects = new PresenceSubjects(settings.prefix);
    const own = (wish: StreamWish, reset: () => void) =>
      new StreamWriter(link, wish, settings, () => {
        reset();
        this.#context?.events.interrupted();
      });
    const logWriter = own(logStream(settings), () => log.reset());
    const presenceWriter = own(presenceStream(settings, subjects), () => presence.reset());
    this.#writers = [logWriter, presenceWriter];
    const reader = new StreamReader(link);
    const common = {
      link,
      reader,
      context: () => this.#open(),
      ignore: () => void this.#ignored++,
    };
    const log = new NatsLog({ ...common, writer: logWriter, prefix: settings.prefix });
    const presence = new NatsPresence({ ...common, writer: presenceWriter, subjects });
    [this.log, this.presence] = [log, presence];
    this.#reset = () => [log, presence].forEach((part) => part.reset());
  }

  /** How it is. */
  get status(): BrokerStatus {
    const queued = this.#writers.reduce((sum, writer) => sum + writer.queued, 0);
    return { ...this.#link.status, queued, ignored: this.#ignored };
  }

  /** Connects, and goes on trying; settles when it has, or after `connectTimeout`. */
  async open(context: BrokerContext): Promise<void> {
    if (this.#context !== null) return;
    this.#context = context;
    const subject = `${this.#settings.prefix}.plain.*.*`;
    const opened = this.#link.open();
    this.#link.listen(subject, (message) => this.#takePlain(context, message)).catch(() => {});
    await opened;
  }

  /** Hands a message of a plain topic to the other processes, while the server is there. */
  publish(topic: string, payload: Payload): void {
    const outlet = this.#outlet;
    if (outlet === null || this.#context === null) return;
    try {
      outlet.send(this.#plainSubject(this.#context.node, topic), payload);
    } catch (error) {
      logApplicationError("Exception while a plain topic was published over NATS", error);
    }
  }

  // For `web/setting_modules_on_workers.ts`, and private: nobody else asks.
  private topicHub(settings: TopicSettings): TopicHub {
    return new TopicHub(settings);
  }

  /** Closes the connection. What waits is given up with an error. */
  async close(): Promise<void> {
    this.#outlet = null;
    const error = new BrokerError("Cannot publish over NATS: its broker has been closed");
    for (const writer of this.#writers) writer.close(error);
    this.#reset();
    await this.#link.close();
  }

  /** @throws {BrokerError} If the broker is not open, or is closed. */
  #open(): BrokerContext {
    this.#link.refuseIfOver();
    if (this.#context !== null) return this.#context;
    throw new BrokerError("Cannot use a broker of NATS before the application has started");
  }

  #begin(session: NatsSession): void {
    this.#outlet = new PlainOutlet(session, this.#settings.maxQueuedBytes);
    for (const writer of this.#writers) writer.begin(session);
  }

  #lose(): void {
    this.#outlet = null;
    for (const writer of this.#writers) writer.end();
  }

  /** The process is in the subject: no message has to be opened to know that it is an own one. */
  #plainSubject(node: string, topic: string): string {
    const name = encodeToken(topic, "topic's name");
    return `${this.#settings.prefix}.plain.${encodeToken(node)}.${name}`;
  }

  #takePlain({ node, events }: BrokerContext, message: Msg): void {
    const [from, topic] = message.subject.slice(this.#settings.prefix.length).split(".").slice(2)
      .map(decodeToken);
    if (from === node) return;
    const payload = message.string();
    if (topic == null || decodePayload(payload) === null) this.#ignored++;
    else events.plain(topic, payload);
  }
}

/**
 * A broker of NATS, for the setting `broker`.
 *
 * @param options Where the server is, and what it may be asked. Default: `127.0.0.1:4222`.
 * @throws {TypeError} If an option is unknown or ill-typed.
 *
 * @example
 * ```ts
 * import { natsBroker } from "@gustnado/gustnado/nats";
 *
 * const settings = {
 *   topics: { "chat/*": { history: 500 } },
 *   broker: natsBroker({ servers: "127.0.0.1:4222", user: "gust", pass: "a secret" }),
 * };
 * console.log(settings.broker.status.state); // "idle"
 * ```
 *
 * @category Topics
 */
export function natsBroker(options: NatsOptions = {}): NatsBroker {
  return new NatsBroker(options);
}

/** What the topics keep is known with the first of them. */
function logStream({ prefix, storage, replicas }: NatsSettings): StreamWish {
  const republish = { src: `${prefix}.log.>`, dest: `${prefix}.live.>` };
  const subjects = [republish.src];
  return { name: `${prefix}-log`, subjects, republish, storage, replicas, history: 1, age: 0 };
}

/** The last message of each record, for as long as it is true. */
function presenceStream(
  { prefix, storage, replicas }: NatsSettings,
  { all, republish }: PresenceSubjects,
): StreamWish {
  const name = `${prefix}-presence`;
  return { name, subjects: all, republish, storage, replicas, history: 1, age: Infinity };
}
