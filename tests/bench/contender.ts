/** A server under load, as a process of its own. */

/** How to start a contender for one row; the last number of the first line that it prints is its port. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Variables that it has beside those of the benchmark. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A running contender. */
export class Contender implements AsyncDisposable {
  readonly port: number;
  readonly #child: Deno.ChildProcess;
  readonly #output: ReadableStreamDefaultReader<string>;

  private constructor(
    child: Deno.ChildProcess,
    output: ReadableStreamDefaultReader<string>,
    port: number,
  ) {
    this.#child = child;
    this.#output = output;
    this.port = port;
  }

  /** Starts it, and waits for its port: 20 seconds at most. */
  static async start({ program, args, env }: Command): Promise<Contender> {
    const child = new Deno.Command(program, {
      args: [...args],
      ...env !== undefined && { env: { ...env } },
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const deadline = setTimeout(() => child.kill("SIGKILL"), 20_000);
    let text = "";
    while (!text.includes("\n")) {
      const { value, done } = await output.read();
      if (done) throw new Error(`Cannot start ${program} ${args.join(" ")}: it ended`);
      text += value;
    }
    clearTimeout(deadline);
    return new Contender(child, output, Number(/(\d+)\D*\n/.exec(text)?.[1]));
  }

  /** Nanoseconds that its threads, and those of its children, have run. Linux only. */
  cpu(): number {
    return family(this.#child.pid).reduce((sum, pid) => sum + threadTime(pid), 0);
  }

  /** Bytes of memory in use. Linux only. */
  memory(): number {
    return family(this.#child.pid).reduce((sum, pid) => {
      const status = Deno.readTextFileSync(`/proc/${pid}/status`);
      return sum + Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
    }, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    const deadline = setTimeout(() => this.#child.kill("SIGKILL"), 2_000);
    await this.#child.status;
    clearTimeout(deadline);
    await this.#output.cancel();
  }
}

/** A port that is free by now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function threadTime(pid: number): number {
  let time = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    try {
      time += Number(Deno.readTextFileSync(`/proc/${pid}/task/${name}/schedstat`).split(" ")[0]);
    } catch {
      // A thread that has just ended.
    }
  }
  return time;
}

/** The process and its children: nginx works in one, as do start scripts. */
function family(pid: number): number[] {
  const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim();
  return [pid, ...children === "" ? [] : children.split(" ").map(Number)];
}
