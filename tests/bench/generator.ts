/** The programs of `generators/`, as processes of their own. */

/** One of them, which writes lines of JSON. */
export class Generator implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #text = "";

  /**
   * Starts it.
   *
   * @param file Its name in `generators/`.
   * @param args Its arguments.
   */
  constructor(file: string, args: readonly (string | number)[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-check",
        "--allow-net=127.0.0.1",
        new URL(`./generators/${file}`, import.meta.url).pathname,
        ...args.map(String),
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /**
   * What its next line says.
   *
   * @throws {Error} If it ends without one; it has said why on the standard error.
   */
  async line<T>(): Promise<T> {
    while (!this.#text.includes("\n")) {
      const { value, done } = await this.#lines.read();
      if (done) throw new Error("Cannot go on with the load: its generator has ended");
      this.#text += value;
    }
    const [line = "", ...rest] = this.#text.split("\n");
    this.#text = rest.join("\n");
    return JSON.parse(line) as T;
  }

  /** Ends its input: it goes on to what it does next. */
  async go(): Promise<void> {
    await this.#child.stdin.close();
  }

  /** Ends it, if it has not ended by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
    await this.#lines.cancel();
    // It is closed where the generator was told to go on.
    await this.#child.stdin.close().catch(() => {});
  }
}
