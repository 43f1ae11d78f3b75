/** Programs of Deno that this one runs. */

/** What {@linkcode runDeno} needs to know. */
export interface DenoProgramOptions {
  /** Its command line. */
  readonly args: readonly string[];
  /** Variables that it has beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Takes what it writes to standard error. Without one that goes to the terminal. */
  readonly onError?: (piece: Uint8Array) => void;
}

/** A program that runs. */
export interface DenoProgram {
  /** Settles with its exit code when it has ended and all that it wrote is there. */
  readonly ended: Promise<number>;
  /** Asks it to end, or with `force` ends it. Does nothing when it has ended. */
  stop(options?: { readonly force?: boolean }): void;
}

/** Runs a program. It shares the terminal. */
export function runDeno({ args, env = {}, onError }: DenoProgramOptions): DenoProgram {
  const stderr = onError === undefined ? "inherit" : "piped";
  const child = new Deno.Command(Deno.execPath(), { args: [...args], env, stderr }).spawn();
  const read = onError === undefined ? undefined : readAll(child.stderr, onError);
  return {
    ended: Promise.all([child.status, read]).then(([{ code }]) => code),
    stop: ({ force = false } = {}) => kill(child, force ? "SIGKILL" : "SIGTERM"),
  };
}

/**
 * Runs a program to its end.
 *
 * @returns What it has written to standard output, or `null` if it failed.
 */
export async function outputOfDeno(args: readonly string[]): Promise<string | null> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], stderr: "null" });
  const { success, stdout } = await command.output();
  return success ? new TextDecoder().decode(stdout) : null;
}

/** What a program has written and ended with. */
export interface DenoOutcome {
  /** Its exit code; `null` if it had to be ended because its time was over. */
  readonly code: number | null;
  /** What it wrote to standard output. */
  readonly output: string;
  /** What it wrote to standard error. */
  readonly errors: string;
}

/**
 * Runs a program to its end, without a terminal and without colours.
 *
 * @param options `timeout` in milliseconds; without one it takes as long as it takes. `signal` ends it
 *   before.
 */
export async function outcomeOfDeno(
  args: readonly string[],
  options: { readonly cwd: string; readonly timeout?: number; readonly signal?: AbortSignal },
): Promise<DenoOutcome> {
  const { cwd, timeout, signal } = options;
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let late = false;
  const timer = timeout === undefined ? undefined : setTimeout(() => {
    late = true;
    kill(child, "SIGKILL");
  }, timeout);
  const end = () => kill(child, "SIGKILL");
  signal?.addEventListener("abort", end);
  const texts = [child.stdout, child.stderr].map((stream) => new PipedText(stream));
  const { code } = await child.status;
  signal?.removeEventListener("abort", end);
  clearTimeout(timer);
  const [output = "", errors = ""] = await Promise.all(texts.map((text) => text.end()));
  return { code: late ? null : code, output, errors };
}

/** Milliseconds between two looks, and how many of them without anything new are enough. */
const [LOOK, IDLE_LOOKS] = [100, 5];

/** What a program writes. */
class PipedText {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #all: Promise<void>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
    this.#all = this.#read();
  }

  /**
   * The text, when the program has ended. Another one that it has started may still hold the pipe: after
   * a while without anything new it is let go.
   */
  async end(): Promise<string> {
    let [length, idle] = [-1, 0];
    const timer = setInterval(() => {
      idle = this.#text.length === length ? idle + 1 : 0;
      length = this.#text.length;
      if (idle === IDLE_LOOKS) void this.#reader.cancel();
    }, LOOK);
    await this.#all;
    clearInterval(timer);
    return this.#text + this.#decoder.decode();
  }

  async #read(): Promise<void> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return;
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }
}

/** A variable of the environment. */
export function environmentVariable(name: string): string | undefined {
  return Deno.env.get(name);
}

/** Writes to standard error. */
export function writeToStandardError(piece: Uint8Array): void {
  let rest = piece;
  while (rest.length > 0) rest = rest.subarray(Deno.stderr.writeSync(rest));
}

/** Whether standard error is a terminal that shows colours. */
export function showsColors(): boolean {
  return writesToTerminal() && !Deno.noColor;
}

/** Whether the standard error is a terminal. */
export function writesToTerminal(): boolean {
  return Deno.stderr.isTerminal();
}

/** Whether somebody sits before the program, whose terminal tells each of its processes of Ctrl-C. */
export function isInteractive(): boolean {
  return Deno.stdin.isTerminal();
}

/** The directory that the program was started in. */
export function workingDirectory(): string {
  return Deno.cwd();
}

async function readAll(
  stream: ReadableStream<Uint8Array>,
  onPiece: (piece: Uint8Array) => void,
): Promise<void> {
  for await (const piece of stream) onPiece(piece);
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended.
  }
}
