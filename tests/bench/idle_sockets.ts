/** Load that does nothing. */

/** Sockets that another process holds open. */
export class IdleSockets implements AsyncDisposable {
  readonly #count: number;
  readonly #generator: Deno.ChildProcess;
  readonly #output: ReadableStreamDefaultReader<Uint8Array>;

  private constructor(port: number, count: number) {
    this.#count = count;
    this.#generator = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-check",
        "--allow-net=127.0.0.1",
        new URL("./generators/websocket.ts", import.meta.url).pathname,
        ...["idle", port, "/", count].map(String),
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#output = this.#generator.stdout.getReader();
  }

  /**
   * Opens them, and waits until the server has come to rest.
   *
   * @param port Where the server listens.
   * @param count How many.
   */
  static async open(port: number, count: number): Promise<IdleSockets> {
    const sockets = new IdleSockets(port, count);
    const { open } = await sockets.#report<{ open: number }>();
    if (open !== count) {
      sockets.#generator.kill();
      throw new Error(`Opened ${open} of ${count} sockets`);
    }
    // The runtime gives back what opening them took, once it has nothing to do.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    return sockets;
  }

  /** Closes them. A measurement that has lost one counts for nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#generator.stdin.close();
    const { lost } = await this.#report<{ lost: number }>();
    await this.#generator.status;
    await this.#output.cancel();
    if (lost > 0) throw new Error(`Lost ${lost} of ${this.#count} sockets`);
  }

  async #report<T>(): Promise<T> {
    const { value } = await this.#output.read();
    return JSON.parse(new TextDecoder().decode(value)) as T;
  }
}
