import { checkOptions, LIMIT, type OptionType } from "../../checks/option_check.ts";
import type {
  Broker,
  BrokerContext,
  BrokerStatus,
  PresenceStore,
  TopicLog,
} from "../broker/broker.ts";
import { BrokerError } from "../broker/broker_error.ts";
import { MemoryLog } from "./memory_log.ts";
import { MemoryPresence } from "./memory_presence.ts";
import type { Payload } from "../broker/payload.ts";

/**
 * What a {@linkcode MemoryBroker} can be told.
 *
 * @category Topics
 */
export interface MemoryBrokerOptions {
  /**
   * Bytes that the history of all topics may take together, about. Beyond it those that were silent longest
   * are forgotten before their `ttl`, but those that are followed: clients may name topics without end.
   * Default 512 MiB.
   */
  readonly maxBytes?: number;
}

const OPTIONS: Readonly<Record<keyof MemoryBrokerOptions, OptionType>> = { maxBytes: LIMIT };
const MOST_BYTES = 512 * 1024 * 1024;

/**
 * Keeps topics in the memory of this process: what an application has without a setting `broker`. A
 * restart forgets them; whoever comes back then is told that messages may be missing.
 *
 * @example
 * ```ts
 * import { Application, MemoryBroker } from "@gustnado/gustnado";
 *
 * const topics = { "chat/*": { history: 500 } };
 * const app = new Application([], { topics, broker: new MemoryBroker() });
 * ```
 *
 * @category Topics
 */
export class MemoryBroker implements Broker {
  /** What it is called. */
  readonly name = "memory";
  readonly #log: MemoryLog;
  readonly #presence = new MemoryPresence(() => this.#opened());
  #context: BrokerContext | undefined;
  #state: BrokerStatus["state"] = "idle";
  #since = Date.now();

  /**
   * Makes one, which is not open.
   *
   * @throws {TypeError} If an option is unknown or ill-typed.
   */
  constructor(options: MemoryBrokerOptions = {}) {
    checkOptions(options, OPTIONS);
    this.#log = new MemoryLog(() => this.#opened(), options.maxBytes ?? MOST_BYTES);
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
    return { state: this.#state, since: this.#since, queued: 0, ignored: 0, lastError: null };
  }

  /** Begins. */
  open(context: BrokerContext): void {
    if (this.#state !== "idle") return;
    this.#context = context;
    this.#enter("connected");
  }

  /** Does nothing: there is no other process. */
  publish(_topic: string, _payload: Payload): void {}

  /** Forgets everything. */
  // deno-lint-ignore require-await -- of the interface
  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#context = undefined;
    this.#enter("closed");
    this.#log.clear();
    this.#presence.clear();
  }

  #enter(state: BrokerStatus["state"]): void {
    this.#state = state;
    this.#since = Date.now();
  }

  #opened(): BrokerContext {
    if (this.#context !== undefined) return this.#context;
    const reason = this.#state === "closed" ? "is closed" : "was not opened";
    throw new BrokerError(`Cannot reach the topics: the broker "${this.name}" ${reason}`);
  }
}
