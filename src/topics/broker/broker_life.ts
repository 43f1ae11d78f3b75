/** A broker from its opening to its end. */
import { logApplicationError } from "../../log.ts";
import type { Broker, BrokerContext, Producer } from "./broker.ts";
import { BrokerError } from "./broker_error.ts";
import { MemoryBroker } from "../memory/memory_broker.ts";

/**
 * Opens a broker when it is first needed, or told to, and closes it at the end. It may be opened again
 * then, as an application may be started again; the memory of this process is another one each time.
 */
export class BrokerLife {
  /** What has other processes to carry plain messages to; `undefined` if there are none. */
  readonly carrier: Broker | undefined;
  readonly #given: Broker | undefined;
  readonly #context: Omit<BrokerContext, "node">;
  #broker: Broker;
  #node = "";
  #number = 0;
  #opening: Promise<void> | undefined;
  #state: "idle" | "open" | "closed" = "idle";
  /** It was asked to open: also one that failed may go on trying. */
  #isUsed = false;

  /**
   * @param broker The setting `broker`.
   * @param context What the broker is given, besides the name of the process.
   */
  constructor(broker: Broker | undefined, context: Omit<BrokerContext, "node">) {
    this.#given = broker;
    this.#context = context;
    this.#broker = broker ?? new MemoryBroker();
    this.carrier = broker instanceof MemoryBroker ? undefined : broker;
  }

  /** The broker. */
  get broker(): Broker {
    return this.#broker;
  }

  /** The name of this process, once the broker is open: another one at each start. */
  get node(): string {
    return this.#node;
  }

  /** Whether the broker can be asked at once. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Whether it has ended. */
  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** Who publishes the next message of this process. */
  nextProducer(): Producer {
    return { id: this.#node, number: ++this.#number };
  }

  /**
   * Opens the broker, unless that was done.
   *
   * @throws The promise rejects with what the broker throws; the next call tries again.
   */
  open(): Promise<void> {
    if (this.#state === "closed") this.#begin();
    return this.#opening ??= this.#open();
  }

  /**
   * Settles when the broker can be asked.
   *
   * @throws {BrokerError} The promise rejects if it was closed.
   */
  ready(): Promise<void> {
    if (this.#state !== "closed") return this.open();
    const { name } = this.#broker;
    const message = `Cannot reach the topics: the broker "${name}" is closed`;
    return Promise.reject(new BrokerError(message));
  }

  /** Closes the broker, if it was opened. Never rejects. */
  async close(): Promise<void> {
    if (!this.#isUsed) return;
    this.#isUsed = false;
    this.#state = "closed";
    this.#opening = undefined;
    try {
      await this.#broker.close();
    } catch (error) {
      logApplicationError(`Cannot close the broker "${this.#broker.name}"`, error);
    }
  }

  #begin(): void {
    this.#state = "idle";
    if (this.#given === undefined) this.#broker = new MemoryBroker();
  }

  #open(): Promise<void> {
    const opening = this.#openBroker();
    // First of all who wait, so that nobody overtakes them.
    opening.then(
      () => void (this.#opening === opening && (this.#state = "open")),
      () => void (this.#opening === opening && (this.#opening = undefined)),
    );
    return opening;
  }

  async #openBroker(): Promise<void> {
    this.#isUsed = true;
    this.#node = crypto.randomUUID();
    await this.#broker.open({ ...this.#context, node: this.#node });
  }
}
