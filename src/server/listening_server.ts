/** A listening server, from its first request to the end of what it held open. */
import { checkOptions, settingOf, SIZE } from "../checks/option_check.ts";
import { whenSettled, within } from "../concurrent/coroutine/promise_like.ts";
import { callGuarded } from "../concurrent/loop/guarded_call.ts";
import type { ListenAddress, PlatformServeOptions } from "../platform/platform.ts";
import { generalLog, isEnabled, logApplicationError, logWarning } from "../log.ts";
import { BrokenOffError, logUnhandledErrors } from "./unhandled_errors.ts";
import { leaveLife } from "./application_life.ts";
import { processEnd } from "./process_end.ts";
import { HTTPServer } from "./http_server.ts";
import { finishWork, type ServerContext } from "./server_context.ts";
import { LISTEN_OPTIONS, type ListenOptions } from "./settings.ts";
import { type Answer, SteadyListener } from "./steady_listener.ts";

/** How long connections that were cut may take to go, and callbacks that come after them. */
const LAST_GRACE = 1_000;
/** How often a shutdown looks whether uploads have come to their end. */
const UPLOAD_POLL = 10;
/** Milliseconds that close frames get to leave: two turns of the loop. */
const GOODBYE = 5;

/** What every {@linkcode HTTPServer} is in truth. */
export class ListeningServer extends HTTPServer {
  override readonly finished: Promise<void>;

  readonly #listener: SteadyListener;
  readonly #context: ServerContext;
  readonly #release: () => void;
  readonly #givenUp: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  /** When callbacks have to be done, once a shutdown has begun. */
  #deadline = Infinity;
  #stopping: Promise<void> | undefined;
  #refuses = false;
  #draining = false;
  /** Nothing had to be cut. */
  #clean = true;

  /**
   * @param dispatch Answers the requests.
   * @param context What they share.
   * @param port The TCP port; 0 for any.
   */
  constructor(dispatch: Answer, context: ServerContext, port: number, options: ListenOptions) {
    super();
    this.#context = context;
    // Without a file descriptor left, the runtime panics when it first has to listen to a signal.
    this.#release = this.#attend(options);
    this.#listener = this.#released(() =>
      listen(
        (request, info) => {
          if (this.#refuses) return unavailable();
          const answer = dispatch(request, info);
          return this.#draining ? whenSettled(answer, lastAnswer) as Promise<Response> : answer;
        },
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

  #announce({ onListen, cert }: ListenOptions): void {
    if (onListen !== undefined) return void callGuarded(() => onListen(this.addr), "onListen");
    const log = generalLog();
    if (!isEnabled(log, "info")) return;
    const [url, ...others] = urlsOf(this.addr, {
      scheme: cert === undefined ? "http" : "https",
      others: () => this.#context.platform.localAddresses(),
    });
    log.info(`Listening on {url}${others.length > 0 ? " (also {others})" : ""}`, {
      url,
      ...(others.length > 0 ? { others: others.join(", ") } : {}),
    });
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
    if (!await finishWork(this.#context, this.#timeLeft())) this.#clean = false;
    // The application may still be starting.
    await within(ready, this.#timeLeft());
    if (!await leaveLife(this.#context.life, this.#timeLeft())) this.#clean = false;
    this.#release();
    const failure = await Promise.race([ready, undefined]);
    if (failure !== undefined) throw failure.error;
  }

  #timeLeft(): number {
    const { graceMs } = this.#context;
    const left = this.#deadline - performance.now();
    return this.#deadline === Infinity ? graceMs : Math.max(LAST_GRACE, left);
  }

  override get addr(): ListenAddress {
    return this.#listener.addr;
  }

  override stop(): Promise<void> {
    return this.#stopping ??= this.#stop();
  }

  async #stop(): Promise<void> {
    this.#context.goingAway = true;
    await this.#received();
    // The runtime closes WebSockets by itself when it stops, and would overtake what they are told.
    if (this.#context.openWork.size > 0) await pause(GOODBYE);
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
      await pause(UPLOAD_POLL);
    }
  }

  /** Who sends meanwhile is served, and told to connect elsewhere. */
  async #drain(ms: number): Promise<void> {
    if (!this.#draining) this.#listener.withdraw();
    this.#draining = true;
    await within(this.finished, ms);
  }

  override async shutdown(options: { graceMs?: number } = {}): Promise<void> {
    checkOptions(options, SHUTDOWN_OPTIONS, "option of shutdown()");
    const graceMs = options.graceMs ?? this.#context.graceMs;
    this.#deadline = Math.min(this.#deadline, performance.now() + graceMs);
    const drainMs = Math.min(this.#context.drainMs, graceMs);
    if (drainMs > 0) await this.#drain(drainMs);
    const stopped = this.stop();
    for (const work of this.#context.openWork.list()) work.goAway();
    if (!await within(this.#listener.finished, graceMs - drainMs)) await this.#cut();
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
}

const SHUTDOWN_OPTIONS = { graceMs: SIZE };

/** @throws {TypeError} If a certificate or a key stands alone. */
function listen(
  answer: Answer,
  { platform, maxMessageSize }: ServerContext,
  options: ListenOptions & { readonly port: number },
): SteadyListener {
  const { port, hostname, path, cert, key } = options;
  if ((cert === undefined) !== (key === undefined)) {
    throw new TypeError('Cannot listen with TLS: "cert" and "key" go together, both in PEM form');
  }
  const place: PlatformServeOptions = {
    port,
    maxMessageSize,
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

/**
 * Tells the other side that nothing more is answered on this connection (RFC 9112 §9.6). It is the one
 * that closes it: the runtime does not.
 */
function lastAnswer(response: Response): Response {
  if (response.status === 101) return response;
  try {
    response.headers.set("Connection", "close");
  } catch {
    // A response that cannot be changed is one that the application made by itself.
  }
  return response;
}

/** Errors in the middle of a streamed response come here too, and were logged before. */
function answerError(error: unknown): Response {
  if (!(error instanceof BrokenOffError)) logApplicationError("Cannot send a response", error);
  return new Response("Internal Server Error", { status: 500 });
}

/** More addresses than a line can hold belong to the networks of containers. */
const MAX_OTHERS = 3;

/** What can be clicked: a server on all addresses is reached by that of this machine, too. */
function urlsOf(
  { hostname = "", port, path }: ListenAddress,
  { scheme, others }: { readonly scheme: string; readonly others: () => readonly string[] },
): string[] {
  if (path !== undefined) return [`unix:${path}`];
  const isAll = hostname === "0.0.0.0" || hostname === "::";
  const names = isAll
    ? ["localhost", ...others().filter(isForOthers).slice(0, MAX_OTHERS)]
    : [hostname];
  const implied = scheme === "https" ? 443 : 80;
  return names.map((name) => {
    const host = name.includes(":") ? `[${name}]` : name;
    return `${scheme}://${host}${port === implied ? "" : `:${port}`}/`;
  });
}

/**
 * Whether others reach a machine under an IPv4 address of it: not 127.0.0.0/8, which each has, nor
 * 169.254.0.0/16, which a link has made up (RFC 3927).
 */
function isForOthers(address: string): boolean {
  return !/^(127|169\.254)\./.test(address);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
