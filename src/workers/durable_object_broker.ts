/** The broker of a worker whose topics are hosted by a Durable Object. */
import { checkOptions, type OptionTypes, STRING } from "../checks/option_check.ts";
import type {
  Appended,
  Broker,
  BrokerStatus,
  LogRead,
  PresenceList,
  PresenceStore,
  Producer,
  TopicLog,
} from "../topics/broker/broker.ts";
import type { TopicSettings } from "../topics/settings.ts";
import { TopicHub } from "../topics/topic_hub.ts";
import { BrokerError } from "../topics/broker/broker_error.ts";
import { logWarning } from "../log.ts";
import type { Payload } from "../topics/broker/payload.ts";
import type { Position } from "../topics/broker/position.ts";
import { type DurableObjectNamespace, isNamespace } from "./durable_object.ts";
import type { Operation, OperationResults } from "./object_operation.ts";

/**
 * Which object hosts the topics.
 *
 * @category Workers
 */
export interface TopicObjectOptions {
  /** The name of the binding. Default `"TOPICS"`. */
  readonly binding?: string;
  /** The name of the object. Default `"topics"`. */
  readonly object?: string;
}

/** Of what type each is. */
export const TOPIC_OBJECT_OPTIONS: OptionTypes = { binding: STRING, object: STRING };

/** The object, out of the environment of a worker. */
export function topicObjectOf(
  environment: object,
  { binding = "TOPICS", object = "topics" }: TopicObjectOptions,
): ReturnType<DurableObjectNamespace["get"]> {
  const namespace: unknown = Reflect.get(environment, binding);
  if (isNamespace(namespace)) return namespace.get(namespace.idFromName(object));
  throw new BrokerError(
    `Cannot reach the topics: the environment has no Durable Objects "${binding}"; bind the class ` +
      "that extends TopicObject in the configuration of the worker",
  );
}

/**
 * Makes a {@linkcode DurableObjectBroker}: the setting `broker` of the application that the worker exports.
 *
 * @throws {TypeError} If an option is unknown or ill-typed.
 *
 * @example
 * ```ts
 * import { durableObjectBroker } from "@gustnado/gustnado/workers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(durableObjectBroker({ object: "europe" }).name, "Durable Object");
 * ```
 *
 * @category Workers
 */
export function durableObjectBroker(options: TopicObjectOptions = {}): DurableObjectBroker {
  return new DurableObjectBroker(options);
}

/**
 * Hands what a worker publishes to the object that hosts the topics, and reads there. Clients do not follow
 * topics through it: `topicSockets` hands their sockets to the object.
 *
 * @example
 * ```ts
 * import { Application } from "@gustnado/gustnado";
 * import { DurableObjectBroker } from "@gustnado/gustnado/workers";
 *
 * const topics = { "chat/*": { history: 500 } };
 * const app = new Application([], { topics, broker: new DurableObjectBroker() });
 * ```
 *
 * @category Workers
 */
export class DurableObjectBroker implements Broker {
  /** What it is called. */
  readonly name = "Durable Object";
  /** The history of topics. */
  readonly log: TopicLog;
  /** Who is in a topic. */
  readonly presence: PresenceStore;
  readonly #options: TopicObjectOptions;
  #worker: WorkerModule | undefined;
  #state: BrokerStatus["state"] = "idle";
  #since = Date.now();
  #lastError: string | null = null;

  /**
   * Makes one, which is not open.
   *
   * @throws {TypeError} If an option is unknown or ill-typed.
   */
  constructor(options: TopicObjectOptions = {}) {
    checkOptions(options, TOPIC_OBJECT_OPTIONS);
    this.#options = options;
    this.log = new RemoteLog((operation) => this.#ask(operation));
    this.presence = new RemotePresence((operation) => this.#ask(operation));
  }

  /** How it is: there is no connection that could be lost, so what was asked for last tells. */
  get status(): BrokerStatus {
    const [state, since, lastError] = [this.#state, this.#since, this.#lastError];
    return { state, since, queued: 0, ignored: 0, lastError };
  }

  /**
   * Finds the environment of the worker. There is nothing to connect to: each request of a worker has its
   * own way to the object.
   */
  async open(): Promise<void> {
    this.#worker = await workerModule();
    this.#enter("connected");
  }

  /** Hands a message of a plain topic to the object. It never throws; that one is lost is logged. */
  publish(topic: string, payload: Payload): void {
    const sent = this.#ask({ type: "plain", topic, payload }).then(() => {}, logLoss);
    // Nobody waits for it, and the response may leave before.
    this.#worker?.waitUntil?.(sent);
  }

  // For `web/setting_modules_on_workers.ts`, and private: nobody else asks.
  private topicHub(settings: TopicSettings): TopicHub {
    return new TopicHub(settings);
  }

  /** There is nothing to close. */
  close(): Promise<void> {
    this.#enter("closed");
    return Promise.resolve();
  }

  #enter(state: BrokerStatus["state"]): void {
    if (state === this.#state || this.#state === "closed") return;
    this.#state = state;
    this.#since = Date.now();
  }

  async #ask<Type extends Operation["type"]>(
    operation: Extract<Operation, { readonly type: Type }>,
  ): Promise<OperationResults[Type]> {
    try {
      const result = await this.#send(operation);
      this.#enter("connected");
      return result;
    } catch (error) {
      this.#enter("lost");
      this.#lastError = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  async #send<Type extends Operation["type"]>(
    operation: Extract<Operation, { readonly type: Type }>,
  ): Promise<OperationResults[Type]> {
    const { env } = this.#worker ??= await workerModule();
    const object = topicObjectOf(env, this.#options);
    const response = await send(
      object,
      new Request("http://topics/", {
        method: "POST",
        body: JSON.stringify(operation),
      }),
    );
    const result = await response.json();
    if (response.ok) return result;
    throw new BrokerError(`Cannot reach the topics: ${result}`);
  }
}

/** Nobody waits for a publication to a plain topic. */
function logLoss(error: unknown): void {
  logWarning(`Lost a publication: ${error instanceof Error ? error.message : String(error)}`);
}

async function send(
  object: ReturnType<DurableObjectNamespace["get"]>,
  request: Request,
): Promise<Response> {
  try {
    return await object.fetch(request);
  } catch (cause) {
    throw new BrokerError("Cannot reach the topics: the Durable Object does not answer", { cause });
  }
}

/** Not written as a literal, the name is left to the runtime by bundlers. */
const WORKERS = "cloudflare:workers";

/** What the runtime has for code that no request is handed to. */
interface WorkerModule {
  readonly env: object;
  waitUntil?(promise: Promise<unknown>): void;
}

async function workerModule(): Promise<WorkerModule> {
  try {
    return await import(WORKERS);
  } catch (cause) {
    throw new BrokerError("Cannot reach the topics: Durable Objects are there on Workers only", {
      cause,
    });
  }
}

type Ask = <Type extends Operation["type"]>(
  operation: Extract<Operation, { readonly type: Type }>,
) => Promise<OperationResults[Type]>;

class RemoteLog implements TopicLog {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  append(topic: string, payload: Payload, producer?: Producer): Promise<Appended> {
    return this.#ask({ type: "append", topic, payload, ...(producer && { producer }) });
  }

  read(topic: string, after: Position | null): Promise<LogRead> {
    return this.#ask({ type: "read", topic, after });
  }

  top(topic: string): Promise<Position> {
    return this.#ask({ type: "top", topic });
  }

  follow(_topic: string): Promise<void> {
    return Promise.reject(notHere());
  }

  unfollow(_topic: string): void {}
}

class RemotePresence implements PresenceStore {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  list(topic: string): Promise<PresenceList> {
    return this.#ask({ type: "list", topic });
  }

  join(): Promise<void> {
    return Promise.reject(notHere());
  }

  leave(): Promise<void> {
    return Promise.resolve();
  }

  changes(): Promise<void> {
    return Promise.reject(notHere());
  }

  endChanges(): void {}

  beat(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  bury(): Promise<void> {
    return Promise.resolve();
  }
}

function notHere(): BrokerError {
  return new BrokerError(
    "Cannot follow topics in a worker: their object does; add topicSockets() to the middleware",
  );
}
