import { Deque } from "../collections/deque.ts";
import { isPromiseLike } from "./promise_like.ts";
import { BadYieldError, describe } from "./runner.ts";

/**
 * The inputs of a {@linkcode WaitIterator}, named by their positions or by their keys.
 *
 * @category Event loop
 */
export type WaitIteratorInputs<Value> =
  | readonly PromiseLike<Value>[]
  | Readonly<Record<string, PromiseLike<Value>>>;

interface Input<Value> {
  readonly index: number | string;
  readonly promise: PromiseLike<Value>;
}

/**
 * Gives the results of several promises in the order they come (`tornado.gen.WaitIterator`).
 *
 * While a result is looked at, `currentIndex` says which input it came from. `for await` stops at
 * the first error, but the iterator can go on after it.
 *
 * @example
 * ```ts
 * import { WaitIterator } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const slow = new Promise<string>((resolve) => setTimeout(() => resolve("slow"), 5));
 * const results = new WaitIterator(slow, Promise.resolve("fast"));
 * const seen: unknown[] = [];
 * for await (const value of results) seen.push([results.currentIndex, value]);
 * assertEquals(seen, [[1, "fast"], [0, "slow"]]);
 * ```
 *
 * @category Event loop
 */
export class WaitIterator<Value> implements AsyncIterable<Value> {
  /** Which input the last result came from: its position, or its key in the record. */
  currentIndex: number | string | null = null;
  /** The promise that the last result came from (`current_future`). */
  currentFuture: PromiseLike<Value> | null = null;
  readonly #finished: Deque<Input<Value>> = new Deque();
  readonly #waiting: Deque<(input: Input<Value>) => void> = new Deque();
  #remaining: number;

  /**
   * Waits for promises, each named by its position.
   *
   * @throws {BadYieldError} If one of them is not a promise.
   */
  constructor(...promises: readonly PromiseLike<Value>[]);
  /** Waits for the promises of an array or record, each named by its position or key. */
  constructor(promises: WaitIteratorInputs<Value>);
  constructor(...args: readonly (PromiseLike<Value> | WaitIteratorInputs<Value>)[]) {
    const inputs = inputsOf(args);
    this.#remaining = inputs.length;
    for (const input of inputs) {
      const finish = () => this.#finish(input);
      input.promise.then(finish, finish);
    }
  }

  /** Whether every result was taken. Then nothing is current any more. */
  done(): boolean {
    if (this.#remaining > 0) return false;
    this.currentIndex = null;
    this.currentFuture = null;
    return true;
  }

  /**
   * The next result.
   *
   * @throws What the input was rejected with.
   * @throws {RangeError} If every result was taken.
   */
  async next(): Promise<Value> {
    if (this.done()) throw new RangeError("Cannot take the next result: every one was taken");
    this.#remaining--;
    const input = this.#finished.shift() ?? await this.#nextInput();
    this.currentIndex = input.index;
    this.currentFuture = input.promise;
    return await input.promise;
  }

  /** The results that were not taken yet, in the order they come. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Value, void, undefined> {
    while (!this.done()) yield await this.next();
  }

  #nextInput(): Promise<Input<Value>> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #finish(input: Input<Value>): void {
    const resolve = this.#waiting.shift();
    if (resolve === undefined) this.#finished.push(input);
    else resolve(input);
  }
}

function inputsOf<Value>(
  args: readonly (PromiseLike<Value> | WaitIteratorInputs<Value>)[],
): Input<Value>[] {
  const [first] = args;
  if (args.length === 1 && isCollection(first) && !isInput(first)) {
    if (!isArray(first)) {
      return Object.entries(first).map(([index, promise]) => toInput(index, promise));
    }
    return first.map((promise, index) => toInput(index, promise));
  }
  return args.map((promise, index) => toInput(index, promise));
}

function toInput<Value>(
  index: number | string,
  promise: PromiseLike<Value> | WaitIteratorInputs<Value>,
): Input<Value> {
  if (isInput(promise)) return { index, promise };
  throw new BadYieldError(
    `Cannot wait for input ${JSON.stringify(index)}: ${describe(promise)} is not a promise`,
  );
}

function isInput<Value>(
  value: PromiseLike<Value> | WaitIteratorInputs<Value>,
): value is PromiseLike<Value> {
  return isPromiseLike(value);
}

/** JavaScript callers can pass what has no inputs at all, such as a number. */
function isCollection<Value>(
  value: PromiseLike<Value> | WaitIteratorInputs<Value> | undefined,
): value is PromiseLike<Value> | WaitIteratorInputs<Value> {
  return typeof value === "object" && value !== null;
}

function isArray<Value>(
  value: WaitIteratorInputs<Value>,
): value is readonly PromiseLike<Value>[] {
  return Array.isArray(value);
}
