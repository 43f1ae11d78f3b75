/**
 * A program of tests/fixtures that runs as a process of its own, for what could end a process.
 *
 * @module
 */
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** A Deno program that prints the port it listens on as its first line. */
export class ChildProcess implements AsyncDisposable {
  /** The process. */
  readonly process: Deno.ChildProcess;
  /** The port that it listens on. */
  readonly port: number;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #text: string;
  #ended = false;

  private constructor(process: Deno.ChildProcess, lines: ReadableStreamDefaultReader<string>) {
    this.process = process;
    this.#lines = lines;
    this.#text = "";
    this.port = 0;
    process.status.then(() => this.#ended = true);
  }

  /**
   * Starts a program, and waits for its port.
   *
   * @param fixture The name of the file in tests/fixtures.
   * @param options `args` are the program's own arguments.
   */
  static async start(
    fixture: string,
    { args = [] }: { readonly args?: readonly string[] } = {},
  ): Promise<ChildProcess> {
    const program = new URL(`../fixtures/${fixture}`, import.meta.url).pathname;
    const options = ["--quiet", "--no-check", "--allow-net", "--allow-env", "--config", CONFIG];
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", ...options, program, ...args],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const child = new ChildProcess(process, lines);
    Object.assign(child, { port: Number(await child.line()) });
    return child;
  }

  /** Whether the process is still there. */
  get alive(): boolean {
    return !this.#ended;
  }

  /** The next line of its output; an empty one at the end. */
  async line(): Promise<string> {
    while (!this.#text.includes("\n")) {
      const { value, done } = await this.#lines.read();
      if (done) break;
      this.#text += value;
    }
    const [line = "", ...rest] = this.#text.split("\n");
    this.#text = rest.join("\n");
    return line;
  }

  /** The most memory that it has held at a time, in MiB; Linux only. */
  peakMemory(): number {
    const status = Deno.readTextFileSync(`/proc/${this.process.pid}/status`);
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  }

  /** Ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.alive) this.process.kill("SIGKILL");
    await this.process.status;
    while (!(await this.#lines.read()).done);
  }
}
