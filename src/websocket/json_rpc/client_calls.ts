/** Calls of the server to a client that are not answered yet. */
import { LONGEST_DELAY } from "../../platform/timer.ts";
import { TimeoutError } from "../../concurrent/waiting/timeout_error.ts";
import { excerpt } from "../../http/excerpt.ts";
import type { RPCReply } from "./json_rpc_message.ts";

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** The calls of one connection. */
export class ClientCalls {
  readonly #pending = new Map<number, Pending>();
  #last = 0;

  /** How many are not answered. */
  get size(): number {
    return this.#pending.size;
  }

  /**
   * Begins a call.
   *
   * @param method Its name, for the error.
   * @param timeout Milliseconds that the answer may take.
   * @param send Sends it under its id.
   * @returns The result. It rejects with the client's error, or a `TimeoutError`.
   */
  begin(method: string, timeout: number, send: (id: number) => Promise<void>): Promise<unknown> {
    const id = ++this.#last;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const late = () => this.#take(id)?.reject(timedOut(method, timeout));
    const timer = setTimeout(late, Math.min(timeout, LONGEST_DELAY));
    this.#pending.set(id, { resolve, reject, timer });
    send(id).catch((error) => this.#take(id)?.reject(error));
    // Who does not wait for it does not want to hear of it either.
    promise.catch(() => {});
    return promise;
  }

  /** An answer has come. One that nobody waits for any more is dropped, and so is a second one. */
  settle({ id, result, error }: RPCReply): void {
    const pending = typeof id === "number" ? this.#take(id) : undefined;
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(error);
  }

  /** No more answers will come. */
  fail(error: Error): void {
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(error);
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    clearTimeout(pending?.timer);
    return pending;
  }
}

function timedOut(method: string, timeout: number): TimeoutError {
  return new TimeoutError(
    `Cannot call ${excerpt(method)} of the client: no answer within ${timeout} ms`,
  );
}
