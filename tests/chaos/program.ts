/** A program that is started, killed and started again. */

const START_LIMIT = 15_000;
const STOP_LIMIT = 20_000;

/** How to start it. */
export interface ProgramOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The port that it listens on. */
  readonly port: number;
}

/** A server on the loopback address. */
export class Program implements AsyncDisposable {
  readonly port: number;
  readonly #options: ProgramOptions;
  #child: Deno.ChildProcess | undefined;

  private constructor(options: ProgramOptions) {
    this.#options = options;
    this.port = options.port;
  }

  /** Starts it, and waits until it accepts connections. */
  static async start(options: ProgramOptions): Promise<Program> {
    const program = new Program(options);
    await program.start();
    return program;
  }

  /** Starts it again, at the same port. */
  async start(): Promise<void> {
    const { program, args, env = {}, port } = this.#options;
    const child = this.#child = new Deno.Command(program, {
      args: [...args],
      env,
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    const state = { ended: false };
    child.status.then(() => state.ended = true);
    const end = performance.now() + START_LIMIT;
    while (!await accepts(port)) {
      if (state.ended || performance.now() > end) {
        throw new Error(`Cannot start ${program} on port ${port}`);
      }
      await delay(20);
    }
  }

  /** Ends it as `kill -9` does. */
  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    await this.#child?.status;
  }

  /** Asks it to end, and waits: 20 seconds at most. Gives its exit code. */
  async stop(): Promise<number> {
    const child = this.#child;
    if (child === undefined) return 0;
    this.#signal("SIGTERM");
    const deadline = setTimeout(() => this.#signal("SIGKILL"), STOP_LIMIT);
    const { code } = await child.status;
    clearTimeout(deadline);
    return code;
  }

  /** Mebibytes of memory in use; 0 while it does not run. Linux only. */
  memory(): number {
    try {
      const status = Deno.readTextFileSync(`/proc/${this.#child?.pid}/status`);
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    } catch {
      return 0;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#child?.kill(signal);
    } catch {
      // It has ended.
    }
  }
}

/** Waits. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

async function accepts(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
