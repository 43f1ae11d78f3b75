/**
 * Isolates that share topics.
 *
 * @module
 */
import { assert } from "@std/assert";
import { poll } from "./poll.ts";

/** A worker with a broker of its own on a channel. It has one topic, `news`. */
export class BroadcastWorker implements Disposable {
  readonly #worker: Worker;
  readonly #answers = new Map<number, (answer: unknown) => void>();
  #calls = 0;

  private constructor(name: string) {
    const url = new URL(`../fixtures/broadcast_worker.ts?name=${name}`, import.meta.url);
    this.#worker = new Worker(url, { type: "module" });
    this.#worker.onmessage = ({ data: [id, answer] }) => {
      this.#answers.get(id)?.(answer);
      this.#answers.delete(id);
    };
  }

  /** Starts one, and waits until its broker is open. */
  static async start(name: string): Promise<BroadcastWorker> {
    const worker = new BroadcastWorker(name);
    await new Promise((resolve) => worker.#answers.set(0, resolve));
    return worker;
  }

  /** Has the worker do something; the names are in `tests/fixtures/broadcast_worker.ts`. */
  call<T>(call: string, argument?: string | number): Promise<T> {
    const id = ++this.#calls;
    const answer = new Promise<unknown>((resolve) => this.#answers.set(id, resolve));
    this.#worker.postMessage([id, call, `${argument}`]);
    return answer as Promise<T>;
  }

  /** Keeps the loop of the worker from turning, until the function that it returns is called. */
  async block(): Promise<() => void> {
    const cells = new Int32Array(new SharedArrayBuffer(8));
    this.#worker.postMessage([0, "block", cells]);
    assert(await poll(() => Atomics.load(cells, 0) === 1), "the worker does not answer");
    return () => {
      Atomics.store(cells, 1, 1);
      Atomics.notify(cells, 1);
    };
  }

  /** Ends it at once, without a word to anybody. */
  kill(): void {
    this.#worker.terminate();
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    this.kill();
  }
}
