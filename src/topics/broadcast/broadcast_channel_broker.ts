import {
  checkOptions,
  LIMIT,
  MILLISECONDS,
  type OptionType,
  STRING,
} from "../../checks/option_check.ts";
import { within } from "../../concurrent/coroutine/promise_like.ts";
import type {
  Broker,
  BrokerContext,
  BrokerStatus,
  PresenceStore,
  TopicLog,
} from "../broker/broker.ts";
import { BrokerError } from "../broker/broker_error.ts";
import { BroadcastLog } from "./broadcast_log.ts";
import { BroadcastPresence } from "./broadcast_presence.ts";
import type { Isolate, IsolateEvents } from "./isolate.ts";
import { findLocks } from "./leader_lock.ts";
import type { Payload } from "../broker/payload.ts";

/**
 * What {@linkcode broadcastBroker} can be told.
 *
 * @category Topics
 */
export interface BroadcastBrokerOptions {
  /**
   * The channel's name. Applications of one process that are to be apart have different ones. Default
   * `"gustnado"`.
   */
  readonly name?: string;
  /**
   * Milliseconds that the start waits for the other isolates; it goes on without them. Default 5,000.
   */
  readonly connectTimeout?: number;
  /** Milliseconds that a publication waits for the isolate that leads. Default 10,000. */
  readonly publishTimeout?: number;
  /** Publications that may wait for it. Default 10,000. */
  readonly maxQueued?: number;
  /** Bytes of these together. Default 16 MiB. */
  readonly maxQueuedBytes?: number;
}

const OPTIONS: Readonly<Record<keyof BroadcastBrokerOptions, OptionType>> = {
  name: STRING,
  connectTimeout: MILLISECONDS,
  publishTimeout: MILLISECONDS,
  maxQueued: LIMIT,
  maxQueuedBytes: LIMIT,
};
const DEFAULTS: Required<BroadcastBrokerOptions> = {
  name: "gustnado",
  connectTimeout: 5_000,
  publishTimeout: 10_000,
  maxQueued: 10_000,
  maxQueuedBytes: 16 * 1024 * 1024,
};

/**
 * Carries topics between the isolates of one process: those of `deno serve --parallel`, and workers.
 *
 * Every isolate keeps all topics, so memory grows with the number of isolates. One leads, and gives the
 * positions; when it ends, another goes on with what it has. All is gone when the process ends.
 *
 * @example
 * ```ts
 * import { Application, BroadcastChannelBroker } from "@gustnado/gustnado";
 *
 * const topics = { "chat/*": { history: 500 } };
 * const app = new Application([], { topics, broker: new BroadcastChannelBroker() });
 * export default app; // deno serve --parallel
 * ```
 *
 * @category Topics
 */
export class BroadcastChannelBroker implements Broker {
  /** What it is called. */
  readonly name = "BroadcastChannel";
  readonly #log = new BroadcastLog(() => this.#opened(), () => this.#node);
  readonly #presence = new BroadcastPresence(() => this.#opened(), () => this.#node);
  readonly #options: Required<BroadcastBrokerOptions>;
  readonly #reached: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  #isolate: Isolate | undefined;
  #node = "";
  #state: BrokerStatus["state"] = "idle";
  #since = Date.now();
  #lastError: string | null = null;
  #ignored = 0;

  /**
   * Makes one, which is not open.
   *
   * @throws {TypeError} If an option is unknown or ill-typed.
   */
  constructor(options: BroadcastBrokerOptions = {}) {
    checkOptions(options, OPTIONS);
    this.#options = { ...DEFAULTS, ...options };
  }

  /** The history of topics. */
  get log(): TopicLog {
    return this.#log;
  }

  /** Who is in a topic. */
  get presence(): PresenceStore {
    return this.#presence;
  }

  /** How it is. */
  get status(): BrokerStatus {
    return {
      state: this.#state,
      since: this.#since,
      queued: this.#isolate?.queued ?? 0,
      ignored: this.#isolate?.ignored ?? this.#ignored,
      lastError: this.#lastError,
    };
  }

  /**
   * Joins the other isolates.
   *
   * @throws {BrokerError} The promise rejects if the runtime has no Web Locks.
   */
  async open(context: BrokerContext): Promise<void> {
    if (this.#state !== "idle") return;
    const { connectTimeout, ...options } = this.#options;
    const locks = findLocks();
    if (locks === null) throw withoutLocks();
    // Applications with another broker do not load it.
    const { Isolate } = await import("./isolate.ts");
    if (this.status.state !== "idle") return;
    this.#enter("connecting");
    const { node, limitsOf } = context;
    this.#node = node;
    const settings = { ...options, node, locks, limitsOf: limitsOf.bind(context) };
    this.#isolate = new Isolate(settings, this.#events(context));
    await within(this.#reached.promise, connectTimeout);
  }

  /** Hands a message to the other isolates. */
  publish(topic: string, payload: Payload): void {
    this.#isolate?.publish(topic, payload);
  }

  /** Leaves the other isolates. */
  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#ignored = this.status.ignored;
    this.#enter("closed");
    this.#reached.resolve();
    this.#isolate?.close();
    this.#isolate = undefined;
    this.#log.clear();
    this.#presence.clear();
    // The runtime lets go of the channel in its next turn; one that is opened before does not work.
    await nextTurn();
  }

  #events({ events }: BrokerContext): IsolateEvents {
    return {
      outcome: (topic, outcome) => {
        if ("change" in outcome) {
          if (this.#presence.isFollowed(topic)) events.presence(topic, outcome.change);
        } else if (this.#log.isFollowed(topic)) {
          events.record(topic, outcome.epoch, outcome.record);
        }
      },
      plain: (topic, payload) => events.plain(topic, payload),
      interrupted: () => events.interrupted(),
      reachable: (isReachable) => this.#reachable(isReachable),
      tick: () => this.#log.keep(),
    };
  }

  #reachable(isReachable: boolean): void {
    if (this.#state === "closed") return;
    if (isReachable) {
      this.#reached.resolve();
      if (this.#state !== "connected") this.#enter("connected");
    } else {
      this.#lastError = "The isolate that led is gone";
      if (this.#state === "connected") this.#enter("lost");
    }
  }

  #enter(state: BrokerStatus["state"]): void {
    this.#state = state;
    this.#since = Date.now();
  }

  #opened(): Isolate {
    if (this.#isolate !== undefined) return this.#isolate;
    const reason = this.#state === "closed" ? "is closed" : "was not opened";
    throw new BrokerError(`Cannot reach the topics: the broker "${this.name}" ${reason}`);
  }
}

/**
 * The broker for the isolates of one process, as a setting: see {@linkcode BroadcastChannelBroker}.
 *
 * @throws {TypeError} If an option is unknown or ill-typed.
 *
 * @example
 * ```ts
 * import { Application, broadcastBroker } from "@gustnado/gustnado";
 *
 * const app = new Application([], { topics: { news: {} }, broker: broadcastBroker() });
 * ```
 *
 * @category Topics
 */
export function broadcastBroker(options: BroadcastBrokerOptions = {}): BroadcastChannelBroker {
  return new BroadcastChannelBroker(options);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function withoutLocks(): BrokerError {
  return new BrokerError(
    'Cannot open the broker "BroadcastChannel": the runtime has no Web Locks (navigator.locks); Deno 2.9 has them',
  );
}
