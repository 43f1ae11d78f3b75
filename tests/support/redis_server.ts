/**
 * A Redis server of one test, which can be killed and comes back with what it has on its disk.
 *
 * @module
 */
import { type ChildServer, freePort } from "./child_server.ts";
import { startRedis } from "./services.ts";

/** How {@link RedisServer.start} starts it. */
export interface RedisServerOptions {
  /** More arguments, which win over the others. */
  readonly args?: readonly string[];
}

/** A Redis server with an append-only file, unless told otherwise. */
export class RedisServer implements AsyncDisposable {
  /** The port on 127.0.0.1, the same after each restart. */
  readonly port: number;
  /** Where its data and its `pid` file are. */
  readonly directory: string;
  readonly #args: readonly string[];
  #server: ChildServer | null = null;

  private constructor(port: number, directory: string, args: readonly string[]) {
    this.port = port;
    this.directory = directory;
    this.#args = args;
  }

  /** Starts one, to be bound with `await using`. */
  static async start({ args = [] }: RedisServerOptions = {}): Promise<RedisServer> {
    const directory = await Deno.makeTempDir({ prefix: "gustnado-" });
    const server = new RedisServer(freePort(), directory, args);
    await server.restart();
    return server;
  }

  /** Its address, without credentials. */
  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Ends it at once: `SIGKILL`. */
  async kill(): Promise<void> {
    const pid = Number(await Deno.readTextFile(`${this.directory}/pid`));
    Deno.kill(pid, "SIGKILL");
    await this.stop();
  }

  /** Ends it in order: `SIGTERM`. */
  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = null;
  }

  /** Starts it again. */
  async restart(): Promise<void> {
    const { directory, port } = this;
    const args = ["--dir", directory, "--pidfile", `${directory}/pid`, "--appendonly", "yes"];
    this.#server = await startRedis({ port, args: [...args, ...this.#args] });
  }

  /** Ends it, and removes its data. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.directory, { recursive: true });
  }
}
