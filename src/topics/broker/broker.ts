/**
 * What a broker is: an engine that carries topics between processes, and keeps their history. To write
 * one means to write {@linkcode Broker}, whose parts are {@linkcode TopicLog} and
 * {@linkcode PresenceStore}, and to run the contract test on it.
 */
import type { Payload } from "./payload.ts";
import type { Position } from "./position.ts";

/**
 * What a topic keeps at most.
 *
 * @category Topics
 */
export interface TopicLimits {
  /** Messages. */
  readonly history: number;
  /** Bytes of these together, as UTF-8 payloads. */
  readonly maxBytes: number;
  /** Milliseconds that a message is kept; a topic that was silent for so long is forgotten. */
  readonly ttl: number;
}

/**
 * A publication in a log.
 *
 * @category Topics
 */
export interface LogRecord {
  /** Its number in the topic. */
  readonly offset: number;
  /** The offset of the publication before it; for the first, 0 or that of the empty topic. */
  readonly previous: number;
  /** The message. */
  readonly payload: Payload;
}

/**
 * What a log gave.
 *
 * @category Topics
 */
export interface LogRead {
  /** The life of the log. */
  readonly epoch: string;
  /** The offset of {@linkcode TopicLog.top}: that of the last publication that the topic ever had. */
  readonly top: number;
  /** In order, without a gap, up to `top`. */
  readonly records: readonly LogRecord[];
  /**
   * Whether the records are all there were after the position asked for. False if that is of another
   * epoch, from the future, or older than what is kept; then there are no records.
   */
  readonly whole: boolean;
}

/**
 * What becomes of a publication.
 *
 * @category Topics
 */
export interface Appended {
  /** Where it is. */
  readonly position: Position;
  /** It had been appended before, and was not appended again. */
  readonly duplicate: boolean;
}

/**
 * Who publishes, so that what is sent again is appended once.
 *
 * @category Topics
 */
export interface Producer {
  /** A name that nobody else has. */
  readonly id: string;
  /** Grows with each publication of the producer to a topic. One that is not above the last is a double. */
  readonly number: number;
}

/**
 * The history of topics.
 *
 * @category Topics
 */
export interface TopicLog {
  /**
   * Appends a message, and hands it to every process that follows the topic, this one included, in the
   * order of their offsets.
   *
   * A broker that lost its engine sends it again when it is back, once, in the order of the calls.
   *
   * @param producer With it, a double is recognised for at least two minutes.
   * @throws {BrokerError} The promise rejects if the engine cannot be reached in time, or too much
   *   waits already.
   */
  append(topic: string, payload: Payload, producer?: Producer): Promise<Appended>;
  /**
   * What was published after a position.
   *
   * @param after `null` for all that is kept, which is always whole.
   * @throws {BrokerError} The promise rejects if the engine cannot be reached in time.
   */
  read(topic: string, after: Position | null): Promise<LogRead>;
  /**
   * The position after the last publication. A topic without any gets one, too, which recovers: an epoch
   * and 0, or another offset that no publication has.
   */
  top(topic: string): Promise<Position>;
  /**
   * From the time that its promise settles every record of the topic is handed to
   * {@linkcode BrokerEvents.record}. A connection that is lost and back follows again by itself and
   * then calls {@linkcode BrokerEvents.interrupted}. Asked for once until {@linkcode unfollow}.
   */
  follow(topic: string): Promise<void>;
  /** Ends it. */
  unfollow(topic: string): void;
}

/**
 * That somebody holds a place in a topic: one socket, or several of one process.
 *
 * @category Topics
 */
export interface PresenceRecord {
  /** The process; see {@linkcode BrokerContext.node}. */
  readonly node: string;
  /** Who. */
  readonly id: string;
  /** What others are told of them, as JSON. */
  readonly info: string;
}

/**
 * That a record came, or is gone.
 *
 * @category Topics
 */
export interface PresenceChange {
  /** The offset of the change within the presence of the topic. */
  readonly offset: number;
  /** The offset of the change before it. */
  readonly previous: number;
  /** The life of the presence. */
  readonly epoch: string;
  /** Which record. */
  readonly record: PresenceRecord;
  /** Whether it is gone. */
  readonly gone: boolean;
}

/**
 * The presence of a topic at one moment.
 *
 * @category Topics
 */
export interface PresenceList {
  /** The records. */
  readonly records: readonly PresenceRecord[];
  /** The position of the last change. */
  readonly position: Position;
}

/**
 * Who is in a topic, across processes. Its positions are its own, not those of the messages.
 *
 * @category Topics
 */
export interface PresenceStore {
  /** Adds a record, or replaces its `info`, and tells those who follow. */
  join(topic: string, record: PresenceRecord): Promise<void>;
  /** Takes a record away, if it is there, and tells those who follow. */
  leave(topic: string, record: Pick<PresenceRecord, "node" | "id">): Promise<void>;
  /** All records of a topic. */
  list(topic: string): Promise<PresenceList>;
  /**
   * From the time that its promise settles every change of the topic is handed to
   * {@linkcode BrokerEvents.presence}, as {@linkcode TopicLog.follow} does with records.
   */
  changes(topic: string): Promise<void>;
  /** Ends it. */
  endChanges(topic: string): void;
  /**
   * Tells that this process lives. Is called every two seconds.
   *
   * @param ms Milliseconds after which a process that has not called again is dead.
   * @returns The processes that have records and are dead.
   */
  beat(ms: number): Promise<readonly string[]>;
  /** Takes all records of a process away, as `leave` would. */
  bury(node: string): Promise<void>;
}

/**
 * How a broker is.
 *
 * @category Topics
 */
export interface BrokerStatus {
  /**
   * `"idle"` before the application has started, `"connecting"` until the engine answers, `"connected"`,
   * `"lost"` while it is being reconnected to, `"closed"` after the end.
   */
  readonly state: "idle" | "connecting" | "connected" | "lost" | "closed";
  /** When this began: milliseconds since 1970. */
  readonly since: number;
  /** Publications that wait for the engine. */
  readonly queued: number;
  /** Messages that came and were no envelopes, since the start: other programs' perhaps. */
  readonly ignored: number;
  /** Why the engine was lost last; `null` if it never was. No secret is in it. */
  readonly lastError: string | null;
}

/**
 * What a broker is given by its application.
 *
 * @category Topics
 */
export interface BrokerContext {
  /** The name of this process: another one at each start. */
  readonly node: string;
  /** What the topic keeps. Every process of the application has the same declarations. */
  limitsOf(topic: string): TopicLimits;
  /** Where it hands over what comes. */
  readonly events: BrokerEvents;
}

/**
 * Where a broker hands over what comes. None of these throws.
 *
 * @category Topics
 */
export interface BrokerEvents {
  /** A message of a plain topic, published by another process. */
  plain(topic: string, payload: Payload): void;
  /** A record of a topic that is followed. */
  record(topic: string, epoch: string, record: LogRecord): void;
  /** A change of a presence that is followed. */
  presence(topic: string, change: PresenceChange): void;
  /** Something may have been missed: of everything that is followed. */
  interrupted(): void;
}

/**
 * A connection of a process that may be put to sleep.
 *
 * @category Topics
 */
export interface SleepingConnection {
  /** Sends the client another token, in place of the one that expires an hour after it was made. */
  renewToken(): void;
}

/**
 * Carries topics between the processes of an application: the setting `broker`.
 *
 * @category Topics
 */
export interface Broker {
  /** What it is called in errors and logs, such as `"Redis"`. */
  readonly name: string;
  /** How it is. */
  readonly status: BrokerStatus;
  /** The history of topics. */
  readonly log: TopicLog;
  /** Who is in a topic. */
  readonly presence: PresenceStore;
  /**
   * Where the process may be put to sleep between two messages, from which timers would keep it: its
   * connections, whose tokens somebody else renews. No signs of life are given then. Others have no such
   * member.
   */
  readonly sleepers?: {
    add(connection: SleepingConnection): unknown;
    delete(connection: SleepingConnection): unknown;
  };
  /**
   * Connects. Is called once, before the first request; a broker that cannot reach its engine goes on
   * trying, and settles when it has, or after `connectTimeout`.
   */
  open(context: BrokerContext): void | Promise<void>;
  /**
   * Hands a message of a plain topic to the other processes: at most once, and not at all while the
   * engine is lost. It never throws. What comes back of it is not handed over.
   */
  publish(topic: string, payload: Payload): void;
  /** Closes the connections. What waits is given up with an error. */
  close(): Promise<void>;
}
