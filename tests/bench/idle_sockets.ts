/** Load that does nothing. */
import { Generator } from "./generator.ts";

/** Milliseconds: V8 looks for garbage by itself when it had 8 seconds of rest, and takes it away bit by bit. */
const REST = 15_000;

/** Sockets that another process holds open. */
export class IdleSockets implements AsyncDisposable {
  readonly #count: number;
  readonly #generator: Generator;

  private constructor(port: number, count: number) {
    this.#count = count;
    this.#generator = new Generator("websocket.ts", ["idle", port, "/", count]);
  }

  /**
   * Opens them, and waits until the server has come to rest.
   *
   * @param port Where the server listens.
   * @param count How many.
   */
  static async open(port: number, count: number): Promise<IdleSockets> {
    const sockets = new IdleSockets(port, count);
    const { open } = await sockets.#generator.line<{ open: number }>();
    if (open !== count) {
      await sockets.#generator[Symbol.asyncDispose]();
      throw new Error(`Opened ${open} of ${count} sockets`);
    }
    // The runtime gives back what opening them took, once it has nothing to do.
    await new Promise((resolve) => setTimeout(resolve, REST));
    return sockets;
  }

  /** Closes them. A measurement that has lost one counts for nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using generator = this.#generator;
    await generator.go();
    const { lost } = await generator.line<{ lost: number }>();
    if (lost > 0) throw new Error(`Lost ${lost} of ${this.#count} sockets`);
  }
}
