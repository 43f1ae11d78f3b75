/** Runs an application again and again, as its modules change. */
import {
  environmentVariable,
  isInteractive,
  workingDirectory,
} from "../platform/deno/deno_program.ts";
import { detectPlatform, type Platform } from "../platform/platform.ts";
import { sourceFiles } from "../platform/source_files.ts";
import { Application } from "../web/application.ts";
import { RequestHandler } from "../web/request_handler.ts";
import { ChildApplication } from "./child_application.ts";
import type { DevCommand } from "./command_line.ts";
import { type Place, serveFailure } from "./failure_server.ts";
import { readModules } from "./modules.ts";
import { ModuleWatch } from "./module_watch.ts";

/** `SIGINT`, which a terminal sends to every process that it runs. */
const INTERRUPT = 2;
/** Milliseconds for which such a process may see to its own end. */
const OWN_END = 11_000;

/** Watches, starts and ends; see {@linkcode run}. */
export class Supervisor {
  readonly #command: DevCommand;
  readonly #platform: Platform = detectPlatform();
  /** Others on this machine do not know it, and so cannot tell anything in the application's place. */
  readonly #secret: string = crypto.randomUUID();
  readonly #stopped = Promise.withResolvers<void>();
  #stopping = false;
  #signal = 0;
  #changed: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  #place: Place | undefined;
  #modules: ReadonlySet<string> = new Set();

  /** @param command What to run, and how. */
  constructor(command: DevCommand) {
    this.#command = command;
  }

  /**
   * Runs the application until a signal ends both.
   *
   * @returns The exit code.
   */
  async run(): Promise<number> {
    const unlisten = this.#platform.onStopSignal((signal) => this.#stop(signal));
    await using link = this.#serveLink();
    const watch = this.#watch();
    try {
      while (!this.#stopping) await this.#runOnce(this.#linkTo(link.port), watch);
    } finally {
      watch.close();
      unlisten();
    }
    return 0;
  }

  /** The second signal does not wait. */
  #stop(signal: number): void {
    if (this.#stopping) return this.#platform.exit(1);
    this.#stopping = true;
    this.#signal = signal;
    this.#stopped.resolve();
  }

  async #runOnce(link: URL, watch: ModuleWatch): Promise<void> {
    const changed = this.#changed = Promise.withResolvers<void>();
    const child = new ChildApplication(this.#command, link);
    void this.#readModules(watch);
    const interrupted = Promise.race([changed.promise, this.#stopped.promise]);
    const code = await Promise.race([child.ended, interrupted.then(() => null)]);
    if (code !== null) await this.#wait(child, code, interrupted);
    else if (this.#signal === INTERRUPT && isInteractive()) await this.#awaitEnd(child);
    else await child.end();
  }

  /** The terminal has told the application, too: a second signal would make it hurry. */
  async #awaitEnd(child: ChildApplication): Promise<void> {
    const timer = setTimeout(() => void child.end(), OWN_END);
    await child.ended;
    clearTimeout(timer);
  }

  /** The application has ended by itself. */
  async #wait(child: ChildApplication, code: number, interrupted: Promise<void>): Promise<void> {
    if (this.#stopping) return;
    say(`ended with code ${code}; it starts again when a file changes`);
    const server = code === 0
      ? undefined
      : this.#serveFailure(child.lastWords || `Exit code ${code}`);
    await interrupted;
    await server?.shutdown({ graceMs: 100 });
  }

  // ---- while it does not run

  #serveFailure(message: string): ReturnType<typeof serveFailure> | undefined {
    const place = this.#place ?? this.#likelyPlace();
    if (place === undefined) return undefined;
    try {
      const server = serveFailure(message, place);
      say(`http://${urlHost(place.hostname)}:${place.port}/ shows what is wrong`);
      return server;
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** Where it may want to listen, if it never has. */
  #likelyPlace(): Place | undefined {
    const { port = Number(environmentVariable("PORT")) || this.#portInSource(), hostname } =
      this.#command;
    return port === undefined ? undefined : { port, hostname };
  }

  #portInSource(): number | undefined {
    const files = sourceFiles("running in development");
    for (const path of [this.#command.main, ...this.#modules]) {
      const bytes = files.read(path);
      const text = bytes === null ? "" : new TextDecoder().decode(bytes);
      const port = Number(/\.listen\(\s*([1-9]\d{0,4})\b/.exec(text)?.[1]);
      if (port > 0 && port < 65_536) return port;
    }
    return undefined;
  }

  // ---- what the application tells

  #serveLink(): ReturnType<Application["listen"]> {
    const onListen = (place: Place) => this.#place = place;
    const app = new Application([[`/${this.#secret}`, LinkHandler, { onListen }]], {
      logFunction: () => {},
    });
    return app.listen(0, { hostname: "127.0.0.1", handleSignals: false, onListen: () => {} });
  }

  #linkTo(port: number): URL {
    const link = new URL(`http://127.0.0.1:${port}/${this.#secret}`);
    const { poll } = this.#command;
    if (poll !== undefined) link.searchParams.set("poll", String(poll));
    return link;
  }

  // ---- what changes

  #watch(): ModuleWatch {
    const { main, watch, poll } = this.#command;
    return new ModuleWatch(this.#platform.files, {
      directory: workingDirectory(),
      main,
      watch,
      poll,
      onChange: (path) => {
        say(`${path} has changed`);
        this.#changed.resolve();
      },
    });
  }

  async #readModules(watch: ModuleWatch): Promise<void> {
    const since = Date.now();
    const modules = await readModules(this.#command.main, this.#command.flags);
    if (this.#stopping) return;
    this.#modules = modules;
    watch.update(modules, since);
  }
}

/** Takes the address of a server that the application has begun to listen with. */
class LinkHandler extends RequestHandler {
  #onListen: (place: Place) => void = () => {};

  override initialize({ onListen }: { onListen: (place: Place) => void }): void {
    this.#onListen = onListen;
  }

  override post(): void {
    const { port, hostname } = Object(this.request.json());
    if (Number.isInteger(port) && typeof hostname === "string") this.#onListen({ port, hostname });
  }
}

function urlHost(hostname: string): string {
  if (hostname === "0.0.0.0" || hostname === "::") return "localhost";
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

function say(text: string): void {
  console.error(`dev: ${text}`);
}
