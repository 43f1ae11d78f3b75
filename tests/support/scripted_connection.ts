import { settle } from "./fake_clock.ts";

/** What is under way at a {@link ScriptedConnection}. */
interface Step<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/** One write that the connection was given, and how it goes on. */
export interface PendingWrite extends Step<number> {
  /** The bytes, as text. */
  readonly text: string;
}

/** A connection whose peer is the test: what arrives, and what it takes, happens when the test says so. */
export class ScriptedConnection implements Disposable {
  /** How many reads were asked for. */
  reads = 0;
  /** The writes that have not been answered, oldest first. */
  readonly writes: PendingWrite[] = [];
  /** Whether the connection was closed on this side. */
  closed = false;
  #arrived: Uint8Array = new Uint8Array(0);
  #ended = false;
  #read: Step<number | null> & { readonly buffer: Uint8Array } | undefined;

  /** Reads what the test has let arrive, or waits for it. */
  read(buffer: Uint8Array): Promise<number | null> {
    if (this.closed) return Promise.reject(closedError());
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    this.reads++;
    this.#read = { buffer, resolve, reject };
    this.#serve();
    return promise;
  }

  /** Waits until the test takes what is written. */
  write(data: Uint8Array): Promise<number> {
    if (this.closed) return Promise.reject(closedError());
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.writes.push({ text: new TextDecoder().decode(data), resolve, reject });
    return promise;
  }

  /** Nothing: the test looks at what was written. */
  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  /** Fails what is under way. */
  [Symbol.dispose](): void {
    if (this.closed) return;
    this.closed = true;
    const error = closedError();
    this.#read?.reject(error);
    for (const write of this.writes.splice(0)) write.reject(error);
  }

  /** Lets bytes arrive, and whatever that sets off run. */
  async arrive(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    const joined = new Uint8Array(this.#arrived.length + bytes.length);
    joined.set(this.#arrived);
    joined.set(bytes, this.#arrived.length);
    this.#arrived = joined;
    this.#serve();
    await settle();
  }

  /** Ends the connection on the peer's side. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#serve();
    await settle();
  }

  /** Takes at most so many bytes of the oldest write, and says which. */
  async take(most: number = Infinity): Promise<string> {
    const write = this.writes.shift();
    if (write === undefined) throw new Error("Nothing was written");
    const taken = write.text.slice(0, most);
    write.resolve(taken.length);
    await settle();
    return taken;
  }

  #serve(): void {
    const read = this.#read;
    if (read === undefined || (this.#arrived.length === 0 && !this.#ended)) return;
    this.#read = undefined;
    const part = this.#arrived.subarray(0, read.buffer.length);
    this.#arrived = this.#arrived.subarray(part.length);
    read.buffer.set(part);
    read.resolve(part.length === 0 ? null : part.length);
  }
}

function closedError(): Error {
  return new Error("The connection was closed");
}
