/**
 * A server program that runs for the length of one test.
 *
 * @module
 */
import { poll } from "./poll.ts";

const START_ATTEMPTS = 3;
const START_DEADLINE = 15_000;
const STOP_DEADLINE = 5_000;
const OUTPUT_LIMIT = 16_384;

/** What the command line of a server program is made from. */
export interface ServerPlace {
  /** The TCP port on 127.0.0.1 that the server has to listen on. */
  readonly port: number;
  /** An empty directory of its own, removed when the server stops. */
  readonly directory: string;
}

/** How {@link ChildServer.start} starts a program. */
export interface ChildServerOptions {
  /** The program's path. */
  readonly program: string;
  /** Gives the arguments. The program has to stay in the foreground. */
  readonly args: (place: ServerPlace) => string[];
  /** Runs before the program, to write its configuration. */
  readonly prepare?: (place: ServerPlace) => Promise<void>;
  /** The port. The default is a free one. */
  readonly port?: number;
}

/** A child process that listens on 127.0.0.1, stopped by its process id when it is disposed. */
export class ChildServer implements AsyncDisposable {
  /** The TCP port on 127.0.0.1 that the server listens on. */
  readonly port: number;
  /** The server's own directory, removed when it stops. */
  readonly directory: string;
  readonly #child: Deno.ChildProcess;
  readonly #output: Promise<void>;
  #printed = "";
  #exited = false;

  private constructor(child: Deno.ChildProcess, place: ServerPlace) {
    this.port = place.port;
    this.directory = place.directory;
    this.#child = child;
    this.#output = Promise.all([this.#collect(child.stdout), this.#collect(child.stderr)])
      .then(() => {});
    child.status.then(() => this.#exited = true);
  }

  /**
   * Starts a program and waits until it accepts connections.
   *
   * @param options The program and its arguments.
   * @returns The running server.
   * @throws {Error} When it ends or stays unreachable for 15 s, with what it printed.
   */
  static async start(options: ChildServerOptions): Promise<ChildServer> {
    for (let attempt = 1;; attempt++) {
      const server = await ChildServer.#spawn(options);
      try {
        await server.#reachable();
        return server;
      } catch (error) {
        await server.stop();
        // Another process can take a free port before the program does.
        if (options.port !== undefined || attempt === START_ATTEMPTS) throw error;
      }
    }
  }

  /** What the server has printed so far, at most the last 16 KiB. */
  get output(): string {
    return this.#printed;
  }

  /**
   * Stops the server: by a signal, `SIGTERM` unless given, and `SIGKILL` when it has not ended after 5 s.
   * A second call does nothing.
   */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    if (!this.#exited) await this.#terminate(signal);
    await this.#output;
    await removeDirectory(this.directory);
  }

  /** Lets the server hang: it keeps its connections, and does nothing. */
  hang(): void {
    this.#signal("SIGSTOP");
  }

  /** Lets it go on. */
  goOn(): void {
    this.#signal("SIGCONT");
  }

  /** Ends the server at once, by `SIGKILL`. */
  async kill(): Promise<void> {
    if (!this.#exited) {
      this.#signal("SIGKILL");
      await this.#child.status;
    }
    await this.stop();
  }

  /** Stops the server. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  static async #spawn(options: ChildServerOptions): Promise<ChildServer> {
    const place = {
      port: options.port ?? freePort(),
      directory: await Deno.makeTempDir({ prefix: "gustnado-" }),
    };
    try {
      await options.prepare?.(place);
      const command = new Deno.Command(options.program, {
        args: options.args(place),
        cwd: place.directory,
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      });
      return new ChildServer(command.spawn(), place);
    } catch (error) {
      await removeDirectory(place.directory);
      throw error;
    }
  }

  async #reachable(): Promise<void> {
    const reachable = await poll(async () => this.#exited || await accepts(this.port), {
      timeout: START_DEADLINE,
    });
    if (reachable && !this.#exited) return;
    const reason = this.#exited ? "it ended" : `it did not listen within ${START_DEADLINE} ms`;
    throw new Error(`Cannot start a server on port ${this.port}: ${reason}\n${this.#printed}`);
  }

  async #terminate(signal: Deno.Signal): Promise<void> {
    this.#signal(signal);
    const timer = setTimeout(() => this.#signal("SIGKILL"), STOP_DEADLINE);
    await this.#child.status;
    clearTimeout(timer);
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It ended by itself in the meantime, which is all that was wanted.
    }
  }

  async #collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.#printed = (this.#printed + text).slice(-OUTPUT_LIMIT);
    }
  }
}

/**
 * Finds a TCP port on 127.0.0.1 that nothing listens on at the moment.
 *
 * @returns The port.
 */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function accepts(port: number): Promise<boolean> {
  try {
    using _connection = await Deno.connect({ hostname: "127.0.0.1", port });
    return true;
  } catch {
    return false;
  }
}

async function removeDirectory(directory: string): Promise<void> {
  try {
    await Deno.remove(directory, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
