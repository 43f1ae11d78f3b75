/** What is asked of Redis, and waits for an answer. */
import { LinkedList, type LinkedListNode } from "../../concurrent/collections/linked_list.ts";
import { type Deadline, DeadlineList } from "../../concurrent/waiting/deadline_list.ts";
import { BrokerError } from "../broker/broker_error.ts";
import type { RedisClients } from "./redis_client.ts";
import type { RedisSession, ScriptCall } from "./redis_session.ts";

/** A call on its way. */
export interface Command extends ScriptCall {
  /** What it does, for an error: `append to the topic "news"`. */
  readonly purpose: string;
  /** Characters that it holds. */
  readonly size: number;
}

/** What a queue is made of. */
export interface CommandQueueOptions {
  /** Milliseconds that a command waits for an answer. */
  readonly timeout: number;
  /** Commands that may wait, and characters that they may hold together. */
  readonly maxQueued: number;
  readonly maxQueuedBytes: number;
  /** Tell what is an answer. */
  readonly clients: Pick<RedisClients, "isAnswer">;
  /** What is wrong with the connection, to be added where a command waited in vain. */
  readonly trouble: () => string;
  /** Called when a connection is of no use. */
  readonly drop: (session: RedisSession, reason: unknown) => void;
}

/** Commands sent and unanswered; as many as are looked for in a log when they come twice. */
const WINDOW = 512;

/** Answers of a server that will take the same later, or of another server that does: nothing was done. */
const NOT_NOW =
  /^(?:NOSCRIPT|READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|NOAUTH|NOREPLICAS)\b/;

interface Waiting extends PromiseWithResolvers<unknown> {
  readonly command: Command;
  deadline?: Deadline<LinkedListNode<Waiting>>;
  /** The connection that it was sent on last. */
  session: RedisSession | null;
  refused: boolean;
}

/**
 * Sends commands in the order in which they come, without waiting for the answers. What was unanswered
 * when a connection was lost is sent again on the next one, before the others.
 */
export class CommandQueue {
  readonly #options: CommandQueueOptions;
  readonly #waiting: LinkedList<Waiting> = new LinkedList();
  readonly #deadlines: DeadlineList<LinkedListNode<Waiting>>;
  /** The first that is not sent. */
  #next: LinkedListNode<Waiting> | undefined;
  #session: RedisSession | null = null;
  #unanswered = 0;
  #bytes = 0;
  #closed = false;

  constructor(options: CommandQueueOptions) {
    this.#options = options;
    this.#deadlines = new DeadlineList((node) => this.#expire(node));
  }

  /** Commands that wait for an answer. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Goes on with a connection. */
  attach(session: RedisSession): void {
    this.#session = session;
    this.#unanswered = 0;
    this.#next = this.#waiting.first;
    this.#send();
  }

  /** Waits for another connection. */
  detach(): void {
    this.#session = null;
  }

  /**
   * Adds a command.
   *
   * @returns What Redis answers.
   * @throws {BrokerError} The promise rejects if it is refused, does not answer in time, or too much waits.
   */
  push(command: Command): Promise<unknown> {
    const fault = this.#fault(command);
    if (fault !== null) return Promise.reject(failure(command, fault));
    const waiting = { command, session: null, refused: false, ...Promise.withResolvers() };
    this.#add(waiting);
    this.#send();
    return waiting.promise;
  }

  /** Gives up what waits, and whatever comes. */
  close(): void {
    this.#closed = true;
    for (let node = this.#waiting.first; node !== undefined; node = this.#waiting.first) {
      this.#reject(node, "the broker was closed");
    }
  }

  #fault({ size }: Command): string | null {
    const { maxQueued, maxQueuedBytes } = this.#options;
    if (this.#closed) return "the broker was closed";
    if (this.#waiting.size >= maxQueued) {
      return `${maxQueued} others wait already ("maxQueued")${this.#options.trouble()}`;
    }
    if (this.#bytes + size <= maxQueuedBytes) return null;
    return `with it more than ${maxQueuedBytes} bytes would wait ("maxQueuedBytes")` +
      this.#options.trouble();
  }

  #add(waiting: Waiting): void {
    const node = this.#waiting.push(waiting);
    this.#next ??= node;
    this.#bytes += waiting.command.size;
    waiting.deadline = this.#deadlines.add(this.#options.timeout, node);
  }

  #send(): void {
    const session = this.#session;
    while (session !== null && this.#next !== undefined && this.#unanswered < WINDOW) {
      const node = this.#next;
      this.#next = node.next;
      this.#unanswered++;
      node.value.session = session;
      session.run(node.value.command, node.value.refused).then(
        (answer) => this.#answer(node, session, answer),
        (error) => this.#fail(node, session, error),
      );
    }
  }

  #answer(node: LinkedListNode<Waiting>, session: RedisSession, answer: unknown): void {
    if (this.#remove(node)) node.value.resolve(answer);
    this.#goOn(session);
  }

  #fail(node: LinkedListNode<Waiting>, session: RedisSession, error: unknown): void {
    if (!this.#options.clients.isAnswer(error)) return this.#options.drop(session, error);
    if (NOT_NOW.test(error.message)) return this.#refuse(session, error);
    this.#reject(node, `Redis answered ${JSON.stringify(error.message)}`);
    this.#goOn(session);
  }

  #goOn(session: RedisSession): void {
    if (session !== this.#session) return;
    this.#unanswered--;
    this.#send();
  }

  /** Of those sent with it, some may have been taken all the same, and not in the order of their numbers. */
  #refuse(session: RedisSession, error: Error): void {
    for (let node = this.#waiting.first; node?.value.session === session; node = node.next) {
      node.value.refused = true;
    }
    this.#options.drop(session, error);
  }

  #expire(node: LinkedListNode<Waiting>): void {
    const { timeout, trouble } = this.#options;
    this.#reject(node, `Redis did not answer within ${timeout} ms${trouble()}`);
  }

  #reject(node: LinkedListNode<Waiting>, reason: string): void {
    if (this.#remove(node)) node.value.reject(failure(node.value.command, reason));
  }

  #remove(node: LinkedListNode<Waiting>): boolean {
    const { next, value } = node;
    if (!this.#waiting.remove(node)) return false;
    if (node === this.#next) this.#next = next;
    if (value.deadline !== undefined) this.#deadlines.remove(value.deadline);
    this.#bytes -= value.command.size;
    return true;
  }
}

function failure({ purpose }: Command, reason: string): BrokerError {
  return new BrokerError(`Cannot ${purpose}: ${reason}`);
}
