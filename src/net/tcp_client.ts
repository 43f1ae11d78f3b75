import { shown } from "../checks/shown.ts";
import {
  checkWaitOptions,
  WAIT_OPTIONS,
  type WaitOptions,
} from "../concurrent/waiting/wait_options.ts";
import { checkWholeNumber } from "../checks/number_check.ts";
import { checkOptions, type OptionTypes } from "../checks/option_check.ts";
import {
  connectTcp,
  connectUnix,
  type StreamSocket,
  type TlsClientOptions,
} from "../platform/deno/deno_net.ts";
import { IOStream, type IOStreamOptions } from "./iostream/io_stream.ts";
import { STREAM_OPTIONS, TLS_CLIENT_OPTIONS } from "./iostream/stream_options.ts";
import { WaitLimit } from "./iostream/wait_limit.ts";

const CONNECT_UNIX_OPTIONS: OptionTypes = { ...STREAM_OPTIONS, ...WAIT_OPTIONS };

const CONNECT_OPTIONS: OptionTypes = {
  ...CONNECT_UNIX_OPTIONS,
  tls: {
    name: "a boolean or an object",
    test: (value) => typeof value === "boolean" || typeof value === "object" && value !== null,
  },
};

/**
 * How {@linkcode TCPClient.connectUnix} connects.
 *
 * @category Sockets
 */
export interface ConnectUnixOptions extends IOStreamOptions, WaitOptions {}

/**
 * How {@linkcode TCPClient.connect} connects.
 *
 * @category Sockets
 */
export interface ConnectOptions extends IOStreamOptions, WaitOptions {
  /** Speaks TLS: `true`, or whom to trust. Default: `false`. */
  readonly tls?: boolean | TlsClientOptions | undefined;
}

/**
 * Opens connections (`tornado.tcpclient.TCPClient`).
 *
 * @example
 * ```ts
 * import { TCPClient } from "@gustnado/gustnado";
 * import { assertRejects } from "@std/assert";
 *
 * // Nobody listens on the port of a listener that was closed.
 * const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * listener.close();
 * await assertRejects(
 *   () => new TCPClient().connect("127.0.0.1", listener.addr.port, { timeout: 5_000 }),
 * );
 * ```
 *
 * @category Sockets
 */
export class TCPClient {
  /**
   * Connects to a port. A name is looked up, and its IPv6 and IPv4 addresses are tried side by side.
   *
   * @param host A name or an address.
   * @param port The port.
   * @param options TLS, limits of the stream, and how long to wait for all of it together.
   * @throws {TimeoutError} If the timeout passed first.
   * @throws {TypeError | RangeError} If there is no such port, or an option is unknown or ill-typed.
   * @throws {Error} Of the runtime, such as `Deno.errors.ConnectionRefused`.
   */
  async connect(host: string, port: number, options: ConnectOptions = {}): Promise<IOStream> {
    checkAddress(host, port);
    checkWaitOptions(options, CONNECT_OPTIONS);
    const { tls = false } = options;
    if (typeof tls === "object") checkOptions(tls, TLS_CLIENT_OPTIONS, "option of tls");
    const started = performance.now();
    const stream = new IOStream(await openTcp(host, port, options), limitsOf(options));
    if (tls === false) return stream;
    try {
      return await stream.startTls(host, {
        ...(tls === true ? {} : tls),
        signal: options.signal,
        timeout: remaining(options.timeout, started),
      });
    } catch (error) {
      stream.close(error);
      throw error;
    }
  }

  /**
   * Connects to a Unix domain socket.
   *
   * @param path Where the socket is.
   * @param options Limits of the stream, and how long to wait.
   * @throws {TimeoutError} If the timeout passed first.
   * @throws {TypeError} If the path is none, or an option is unknown or ill-typed.
   */
  async connectUnix(path: string, options: ConnectUnixOptions = {}): Promise<IOStream> {
    if (typeof path !== "string" || path === "") {
      throw new TypeError(`Cannot connect to ${shown(path)}: it must be the path of a socket`);
    }
    checkWaitOptions(options, CONNECT_UNIX_OPTIONS);
    using limit = new WaitLimit(options, `connect to ${path}`);
    const connecting = connectUnix(path);
    try {
      return new IOStream(await limit.race(connecting), limitsOf(options));
    } catch (error) {
      // A connection that comes too late must not stay open.
      connecting.then((socket) => socket[Symbol.dispose](), () => {});
      throw error;
    }
  }
}

function checkAddress(host: string, port: number): void {
  if (typeof host !== "string" || host === "") {
    throw new TypeError(
      `Cannot connect to the host ${shown(host)}: it must be a name or an address`,
    );
  }
  checkWholeNumber(`Cannot connect to ${host} on port`, port, { least: 1, most: 65_535 });
}

function limitsOf(options: ConnectUnixOptions): IOStreamOptions {
  const { maxBufferSize, maxWriteBufferSize, chunkSize } = options;
  return { maxBufferSize, maxWriteBufferSize, chunkSize };
}

async function openTcp(host: string, port: number, options: ConnectOptions): Promise<StreamSocket> {
  using limit = new WaitLimit(options, `connect to ${host}:${port}`);
  const abort = new AbortController();
  const connecting = connectTcp(host, port, abort.signal);
  try {
    return await limit.race(connecting);
  } catch (error) {
    abort.abort(error);
    // The connection may have been made in the meantime. It is over soon: the runtime heeds the abort.
    await connecting.then((socket) => socket[Symbol.dispose](), () => {});
    throw error;
  }
}

/** What is left of a timeout; at least a moment, for what is ready. */
function remaining(timeout: number | undefined, started: number): number | undefined {
  if (timeout === undefined) return undefined;
  return Math.max(1, timeout - (performance.now() - started));
}
