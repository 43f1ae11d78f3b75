/**
 * A program of tests/fixtures that runs as a process of its own, for what could end a process.
 *
 * @module
 */
import { poll } from "./poll.ts";

const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** How {@linkcode ChildProcess.start} starts a program. */
export interface ChildProcessOptions {
  /** The program's own arguments. */
  readonly args?: readonly string[];
  /** What a shell does first in the same process, such as `ulimit -n 64`. */
  readonly shell?: string;
  /** More flags of `deno run`. */
  readonly flags?: readonly string[];
  /** More variables of its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A Deno program that prints the port it listens on as its first number. */
export class ChildProcess implements AsyncDisposable {
  /** The process. */
  readonly process: Deno.ChildProcess;
  /** The port that it listens on. */
  readonly port: number;
  /** The lines before that of the port. */
  readonly before: readonly string[] = [];
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #errorsRead: Promise<void>;
  #errors = "";
  #text: string;
  #ended = false;

  private constructor(process: Deno.ChildProcess, lines: ReadableStreamDefaultReader<string>) {
    this.process = process;
    this.#lines = lines;
    this.#text = "";
    this.port = 0;
    this.#errorsRead = this.#readErrors();
    process.status.then(() => this.#ended = true);
  }

  async #readErrors(): Promise<void> {
    const { stderr } = this.process;
    for await (const text of stderr.pipeThrough(new TextDecoderStream())) this.#errors += text;
  }

  /**
   * Starts a program, and waits for its port.
   *
   * @param fixture The name of the file in tests/fixtures.
   * @param options How.
   */
  static async start(fixture: string, options: ChildProcessOptions = {}): Promise<ChildProcess> {
    const { args = [], shell, env = {}, flags: more = [] } = options;
    const program = new URL(`../fixtures/${fixture}`, import.meta.url).pathname;
    const flags = [
      "--quiet",
      "--no-check",
      "--allow-net",
      "--allow-env",
      "--config",
      CONFIG,
      ...more,
    ];
    const command = [Deno.execPath(), "run", ...flags, program, ...args];
    const [name = "", ...rest] = shell === undefined
      ? command
      : ["sh", "-c", `${shell} && exec "$@"`, "sh", ...command];
    return await ChildProcess.run([name, ...rest], env);
  }

  /**
   * Runs a command, and waits for its port.
   *
   * @param command The program and its arguments.
   * @param env More variables of its environment.
   */
  static async run(
    [name = "", ...args]: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<ChildProcess> {
    const pipes = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
    const command = new Deno.Command(name, { args, env: { NO_COLOR: "1", ...env }, ...pipes });
    const process = command.spawn();
    const lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const child = new ChildProcess(process, lines);
    const before: string[] = [];
    let line = await child.line();
    while (line !== "" && !/^\d+$/.test(line)) {
      before.push(line);
      line = await child.line();
    }
    Object.assign(child, { port: Number(line), before });
    return child;
  }

  /** Whether the process is still there. */
  get alive(): boolean {
    return !this.#ended;
  }

  /** What it has printed on stderr; all of it when the process has ended. */
  async errors(): Promise<string> {
    if (this.#ended) await this.#errorsRead;
    return this.#errors;
  }

  /** Waits until a pattern appears on stderr. */
  async error(pattern: RegExp): Promise<boolean> {
    return await poll(async () => pattern.test(await this.errors()) || this.#ended) &&
      pattern.test(await this.errors());
  }

  /** All the lines of its output that are left, to its end. */
  async rest(): Promise<string[]> {
    const lines: string[] = [];
    for (let line = await this.line(); line !== ""; line = await this.line()) lines.push(line);
    return lines;
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
    try {
      if (this.alive) this.process.kill("SIGKILL");
    } catch {
      // It ended by itself in the meantime.
    }
    await this.process.status;
    while (!(await this.#lines.read()).done);
    await this.#errorsRead;
  }
}
