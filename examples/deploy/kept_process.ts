/** Milliseconds until a program that has ended is started again. */
const PAUSE = 500;
/** Milliseconds that a program has to end by itself: more than the chat's `graceMs`. */
const PATIENCE = 12_000;

/** How a {@linkcode KeptProcess} is started. */
export interface KeptProcessOptions {
  /** What it is called in what is printed. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What a program that was killed leaves behind: it is removed before the start. */
  readonly leaves?: string;
}

/** A program that is started again when it ends, until it is stopped. */
export class KeptProcess {
  readonly #options: KeptProcessOptions;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  #child: Deno.ChildProcess | undefined;

  /** Starts it. */
  constructor(options: KeptProcessOptions) {
    this.#options = options;
    this.#done = this.#run();
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#signal("SIGTERM");
    const timer = setTimeout(() => this.#signal("SIGKILL"), PATIENCE);
    await this.#done;
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const end = await this.#runOnce().catch((error) => `${error}`);
      if (signal.aborted) return;
      console.log(`${this.#options.name} has ended (${end}), and starts again`);
      await pause(signal);
    }
  }

  /** Tells how it has ended. */
  async #runOnce(): Promise<string> {
    const { name, program, args, env = {}, leaves } = this.#options;
    if (leaves !== undefined) await Deno.remove(leaves).catch(() => {});
    // Ctrl-C is for the cluster, which ends all of them in order.
    const child = new Deno.Command(program, {
      args: [...args],
      env: { ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
    this.#child = child;
    console.log(`${name} is process ${child.pid}`);
    const [status] = await Promise.all([
      child.status,
      print(name, child.stdout),
      print(name, child.stderr),
    ]);
    return status.signal ?? `${status.code}`;
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#child?.kill(signal);
    } catch {
      // It has ended.
    }
  }
}

/** Prints the lines of a program under its name. */
async function print(name: string, output: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
  let rest = "";
  for await (const text of output.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) console.log(`${name} | ${line}`);
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PAUSE);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
