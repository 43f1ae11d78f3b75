import { isPromiseLike } from "../concurrent/coroutine/promise_like.ts";
import { sleep } from "../concurrent/coroutine/sleep.ts";
import { checkOptions, type OptionTypes } from "../checks/option_check.ts";
import type { SocketAddress, SocketListener, TlsServerOptions } from "../platform/deno/deno_net.ts";
import { logApplicationError } from "../log.ts";
import { bindSockets, type BindSocketsOptions } from "./bind_sockets.ts";
import { IOStream, type IOStreamOptions } from "./iostream/io_stream.ts";
import { StreamClosedError } from "./iostream/stream_errors.ts";
import { checkTlsServer, STREAM_OPTIONS, TLS_SERVER } from "./iostream/stream_options.ts";

/**
 * What a {@linkcode TCPServer} is made with.
 *
 * @category Sockets
 */
export interface TCPServerOptions extends IOStreamOptions {
  /** Serves TLS with this certificate. */
  readonly tls?: TlsServerOptions | undefined;
}

const SERVER_OPTIONS: OptionTypes = { ...STREAM_OPTIONS, tls: TLS_SERVER };

/** A server that can accept nothing says so at most this often, in milliseconds. */
const REPORT_INTERVAL = 10_000;

/** How long to wait, in milliseconds, when no connection can be accepted: mostly for lack of files. */
const ACCEPT_PAUSE = 100;

/**
 * A server of a protocol of your own (`tornado.tcpserver.TCPServer`): extend it and override
 * `handleStream`.
 *
 * @example
 * ```ts
 * import { IOStream, TCPServer } from "@gustnado/gustnado";
 *
 * class EchoServer extends TCPServer {
 *   override async handleStream(stream: IOStream): Promise<void> {
 *     while (true) await stream.write(await stream.readUntil("\n"));
 *   }
 * }
 *
 * await using server = new EchoServer();
 * server.listen(0, { hostname: "127.0.0.1" });
 * ```
 *
 * @category Sockets
 */
export class TCPServer implements AsyncDisposable {
  readonly #tls: TlsServerOptions | undefined;
  readonly #streamOptions: IOStreamOptions;
  readonly #accepting: Map<SocketListener, Promise<void>> = new Map();
  readonly #streams: Set<IOStream> = new Set();
  readonly #handling: Set<Promise<void>> = new Set();

  /**
   * Makes a server that does not listen yet.
   *
   * @throws {TypeError} If an option is unknown or ill-typed.
   */
  constructor(options: TCPServerOptions = {}) {
    checkOptions(options, SERVER_OPTIONS);
    checkTlsServer(options.tls);
    const { tls, ...streamOptions } = options;
    this.#tls = tls;
    this.#streamOptions = streamOptions;
  }

  /** Where the server listens. */
  get addresses(): SocketAddress[] {
    return [...this.#accepting.keys()].map((listener) => listener.address);
  }

  /**
   * The first TCP port the server listens on.
   *
   * @throws {Error} If it listens on none.
   */
  get port(): number {
    for (const address of this.addresses) if (address.transport === "tcp") return address.port;
    throw new Error("Cannot tell the port: the server does not listen on any");
  }

  /**
   * Takes one connection: override this.
   *
   * When the returned promise settles the stream is closed. An error is logged, but for a
   * `StreamClosedError`, which is how most connections end. A method that is not `async` keeps the
   * stream until it closes it.
   *
   * @param stream The connection.
   * @param address Where it comes from.
   */
  handleStream(stream: IOStream, address: SocketAddress): void | Promise<void> {
    stream.close();
    throw new Error(
      `Cannot handle a connection from ${JSON.stringify(address)}: override handleStream`,
    );
  }

  /**
   * Listens on a port. It can be called several times.
   *
   * @param port 0 for any that is free; `port` says which.
   * @param options The address to listen on. Default: every one.
   * @throws {Error} If the port is taken or not allowed.
   * @throws {TypeError | RangeError} If there is no such port, or an option is unknown or ill-typed.
   */
  listen(port: number, options: Omit<BindSocketsOptions, "tls"> = {}): void {
    const tls = this.#tls;
    this.addSockets(bindSockets(port, tls === undefined ? options : { ...options, tls }));
  }

  /** Listens on one socket that `bindSockets` or `bindUnixSocket` has made. */
  addSocket(socket: SocketListener): void {
    this.addSockets([socket]);
  }

  /** Listens on sockets that `bindSockets` or `bindUnixSocket` has made. */
  addSockets(sockets: Iterable<SocketListener>): void {
    for (const socket of sockets) this.#accepting.set(socket, this.#accept(socket));
  }

  /** Takes no more connections. Those that are open go on. A second call does nothing. */
  async stop(): Promise<void> {
    const accepting = [...this.#accepting];
    this.#accepting.clear();
    for (const [listener] of accepting) closeListener(listener);
    await Promise.all(accepting.map(([, loop]) => loop));
  }

  /** Stops, closes every connection and waits for their handlers. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    for (const stream of this.#streams) stream.close();
    await Promise.all(this.#handling);
  }

  async #accept(listener: SocketListener): Promise<void> {
    // Yields once, so that the listener is in the map when the loop looks there.
    await null;
    let reported = -Infinity;
    while (this.#accepting.has(listener)) {
      try {
        const { socket, address } = await listener.accept();
        this.#serve(new IOStream(socket, this.#streamOptions), address);
      } catch (error) {
        if (!this.#accepting.has(listener)) return;
        if (isClosed(error)) return void this.#accepting.delete(listener);
        const now = performance.now();
        if (now - reported >= REPORT_INTERVAL) {
          reported = now;
          // As a text: without a file left, the runtime panics while it makes a stack trace.
          logApplicationError("Cannot accept a connection", String(error));
        }
        await sleep(ACCEPT_PAUSE);
      }
    }
  }

  #serve(stream: IOStream, address: SocketAddress): void {
    this.#streams.add(stream);
    stream.whenClosed().then(() => this.#streams.delete(stream));
    const handling = this.#handle(stream, address).finally(() => this.#handling.delete(handling));
    this.#handling.add(handling);
  }

  async #handle(stream: IOStream, address: SocketAddress): Promise<void> {
    try {
      const handled = this.handleStream(stream, address);
      // A handler that is not async keeps the stream.
      if (!isPromiseLike(handled)) return;
      await handled;
    } catch (error) {
      if (!(error instanceof StreamClosedError)) {
        logApplicationError("Exception in the handler of a connection", error);
      }
    }
    stream.close();
  }
}

/** Closes a listener, which somebody else may have done before. */
function closeListener(listener: SocketListener): void {
  try {
    listener.close();
  } catch (error) {
    if (!isClosed(error)) throw error;
  }
}

/** Whether a listener was closed by somebody else, and so will never accept again. */
function isClosed(error: unknown): boolean {
  return error instanceof Error && error.name === "BadResource";
}
