/**
 * A NATS server with JetStream that a test may kill, and brokers of it.
 *
 * @module
 */
import { NatsBroker } from "../../src/topics/nats/nats_broker.ts";
import type { NatsOptions } from "../../src/topics/nats/nats_options.ts";
import { ChildServer, freePort } from "./child_server.ts";
import { requireProgram } from "./services.ts";

/** How {@link NatsEngine.start} starts the server. */
export interface NatsEngineOptions {
  /** Lines of its configuration. Default: messages of up to 8 MB. */
  readonly config?: string;
  /** Whether it has JetStream. Default `true`. */
  readonly jetStream?: boolean;
}

/** A server whose streams outlive it, on a port that stays the same. */
export class NatsEngine implements AsyncDisposable {
  /** Its port on 127.0.0.1. */
  readonly port: number = freePort();
  readonly #options: NatsEngineOptions;
  readonly #directory: string;
  #server: ChildServer | null = null;

  private constructor(options: NatsEngineOptions, directory: string) {
    this.#options = options;
    this.#directory = directory;
  }

  /** Starts one without any stream. */
  static async start(options: NatsEngineOptions = {}): Promise<NatsEngine> {
    const engine = new NatsEngine(options, await Deno.makeTempDir({ prefix: "gustnado-" }));
    await engine.restart();
    return engine;
  }

  /** A broker of it, not open. */
  broker(options: NatsOptions = {}): NatsBroker {
    return new NatsBroker({ servers: `127.0.0.1:${this.port}`, ...options });
  }

  /** Starts the server again, with the streams that it had. */
  async restart(): Promise<void> {
    this.#server = await ChildServer.start({
      program: requireProgram("nats-server"),
      port: this.port,
      args: ({ directory }) => ["-c", `${directory}/nats.conf`],
      prepare: ({ directory }) => Deno.writeTextFile(`${directory}/nats.conf`, this.#config()),
    });
  }

  /** Ends the server at once, as a power cut of its process. */
  async kill(): Promise<void> {
    await this.#server?.kill();
    this.#server = null;
  }

  /** Lets the server hang. */
  hang(): void {
    this.#server?.hang();
  }

  /** Lets it go on. */
  goOn(): void {
    this.#server?.goOn();
  }

  /** Ends the server, and forgets its streams. */
  async forget(): Promise<void> {
    await this.kill();
    await Deno.remove(this.#directory, { recursive: true });
  }

  /** Ends the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.stop();
    await Deno.remove(this.#directory, { recursive: true }).catch(() => {});
  }

  #config(): string {
    const { jetStream = true, config = "max_payload: 8MB" } = this.#options;
    const store = jetStream ? `jetstream { store_dir: "${this.#directory}" }` : "";
    return `host: 127.0.0.1\nport: ${this.port}\n${store}\n${config}\n`;
  }
}
