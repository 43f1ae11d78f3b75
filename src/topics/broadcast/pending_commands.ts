import { BrokerError } from "../broker/broker_error.ts";
import { type Command, sizeOfCommand } from "./command.ts";
import type { Answer } from "./leadership.ts";

/** How much may wait for the leader. */
export interface PendingLimits {
  /** Publications; and as many other commands. */
  readonly maxQueued: number;
  /** Bytes of publications. */
  readonly maxQueuedBytes: number;
  /** Milliseconds. */
  readonly publishTimeout: number;
}

/** A command that was not answered yet. */
export interface PendingCommand {
  readonly number: number;
  readonly command: Command;
}

interface Pending extends PendingCommand {
  readonly size: number;
  readonly since: number;
  readonly settled: PromiseWithResolvers<Answer>;
}

/** The commands of an isolate that were not answered yet, in their order. */
export class PendingCommands {
  readonly #limits: PendingLimits;
  readonly #pending = new Map<number, Pending>();
  #last = 0;
  #appends = 0;
  #bytes = 0;

  /** @param limits What may wait. */
  constructor(limits: PendingLimits) {
    this.#limits = limits;
  }

  /** How many publications wait. */
  get appends(): number {
    return this.#appends;
  }

  /** When the oldest began to wait, on the clock of `performance.now()`; `undefined` if none waits. */
  get oldest(): number | undefined {
    return this.#pending.values().next().value?.since;
  }

  /**
   * Adds a command.
   *
   * @returns What is to be sent, and its answer.
   * @throws {BrokerError} If too much waits.
   */
  add(command: Command): PendingCommand & { readonly answer: Promise<Answer> } {
    const size = sizeOfCommand(command);
    this.#check(command, size);
    const settled = Promise.withResolvers<Answer>();
    const pending = { number: ++this.#last, command, size, since: performance.now(), settled };
    this.#pending.set(pending.number, pending);
    this.#count(pending, 1);
    return { number: pending.number, command, answer: settled.promise };
  }

  /** Answers a command, if it still waits. */
  settle(number: number, answer: Answer): void {
    this.#take(number)?.settled.resolve(answer);
  }

  /** All commands, oldest first. */
  [Symbol.iterator](): Iterator<PendingCommand> {
    return this.#pending.values();
  }

  /** Gives up what waits for too long. */
  expire(now: number): void {
    const { publishTimeout } = this.#limits;
    const error = new BrokerError(
      `Cannot reach the topics: the isolate that leads has not answered for ${publishTimeout} ms`,
    );
    for (const { number, since } of this.#pending.values()) {
      if (since + publishTimeout > now) return;
      this.#take(number)?.settled.reject(error);
    }
  }

  /** Gives up everything. */
  giveUp(error: BrokerError): void {
    for (const number of this.#pending.keys()) this.#take(number)?.settled.reject(error);
  }

  #take(number: number): Pending | undefined {
    const pending = this.#pending.get(number);
    if (pending === undefined) return undefined;
    this.#pending.delete(number);
    this.#count(pending, -1);
    return pending;
  }

  #count({ command, size }: Pending, sign: 1 | -1): void {
    if (command.do !== "append") return;
    this.#appends += sign;
    this.#bytes += sign * size;
  }

  #check(command: Command, size: number): void {
    const { maxQueued, maxQueuedBytes } = this.#limits;
    const isAppend = command.do === "append";
    const waiting = isAppend ? this.#appends : this.#pending.size - this.#appends;
    if (waiting >= maxQueued) {
      throw new BrokerError(
        `Cannot reach the topics: ${waiting} calls wait for the isolate that leads already; the option "maxQueued" allows more`,
      );
    }
    if (isAppend && this.#appends > 0 && this.#bytes + size > maxQueuedBytes) {
      throw new BrokerError(
        `Cannot publish: ${this.#bytes} bytes wait for the isolate that leads already; the option "maxQueuedBytes" allows more`,
      );
    }
  }
}
