/** A listening server. */
import { checkOptions, SIZE } from "../checks/option_check.ts";
import { settingOf } from "../checks/setting_table.ts";
import { callGuarded } from "../concurrent/loop/guarded_call.ts";
import { within } from "../concurrent/waiting/within.ts";
import type { ListenAddress, PlatformServeOptions } from "../platform/platform.ts";
import { generalLog, logApplicationError, logWarning } from "../log.ts";
import { BrokenOffError } from "../http/broken_off_error.ts";
import { processEnd } from "./process_end.ts";
import type { ServerContext } from "./server_context.ts";
import { LISTEN_OPTIONS, type ListenOptions } from "./settings.ts";
import { type Answer, SteadyListener } from "./steady_listener.ts";
import { logUnhandledErrors } from "./unhandled_errors.ts";

/** How long connections that were cut may take to go, and callbacks that come after them. */
const LAST_GRACE = 1_000;
/** How often a shutdown looks whether uploads have come to their end. */
const UPLOAD_POLL = 10;

/**
 * A server that `Application.listen` started (`tornado.httpserver.HTTPServer`).
 *
 * It is disposable: `await using server = app.listen(0)` shuts it down at the end of the block.
 *
 * @example
 * ```ts
 * import { Application, type HTTPServer, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Hello extends RequestHandler {
 *   override get() {
 *     this.write("Hello");
 *   }
 * }
 *
 * const app = new Application([["/", Hello]]);
 * const server: HTTPServer = app.listen(0, { hostname: "127.0.0.1", handleSignals: false });
 * const response = await fetch(`http://127.0.0.1:${server.port}/`);
 * assertEquals(await response.text(), "Hello");
 * await server.shutdown({ graceMs: 1_000 });
 * await server.finished;
 * ```
 *
 * @category Servers and runtimes
 */
export class HTTPServer implements AsyncDisposable {
  /**
   * Settles when the server has stopped, everything that it held open is closed, and, if it was the
   * application's last one, the callbacks of `Application.onShutdown` have run. It rejects only if
   * `Application.onStart` does.
   */
  readonly finished: Promise<void>;

  readonly #listener: SteadyListener;
  readonly #context: ServerContext;
  readonly #release: () => void;
  readonly #givenUp: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  /** When callbacks have to be done, once a shutdown has begun. */
  #deadline = Infinity;
  #stopping: Promise<void> | undefined;
  #refuses = false;
  /** Nothing had to be cut. */
  #clean = true;

  /**
   * Servers are made by `Application.listen`.
   *
   * @param dispatch Answers the requests.
   * @param context What they share.
   * @param port The TCP port; 0 for any.
   */
  constructor(dispatch: Answer, context: ServerContext, port: number, options: ListenOptions) {
    this.#context = context;
    // Without a file descriptor left, the runtime panics when it first has to listen to a signal.
    this.#release = this.#attend(options);
    this.#listener = this.#released(() =>
      listen(
        (request, info) => this.#refuses ? unavailable() : dispatch(request, info),
        context,
        { port, ...options },
      )
    );
    const starting = this.#released(() => this.#start(options));
    this.finished = this.#live(this.#ready(starting, options));
    // Whoever waits for it hears of it, and it was logged.
    this.finished.catch(() => {});
    if (options.signal?.aborted) void this.shutdown();
  }

  /** A server that cannot be made leaves nothing behind. */
  #released<T>(make: () => T): T {
    try {
      return make();
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  /** A server of an application that does not start is none. */
  #start(options: ListenOptions): PromiseLike<unknown> | undefined {
    try {
      const starting = this.#context.life.enter();
      if (starting === undefined) this.#announce(options);
      return starting;
    } catch (error) {
      this.#listener.shutdown();
      throw error;
    }
  }

  #announce({ onListen = announce }: ListenOptions): void {
    callGuarded(() => onListen(this.addr), "onListen");
  }

  /** Tells those that have to know of the server, until it has stopped. */
  #attend(options: ListenOptions): () => void {
    const { signal } = options;
    const handleSignals = settingOf(LISTEN_OPTIONS, options, "handleSignals");
    const { platform, logsUnhandled } = this.#context;
    const stop = () => void this.shutdown();
    signal?.addEventListener("abort", stop, { once: true });
    const endings = processEnd(platform);
    const leave = endings.add(() => this.shutdown().then(() => this.#clean), handleSignals);
    const ignore = logsUnhandled ? logUnhandledErrors(platform) : () => {};
    return () => {
      signal?.removeEventListener("abort", stop);
      leave();
      ignore();
    };
  }

  /** Waits for the application to start; without it the server ends, and the process if it may. */
  async #ready(
    starting: PromiseLike<unknown> | undefined,
    options: ListenOptions,
  ): Promise<{ readonly error: unknown } | undefined> {
    if (starting === undefined) return undefined;
    try {
      await starting;
    } catch (error) {
      logApplicationError("Cannot start the application: onStart() failed", error);
      this.#clean = false;
      if (options.handleSignals === false) void this.shutdown();
      else void processEnd(this.#context.platform).end(1);
      return { error };
    }
    if (!this.#context.goingAway) this.#announce(options);
    return undefined;
  }

  async #live(ready: Promise<{ readonly error: unknown } | undefined>): Promise<void> {
    await Promise.race([this.#listener.finished, this.#givenUp.promise]);
    // Handlers may still do something after their response.
    if (!await this.#context.finished(this.#timeLeft())) this.#clean = false;
    // The application may still be starting.
    await within(ready, this.#timeLeft());
    if (!await this.#context.life.leave(this.#timeLeft())) this.#clean = false;
    this.#release();
    const failure = await Promise.race([ready, undefined]);
    if (failure !== undefined) throw failure.error;
  }

  #timeLeft(): number {
    const { graceMs } = this.#context;
    const left = this.#deadline - performance.now();
    return this.#deadline === Infinity ? graceMs : Math.max(LAST_GRACE, left);
  }

  /** Where the server listens. */
  get addr(): ListenAddress {
    return this.#listener.addr;
  }

  /** The TCP port; 0 for a Unix socket. */
  get port(): number {
    return this.addr.port ?? 0;
  }

  /** Takes no new connections, and settles when the last request in flight is answered. */
  stop(): Promise<void> {
    return this.#stopping ??= this.#stop();
  }

  async #stop(): Promise<void> {
    this.#context.goingAway = true;
    await this.#received();
    this.#listener.shutdown();
    await this.finished.catch(() => {});
  }

  /**
   * The runtime breaks uploads off when it stops: until they have come to their end it goes on, and new
   * requests are answered with 503.
   */
  async #received(): Promise<void> {
    const { openWork } = this.#context;
    const receiving = () => openWork.list().some((work) => work.receiving === true);
    while (receiving()) {
      this.#refuses = true;
      await new Promise((resolve) => setTimeout(resolve, UPLOAD_POLL));
    }
  }

  /**
   * Shuts down gracefully: takes no new connections, lets requests in flight finish and reads uploads
   * to their end, ends event streams, closes WebSockets with 1001, and when the time is over cuts what
   * is left. After the application's last server the callbacks of `Application.onShutdown` run.
   *
   * @param options `graceMs` is how long to wait, in milliseconds. Default: the `graceMs` of
   *   `listen`, or 10,000. Of several calls, the one counts that is over first.
   * @returns A promise that settles when everything is closed, at the latest a second after `graceMs`.
   * @throws {TypeError} If an option is unknown or ill-typed.
   */
  async shutdown(options: { graceMs?: number } = {}): Promise<void> {
    checkOptions(options, SHUTDOWN_OPTIONS, "option of shutdown()");
    const graceMs = options.graceMs ?? this.#context.graceMs;
    this.#deadline = Math.min(this.#deadline, performance.now() + graceMs);
    const stopped = this.stop();
    for (const work of this.#context.openWork.list()) work.goAway();
    if (!await within(this.#listener.finished, graceMs)) await this.#cut();
    await stopped;
  }

  async #cut(): Promise<void> {
    if (this.#clean) logWarning("Cutting connections that are open after the grace period");
    this.#clean = false;
    for (const work of this.#context.openWork.list()) work.cut();
    await within(this.#listener.finished, LAST_GRACE);
    // Whatever is left cannot be ended from here.
    this.#givenUp.resolve();
  }

  /** Shuts the server down gracefully. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}

const SHUTDOWN_OPTIONS = { graceMs: SIZE };

/** @throws {TypeError} If a certificate or a key stands alone. */
function listen(
  answer: Answer,
  { platform }: ServerContext,
  options: ListenOptions & { readonly port: number },
): SteadyListener {
  const { port, hostname, path, cert, key } = options;
  if ((cert === undefined) !== (key === undefined)) {
    throw new TypeError('Cannot listen with TLS: "cert" and "key" go together, both in PEM form');
  }
  const place: PlatformServeOptions = {
    port,
    onError: answerError,
    ...(hostname === undefined ? {} : { hostname }),
    ...(path === undefined ? {} : { path }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
  return new SteadyListener((answer, former) => {
    const again = former === undefined ? {} : { port: former.port ?? 0, replace: true };
    return platform.serve({ ...place, ...again }, answer);
  }, answer);
}

function unavailable(): Response {
  return new Response("Service Unavailable", { status: 503 });
}

/** Errors in the middle of a streamed response come here too, and were logged before. */
function answerError(error: unknown): Response {
  if (!(error instanceof BrokenOffError)) logApplicationError("Cannot send a response", error);
  return new Response("Internal Server Error", { status: 500 });
}

function announce(addr: ListenAddress): void {
  const { hostname, port, path } = addr;
  generalLog()?.info("Listening on {address}", { address: path ?? `${hostname}:${port}` });
}
