/** A listening server. */
import type { ConnectionInfo, ListenAddress, PlatformServer } from "../platform/platform.ts";
import { generalLog, logApplicationError } from "../tools/log.ts";
import { BrokenOffError } from "./broken_off_error.ts";
import type { ServerContext, ServerOptions } from "./server_context.ts";

/** Options of `Application.listen`. */
export interface ListenOptions extends ServerOptions {
  /** The address to bind. Default `"0.0.0.0"`. */
  hostname?: string;
  /** The path of a Unix socket, in place of the port. */
  path?: string;
  /** The certificate chain in PEM form; with `key`, serves HTTPS and HTTP/2. */
  cert?: string;
  /** The private key in PEM form. */
  key?: string;
  /** Shuts the server down gracefully when it is aborted. */
  signal?: AbortSignal;
  /** Whether `SIGTERM` and `SIGINT` shut the server down gracefully. Default `true`. */
  handleSignals?: boolean;
  /** Milliseconds that a graceful shutdown by signal may take. Default 10,000. */
  graceMs?: number;
  /** Is called when the server listens. Default: logs the address. */
  onListen?: (addr: ListenAddress) => void;
}

/** How long a graceful shutdown waits, unless told otherwise. */
const DEFAULT_GRACE = 10_000;
/** How long connections that were cut may take to go. */
const CUT_GRACE = 1_000;

/**
 * A server that `Application.listen` started (`tornado.httpserver.HTTPServer`).
 *
 * It is disposable: `await using server = app.listen(0)` shuts it down at the end of the block.
 */
export class HTTPServer implements AsyncDisposable {
  /** Settles when the server has stopped, and everything that it held open is closed. */
  readonly finished: Promise<void>;

  readonly #server: PlatformServer;
  readonly #context: ServerContext;
  readonly #graceMs: number;
  readonly #release: () => void;
  #stopping: Promise<void> | undefined;
  #stopped = false;

  /**
   * Servers are made by `Application.listen`.
   *
   * @param dispatch Answers the requests.
   * @param context What they share.
   * @param port The TCP port; 0 for any.
   */
  constructor(
    dispatch: (request: Request, info: ConnectionInfo) => Response | Promise<Response>,
    context: ServerContext,
    port: number,
    options: ListenOptions,
  ) {
    const { hostname, path, cert, key, signal } = options;
    if ((cert === undefined) !== (key === undefined)) {
      throw new TypeError('Cannot listen with TLS: "cert" and "key" go together, both in PEM form');
    }
    this.#context = context;
    this.#graceMs = options.graceMs ?? DEFAULT_GRACE;
    this.#server = context.platform.serve({
      port,
      onError: answerError,
      ...(hostname === undefined ? {} : { hostname }),
      ...(path === undefined ? {} : { path }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
    }, dispatch);
    const stop = () => void this.shutdown();
    const terminate = () => void this.shutdown().then(() => this.#exitUnlessStopped());
    const ignore = options.handleSignals === false
      ? () => {}
      : context.platform.onStopSignal(terminate);
    signal?.addEventListener("abort", stop, { once: true });
    this.#release = () => {
      ignore();
      signal?.removeEventListener("abort", stop);
    };
    this.finished = this.#server.finished.then(() => this.#release());
    if (signal?.aborted) stop();
    (options.onListen ?? announce)(this.addr);
  }

  /** Where the server listens. */
  get addr(): ListenAddress {
    return this.#server.addr;
  }

  /** The TCP port; 0 for a Unix socket. */
  get port(): number {
    return this.addr.port ?? 0;
  }

  /** Takes no new connections, and settles when the last request in flight is answered. */
  stop(): Promise<void> {
    this.#context.goingAway = true;
    return this.#stopping ??= this.#server.shutdown().finally(() => this.finished)
      .finally(() => Promise.all(this.#context.finishing))
      .finally(() => this.#stopped = true);
  }

  /**
   * Shuts down gracefully: takes no new connections, lets requests in flight finish, ends event
   * streams, closes WebSockets with 1001, and when the time is over cuts what is left.
   *
   * @param options `graceMs` is how long to wait, in milliseconds. Default: the `graceMs` of
   *   `listen`, or 10,000.
   * @returns A promise that settles when everything is closed. It is the same for every call.
   */
  async shutdown(options: { graceMs?: number } = {}): Promise<void> {
    const stopped = this.stop();
    for (const connection of this.#context.connections.list()) connection.goAway();
    if (await within(stopped, options.graceMs ?? this.#graceMs)) return;
    generalLog()?.warn("Cutting connections that are open after the grace period");
    for (const connection of this.#context.connections.list()) connection.cut();
    await within(stopped, CUT_GRACE);
    // Whatever is left cannot be ended from here: the next signal ends the process.
    this.#release();
  }

  /** A process that was told to end must not be kept by a client that never reads its response. */
  #exitUnlessStopped(): void {
    if (!this.#stopped) this.#context.platform.exit(1);
  }

  /** Shuts the server down gracefully. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}

/** Whether the promise settles within `ms` milliseconds. */
async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
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
